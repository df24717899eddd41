"""American spelling: the British words our texts are likely to hold, and what to write instead."""

import re
from itertools import groupby

# The beginning of a word, or all of it, and how it is written in America.
_BRITISH_WORDS = {
    "tumour": "tumor", "leukaemia": "leukemia", "oesophag": "esophag", "haemat": "hemat", "haemo": "hemo",
    "haemorrh": "hemorrh", "anaemi": "anemi", "diarrhoea": "diarrhea", "paediatr": "pediatr", "oedema": "edema",
    "colour": "color", "behaviour": "behavior", "fibre": "fiber", "litre": "liter", "metre": "meter",
    "programme": "program", "favour": "favor", "labour": "labor", "neighbour": "neighbor", "odour": "odor",
    "humour": "humor", "vapour": "vapor", "ageing": "aging", "grey": "gray", "whilst": "while",
    "anaesth": "anesth", "gynaecolog": "gynecolog", "orthopaed": "orthoped", "foetus": "fetus", "foetal": "fetal",
    "coeliac": "celiac", "ischaemi": "ischemi", "faeces": "feces", "faecal": "fecal", "hypoglycaemi": "hypoglycemi",
    "hyperglycaemi": "hyperglycemi",
    "neutropaeni": "neutropeni", "thrombocytopaeni": "thrombocytopeni", "bacteraemi": "bacteremi",
    "septicaemi": "septicemi", "hypoxaemi": "hypoxemi", "uraemi": "uremi", "travelled": "traveled",
    "travelling": "traveling", "traveller": "traveler", "labelled": "labeled", "labelling": "labeling",
    "counsell": "counsel", "cancelled": "canceled", "fulfil ": "fulfill ", "enrol ": "enroll ",
    "enrolment": "enrollment",
    "per cent": "percent", "sulph": "sulf", "mould": "mold", "catheteris": "catheteriz", "licence": "license",
    "practise": "practice", "organis": "organiz", "recognis": "recogniz", "hospitalis": "hospitaliz",
    "immunis": "immuniz", "minimis": "minimiz", "specialis": "specializ", "stabilis": "stabiliz",
    "neutralis": "neutraliz", "authoris": "authoriz", "apologis": "apologiz",
    "realis": "realiz", "summaris": "summariz", "localis": "localiz", "personalis": "personaliz",
    "randomis": "randomiz", "sterilis": "steriliz", "generalis": "generaliz", "normalis": "normaliz",
    "sensitis": "sensitiz", "emphasis": "emphasiz", "prioritis": "prioritiz", "analyse": "analyze",
    "paralyse": "paralyze", "judgement": "judgment", "learnt": "learned", "orientated": "oriented",
    "aluminium": "aluminum", "manoeuv": "maneuv", "pretence": "pretense", "defence": "defense",
}  # fmt: skip
# The same letters in words that are spelled so in America as well.
_NOT_BRITISH = r"specialist|emphasis\b|realis[tm]|organism|generalist|minimis[tm]|greyhound|localist"
# By first letter, or each would be tried at the beginning of every word. Small letters only: a search that
# ignores case takes four times as long.
_BY_LETTER = {
    letter: "|".join(word[1:] for word in sorted(group, key=len, reverse=True))
    for letter, group in groupby(sorted(_BRITISH_WORDS), key=lambda word: word[0])
}
_BRITISH = re.compile(
    rf"\b(?=[{''.join(_BY_LETTER)}])(?!{_NOT_BRITISH})"
    rf"(?:{'|'.join(f'{letter}(?:{rest})' for letter, rest in _BY_LETTER.items())})\w*"
)
_IN_AMERICA = [(british.strip(), written.strip()) for british, written in _BRITISH_WORDS.items()] + [
    ("centre", "center")
]
_CENTRE = re.compile(r"\bcentres?\b")  # a "Centre" is a name


def british_word(text: str) -> str:
    """A British word of a text, in small letters, or an empty text."""
    found = _BRITISH.search(text.lower()) or _CENTRE.search(text)
    return found[0] if found else ""


def american(word: str) -> str:
    """How to write it."""
    lower = word.lower()
    for british, written in _IN_AMERICA:
        if british in lower:
            return lower.replace(british, written)
    return word
