"""One address for each public template, and for each state in which it looks different."""

from tests.addresses import LIBRARY

# In every library, tests/library included.
PUBLIC = [
    *LIBRARY,
    "/",
    "/guide/",
    "/guide/types/",
    "/israel/",
    "/contact/",
    "/cancers/mesothelioma/",  # holds facts alone in tests/library
    "/records/?cancer=melanoma",
    "/decision/",
    "/offline/",
    "/find/",
    "/find/?cancer=melanoma",
    "/find/?cancer=melanoma&show=uses",
    "/compare/",
    "/compare/?drug=nivolumab&drug=pembrolizumab",
    "/symptoms/",
    "/symptoms/?treatment=pembrolizumab",
    "/search/?q=xyzzyx",
    "/drugs/pembrolizumap/",
    "/made-up/",
]

# In the real library alone: the longest pages, the other drawings, a short one.
LONG = [
    "/cancers/lymphoma/", "/cancers/bladder-cancer/", "/therapies/checkpoint-inhibitors/",
    "/therapies/car-t-cell-therapy/", "/cancers/small-intestine-cancer/",
]  # fmt: skip

# Addresses of the real library that stand on paper.
PRINTED = [
    "/cancers/",
    "/cancers/melanoma/",
    "/therapies/",
    "/therapies/checkpoint-inhibitors/",
    "/drugs/",
    "/drugs/pembrolizumab/",
    "/side-effects/",
    "/side-effects/diarrhea-and-colitis/",
    "/side-effects/skin-rash-and-itching/",
    "/biomarkers/",
    "/biomarkers/pd-l1/",
    "/centers/",
    "/centers/hadassah-medical-center/",
    "/questions/",
    "/updates/",
    "/glossary/",
    "/search/",
    "/search/?q=rash",
    "/search/?q=rash&kind=drug",
    "/api/v1/docs",
    "/api/v1/drugs/",
    "/api/v1/drugs/pembrolizumab/",
    "/api/v1/openapi.json",
    "/sitemap.xml",
    "/robots.txt",
    "/healthz",
    "/readyz",
    "/metrics",
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
