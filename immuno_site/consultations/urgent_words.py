"""Words that put a request on top of the queue. They inform a person's judgement; they decide nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

from content.models import LayWords, Sign, TreatmentGroup

# Stems of what is an emergency, so that forms of a word are found too: in English beside the lay words of the list of
# signs, in other languages instead of them. Rather one request too many on top than one too few.
STEMS = {
    "en": (
        "emergency", "urgent", "ambulance", "dying", "end my life", "high fever", "fever after",
        "can not breathe", "difficulty breathing", "pain in my chest", "confus", "paraly", "severe diarrh",
        "bloody diarrh", "blood in my stool", "suicid", "chills", "shaking", "shiver", "droop", "see double",
        "cannot wake", "can't wake", "won't wake", "tarry", "cannot urinate", "bleeding", "blister", "peeling skin",
        "skin is peeling", "great thirst", "very thirsty", "keep anything down", "keep fluids down",
        "keep my tablets down", "slurred", "hallucinat", "numb between", "hurting myself",
    ),
    "he": (
        "קוצר נשימה", "קשה לנשום", "קושי בנשימה", "לא נושם", "לא מצליח לנשום", "לא מצליחה לנשום", "כאב בחזה",
        "כאבים בחזה", "בלבול", "מבולבל", "התעלף", "התעלפ", "עילפון", "פרכוס", "שיתוק", "שלשול קשה", "שלשול דמי",
        "דם בצואה", "מקיא דם", "מקיאה דם", "משתעל דם", "משתעלת דם", "חום גבוה", "להתאבד", "אובדני", "רוצה למות",
        "חירום", "דחוף", "אמבולנס", "גוסס",
        "צמרמורת", "רועד", "רעידות", "צהבת", "עפעף", "עפעפ", "ראייה כפולה", "ראיה כפולה", "רואה כפול",
        "לא מתעורר", "לא מצליחים להעיר", "קשה להעיר", "לא מגיב", "צואה שחורה", "יציאות שחורות", "אין שתן",
        "לא משתין", "לא מצליח להשתין", "לא מצליחה להשתין", "דימום", "מדמם", "שלפוחיות", "מתקלף",
        "צמא מאוד", "צמאה מאוד", "צמא גדול", "צימאון", "מקיא הכל", "מקיאה הכל", "שבץ", "קושי בבליעה",
        "איבוד ראייה", "דופק מהיר", "דפיקות לב", "הזיות", "לפגוע בעצמי",
    ),
    "ar": (
        "ضيق تنفس", "ضيق في التنفس", "صعوبة في التنفس", "لا أستطيع التنفس", "ألم في الصدر", "آلام في الصدر",
        "ارتباك", "إغماء", "اغماء", "أغمي", "تشنج", "شلل", "إسهال شديد", "اسهال شديد", "إسهال دموي", "دم في البراز",
        "تقيؤ دم", "سعال دم", "حمى شديدة", "حرارة عالية", "انتحار", "أريد أن أموت", "طوارئ", "عاجل", "إسعاف",
        "يحتضر",
        "قشعريرة", "رعشة", "ارتعاش", "أرتجف", "يرتجف", "ترتجف", "يرقان", "اصفرار", "الجفن", "رؤية مزدوجة",
        "ازدواج الرؤية", "لا يستيقظ", "لا تستيقظ", "لا يستجيب", "لا تستجيب", "براز أسود", "البراز أسود",
        "براز اسود", "لا يوجد بول", "لا يتبول", "لا أتبول", "لا تتبول", "احتباس البول", "نزيف", "ينزف",
        "أنزف", "فقاعات", "تقشر الجلد", "عطش شديد", "سكتة", "صعوبة في البلع", "فقدان البصر", "خفقان",
        "هلوسة", "إيذاء نفسي",
    ),
    "ru": (
        "одышк", "трудно дышать", "не могу дышать", "не может дышать", "задыха", "боль в груди", "боли в груди",
        "спутанн", "обморок", "потерял сознание", "потеряла сознание", "без сознания", "судорог", "паралич",
        "сильный понос", "сильная диаре", "кровавый понос", "кровь в стуле", "кровь в кале", "рвота с кровью",
        "рвота кровью", "кашель с кровью", "высокая температура", "самоубий", "покончить с собой", "хочу умереть",
        "срочно", "скорую", "скорая помощь", "умирает", "умираю",
        "озноб", "знобит", "трясет", "трясёт", "желтух", "пожелтел", "желтизн", "опустилось веко",
        "опустились веки", "опущение век", "двоится", "двоение", "не могу разбудить", "не можем разбудить",
        "не просыпается", "не реагирует", "черный стул", "чёрный стул", "черный кал", "чёрный кал",
        "дегтеобраз", "нет мочи", "не мочится", "не могу помочиться", "не может помочиться",
        "задержка мочи", "кровотеч", "волдыр", "пузыри на коже", "слезает кожа", "кожа слезает", "жажда",
        "жажду", "инсульт", "трудно глотать", "потеря зрения", "сердцебиени", "галлюцинац",
        "причинить себе вред",
    ),
}  # fmt: skip


# Urgent when words of both kinds stand close together.
TOGETHER = {
    "en": (
        (("eye", "skin"), ("yellow",)),
        (("face", "throat", "lip", "tongue"), ("swollen", "swell")),
        (("weak", "exhausted", "tired"), ("vomit", "throwing up", "faint", "dizzy when")),
        (("thirst",), ("vomit", "urine", "peeing")),
        (("fever", "temperature"), ("chemo", "car-t", "car t", "t cells", "t-cells", "bispecific", "tebentafusp")),
    ),
    "he": (
        (("עיניים", "עור"), ("צהוב",)),
        (("פנים", "גרון", "לשון", "שפתיים"), ("נפוח", "נפיחות", "התנפח")),
        (("חולש", "חלש"), ("הקא", "מקיא")),
        (("חום",), ("כימותרפיה", "כימו", "car-t", "תאי t")),
    ),
    "ar": (
        (("عين", "عيون", "جلد"), ("أصفر", "صفراء", "صفراوان")),
        (("وجه", "حلق", "لسان", "شفة", "شفاه"), ("تورم", "متورم", "انتفاخ", "انتفخ")),
        (("ضعف", "ضعيف", "وهن"), ("قيء", "تقيؤ", "أتقيأ", "يتقيأ", "تتقيأ", "استفراغ")),
        (("حمى", "حرارة"), ("كيماوي", "كيميائي", "car-t")),
    ),
    "ru": (
        (("глаз", "кож"), ("желт", "жёлт")),
        (("лиц", "горл", "губ", "язык"), ("отек", "отёк", "опухло", "опухла", "опухли", "распух")),
        (("слаб",), ("рвот", "рвет", "рвёт")),
        (("температур", "лихорад"), ("химиотерап", "химии", "car-t")),
    ),
}  # fmt: skip

# What a temperature is called, and figures that are a fever in °C or °F.
TEMPERATURE = ("fever", "temp", "חום", "حرارة", "حمى", "سخونة", "температур")
_HIGH = r"(?<!\d)(?:3[89]|4[01]|100\.[4-9]|10[1-6]|٣[٨٩]|٤[٠١])(?!\d)"


# Lay words of signs that say something else just as often: "which treatment fits", "double-blind", "no fever".
ALSO_ORDINARY = frozenset({
    "accidents", "allergic reaction", "angina", "blind", "can't read", "can't see", "can't speak",
    "can't talk", "can't write", "coordination", "dark spot", "feint", "fever", "fevers", "fit", "fits",
    "ketones", "light hurts", "lost for words", "low blood pressure", "not real", "out of it", "pacing",
    "puffing", "temperature", "went down", "wild", "winded", "wrong words",
})  # fmt: skip


def sounds_urgent(*texts: str, lay_words: Iterable[str] = ()) -> bool:
    """Does somebody write of what cannot wait for a reply? All languages at once: people mix them.

    `lay_words` are those of the signs that are an emergency for everybody.
    """
    told = [_plain(text) for text in texts]
    patterns = (_any_stem(), _any_phrase(tuple(lay_words)))
    return any(pattern.search(text) for pattern in patterns for text in told)


def lay_words_of_emergencies() -> list[str]:
    """In English, from the list of signs."""
    of_everybody = {"levels__group": TreatmentGroup.OTHER, "levels__level": Sign.Level.EMERGENCY}
    rows = LayWords.objects.filter(language="en", signs__in=Sign.objects.approved().filter(**of_everybody))
    return sorted({words for lay in rows.values_list("words", flat=True) for words in lay})


@lru_cache(maxsize=2)
def _any_phrase(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """As whole words; many leave the apostrophe out."""
    told = [re.escape(_plain(phrase)).replace("'", "'?") for phrase in phrases if phrase not in ALSO_ORDINARY]
    return re.compile(rf"(?<!\w)(?:{'|'.join(told)})(?!\w)") if told else re.compile(r"(?!)")


@cache
def _any_stem() -> re.Pattern[str]:
    stems = [_either(stems) for stems in STEMS.values()]
    pairs = [
        form
        for pairs in TOGETHER.values()
        for one, other in pairs
        for form in (f"{_either(one)}.{{0,40}}{_either(other)}", f"{_either(other)}.{{0,40}}{_either(one)}")
    ]
    fever = [rf"{_either(TEMPERATURE)}[^\d٠-٩]{{0,20}}{_HIGH}", rf"{_HIGH}.{{0,5}}{_either(TEMPERATURE)}"]
    return re.compile("|".join((*stems, *pairs, *fever)))


def _either(stems: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(re.escape(_plain(stem)) for stem in stems)})"


def _plain(text: str) -> str:
    """Small letters, one kind of apostrophe and space, no vowel points."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    return re.sub(r"\s+", " ", "".join(c for c in text if unicodedata.category(c) not in ("Mn", "Cf")))
