"""One address for each public template, and for each state in which it looks different."""

PUBLIC = [
    "/",
    "/guide/",
    "/guide/types/",
    "/israel/",
    "/contact/",
    "/cancers/",
    "/cancers/melanoma/",
    "/cancers/bladder-cancer/",
    "/therapies/",
    "/therapies/checkpoint-inhibitors/",
    "/therapies/car-t-cell-therapy/",
    "/drugs/",
    "/drugs/pembrolizumab/",
    "/side-effects/",
    "/side-effects/lung-inflammation/",
    "/biomarkers/",
    "/biomarkers/pd-l1/",
    "/centers/",
    "/centers/sheba-medical-center/",
    "/questions/",
    "/updates/",
    "/glossary/",
    "/search/",
    "/search/?q=rash",
    "/search/?q=xyzzyx",
    "/drugs/pembrolizumap/",
    "/made-up/",
]

# Only in English, whatever tests/browser/hebrew.py translates.
UNTRANSLATED = "/he/drugs/nivolumab/"

# What tests/browser/hebrew.py translates, and a CMS page that it does not.
HEBREW = [
    *(f"/he{address}" for address in PUBLIC if "?" not in address),
    "/he/search/?q=אא",
    "/he/search/?q=xyzzyx",
    "/he/privacy/",
    UNTRANSLATED,
]
