"""What a coordinator says when a request sounds urgent, in the patient's own language. Read out, not thought up."""

from __future__ import annotations

from content.emergency import Dial

# Kept here and not among the translations: a half translated catalog must never leave this in English.
SCRIPTS = {
    "en": (
        "This needs your emergency service today. Please do not wait for our reply.",
        "Call your local emergency number now, or go to the nearest emergency department.",
        "Tell them that you had immunotherapy, and which medicine.",
    ),
    "he": (
        "המצב הזה דורש טיפול בשירותי חירום עוד היום. נא לא לחכות לתשובה שלנו.",
        "יש להתקשר עכשיו למספר החירום המקומי, או לגשת לחדר המיון הקרוב.",
        "יש לומר לצוות שקיבלת אימונותרפיה, ואיזו תרופה.",
    ),
    "ar": (
        "هذه الحالة تحتاج إلى خدمة الطوارئ اليوم. من فضلك لا تنتظر ردّنا.",
        "اتصل الآن برقم الطوارئ المحلي، أو اذهب إلى أقرب قسم طوارئ.",
        "أخبرهم أنك تلقيت علاجًا مناعيًا، واذكر اسم الدواء.",
    ),
    "ru": (
        "Вам нужна экстренная медицинская помощь сегодня же. Пожалуйста, не ждите нашего ответа.",
        "Позвоните сейчас же по местному номеру экстренной помощи или поезжайте в ближайшее приёмное отделение.",
        "Скажите врачам, что вы получали иммунотерапию, и назовите препарат.",
    ),
}


def safety_script(language: str, dials: list[Dial]) -> dict[str, object]:
    """The words in the patient's language, the same in English for the coordinator, and the numbers."""
    language = language if language in SCRIPTS else "en"
    return {
        "language": language,
        "sentences": SCRIPTS[language],
        "english": () if language == "en" else SCRIPTS["en"],
        "numbers": [f"{dial.number} ({dial.place})" if dial.place else dial.words for dial in dials],
    }
