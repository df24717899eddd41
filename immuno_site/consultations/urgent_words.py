"""Words that put a request on top of the queue. They inform a person's judgement; they decide nothing."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# Stems, so that forms of a word are found too. Rather one request too many on top than one too few.
STEMS = {
    "en": (
        "can't breathe", "cannot breathe", "can not breathe", "short of breath", "shortness of breath",
        "breathless", "trouble breathing", "difficulty breathing", "chest pain", "pain in my chest", "confus",
        "faint", "passed out", "unconscious", "seizure", "paraly", "severe diarrh", "bloody diarrh",
        "blood in my stool", "blood in the stool", "vomiting blood", "coughing blood", "coughing up blood",
        "high fever", "fever after", "stiff neck", "suicid", "kill myself", "end my life", "want to die",
        "emergency", "urgent", "ambulance", "dying",
    ),
    "he": (
        "קוצר נשימה", "קשה לנשום", "קושי בנשימה", "לא נושם", "לא מצליח לנשום", "לא מצליחה לנשום", "כאב בחזה",
        "כאבים בחזה", "בלבול", "מבולבל", "התעלף", "התעלפ", "עילפון", "פרכוס", "שיתוק", "שלשול קשה", "שלשול דמי",
        "דם בצואה", "מקיא דם", "מקיאה דם", "משתעל דם", "משתעלת דם", "חום גבוה", "להתאבד", "אובדני", "רוצה למות",
        "חירום", "דחוף", "אמבולנס", "גוסס",
    ),
    "ar": (
        "ضيق تنفس", "ضيق في التنفس", "صعوبة في التنفس", "لا أستطيع التنفس", "ألم في الصدر", "آلام في الصدر",
        "ارتباك", "إغماء", "اغماء", "أغمي", "تشنج", "شلل", "إسهال شديد", "اسهال شديد", "إسهال دموي", "دم في البراز",
        "تقيؤ دم", "سعال دم", "حمى شديدة", "حرارة عالية", "انتحار", "أريد أن أموت", "طوارئ", "عاجل", "إسعاف",
        "يحتضر",
    ),
    "ru": (
        "одышк", "трудно дышать", "не могу дышать", "не может дышать", "задыха", "боль в груди", "боли в груди",
        "спутанн", "обморок", "потерял сознание", "потеряла сознание", "без сознания", "судорог", "паралич",
        "сильный понос", "сильная диаре", "кровавый понос", "кровь в стуле", "кровь в кале", "рвота с кровью",
        "рвота кровью", "кашель с кровью", "высокая температура", "самоубий", "покончить с собой", "хочу умереть",
        "срочно", "скорую", "скорая помощь", "умирает", "умираю",
    ),
}  # fmt: skip


def sounds_urgent(*texts: str) -> bool:
    """Does somebody write of what cannot wait for a reply? All languages at once: people mix them."""
    return any(_any_stem().search(_plain(text)) for text in texts)


@cache
def _any_stem() -> re.Pattern[str]:
    return re.compile("|".join(re.escape(_plain(stem)) for stems in STEMS.values() for stem in stems))


def _plain(text: str) -> str:
    """Small letters, one kind of apostrophe and space, no vowel points."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    return re.sub(r"\s+", " ", "".join(c for c in text if unicodedata.category(c) not in ("Mn", "Cf")))
