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

# Every template once more, in the rows that tests/browser/hebrew.py translates.
HEBREW = [
    "/he/",
    "/he/guide/types/",
    "/he/cancers/",
    "/he/cancers/bladder-cancer/",
    "/he/therapies/",
    "/he/therapies/car-t-cell-therapy/",
    "/he/drugs/",
    "/he/drugs/pembrolizumab/",
    "/he/side-effects/",
    "/he/side-effects/lung-inflammation/",
    "/he/biomarkers/pd-l1/",
    "/he/centers/sheba-medical-center/",
    "/he/questions/",
    "/he/updates/",
    "/he/glossary/",
    "/he/search/",
    "/he/search/?q=אא",
    "/he/search/?q=xyzzyx",
    "/he/made-up/",
    "/he/privacy/",
    UNTRANSLATED,
]
