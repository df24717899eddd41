"""What patients type is kept as they typed it, or refused with words that say what to do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

import phonenumbers
import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from immuno_site.consultations.characters import for_people
from immuno_site.consultations.fields import EmailField, LineField, PhoneField, WordsField
from immuno_site.consultations.phone import dialable, digits_it_may_have, phone_digits, tel_address
from immuno_site.consultations.urgent_words import ALSO_ORDINARY, STEMS, sounds_urgent
from tests.consultations.honest_questions import QUESTIONS
from tests.stocks import REAL

WORDS = WordsField(max_length=20_000)
LINE = LineField(max_length=200)


def refusal(field: object, value: str) -> str:
    with pytest.raises(ValidationError) as caught:
        field.clean(value)
    return caught.value.messages[0]


@given(
    st.text(
        st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufffd"), min_size=1
    )
)
def test_words_round_trip(text: str) -> None:
    if for_people(text, keeps_lines=True):
        assert WORDS.clean(text) == text.strip()


@pytest.mark.corpus("F9")
@pytest.mark.parametrize(
    "text", ["כאבים מאז הטיפול", "ألم بعد العلاج", "Боль после лечения", "治疗后疼痛", "e\u0301 \u00e9"]
)
def test_f9_every_script_stays_as_it_is(text: str) -> None:
    assert WORDS.clean(text) == text
    assert LINE.clean(text) == text


@pytest.mark.corpus("F5")
def test_f5_twenty_thousand_emoji_fit() -> None:
    story = "🧬" * 20_000
    assert WORDS.clean(story) == story


@pytest.mark.corpus("F4")
def test_f4_one_character_too_many_says_how_many() -> None:
    assert "20001" in refusal(WORDS, "x" * 20_001)


@pytest.mark.corpus("F3")
def test_f3_name_of_201_characters_is_refused() -> None:
    assert "201" in refusal(LINE, "x" * 201)


@pytest.mark.corpus("F6")
@pytest.mark.parametrize("field", [WORDS, LINE, EmailField(), PhoneField()])
def test_f6_nul_does_no_harm(field: object) -> None:
    """It comes along from a PDF, and nobody could find and delete it."""
    typed = {EmailField: "a\x00b@example.org", PhoneField: "+1 555\x00 010 0000"}.get(type(field), "a\x00b")
    assert field.clean(typed) == typed.replace("\x00", "")


@pytest.mark.parametrize("field", [WORDS, LINE])
@pytest.mark.parametrize("typed", ["\u200b", " \u200e\u00ad ", "\x02", "\u3164", "\u2800\ufe0f"])
def test_nothing_but_invisible_letters_is_nothing(field: object, typed: str) -> None:
    assert "required" in refusal(field, typed)


def test_tab_in_a_line_is_a_space_and_stays_in_a_table() -> None:
    assert LINE.clean("Anna\tB") == "Anna B"
    assert WORDS.clean("PD-L1\t50%") == "PD-L1\t50%"


@pytest.mark.corpus("F7")
def test_f7_what_is_no_text_is_refused() -> None:
    for character in (chr(0xD800), chr(0xFFFD)):  # a lone surrogate; what a decoder makes of wrong bytes
        assert "could not be read" in refusal(WORDS, f"a{character}b")


@pytest.mark.corpus("F8")
def test_f8_override_of_direction_is_kept() -> None:
    assert LINE.clean("Anna \u202egro.live") == "Anna \u202egro.live"


def test_line_breaks_of_word_processors_become_line_breaks() -> None:
    assert WORDS.clean("a\r\nb\rc\x0bd\u2028e") == "a\nb\nc\nd\ne"


@pytest.mark.corpus("F15")
@pytest.mark.parametrize(
    "text", ["Anna\r\nBcc: x@example.org", "Anna\nX: y", "a@example.org\r\nBcc:b@example.org"]
)
def test_f15_line_break_in_a_line_is_refused(text: str) -> None:
    for field in (LINE, EmailField()):
        refusal(field, text)


def test_browser_cuts_nothing_off() -> None:
    """maxlength counts UTF-16 units and shortens pasted text in silence."""
    assert "maxlength" not in WORDS.widget.attrs
    assert "maxlength" not in LINE.widget.attrs


# --- E-mail -------------------------------------------------------------------------------------------------


@pytest.mark.corpus("F10")
@pytest.mark.parametrize(
    "typed",
    [
        "an\u200bna@example.org",  # zero width
        "anna@exam\u200bple.org",
        "аnna@example.org",  # Cyrillic a
        "anna@exаmple.org",
        "anna@\u202eexample.org",
    ],
)
def test_f10_invisible_and_look_alike_letters_are_refused(typed: str) -> None:
    assert "name@example.com" in refusal(EmailField(), typed)


def test_f10_wide_letters_are_made_plain() -> None:
    assert EmailField().clean("ａnna@example.org") == "anna@example.org"


@pytest.mark.corpus("F11")
@pytest.mark.parametrize("typed", ["a@b", "a@[127.0.0.1]", "a@127.0.0.1", "a", "@", "a@", "a b@example.org"])
def test_f11_addresses_without_a_mailbox_are_refused(typed: str) -> None:
    assert "name@example.com" in refusal(EmailField(), typed)


@pytest.mark.corpus("F11")
def test_f11_international_domain_is_written_as_mail_servers_write_it() -> None:
    assert EmailField().clean("anna@bücher.example") == "anna@xn--bcher-kva.example"
    assert EmailField().clean("Anna@Example.ORG") == "Anna@example.org"


def test_email_longer_than_any_mailbox_is_refused() -> None:
    refusal(EmailField(), f"{'a' * 250}@example.org")


# --- Phone --------------------------------------------------------------------------------------------------


@pytest.mark.corpus("F12")
@pytest.mark.parametrize("typed", ["call me", "+1 555 CALL", "12345", "1" * 16, "+ ", "++1 555 010 0000"])
def test_f12_phone_that_cannot_be_dialed_is_refused(typed: str) -> None:
    assert "country code" in refusal(PhoneField(), typed)


def _examples() -> Iterator[tuple[str, phonenumbers.PhoneNumber]]:
    for country in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
            if number := phonenumbers.example_number_for_type(country, kind):
                yield country, number


def test_numbers_of_all_countries_are_dialed_the_same_from_both_ways_of_writing() -> None:
    national, international = (
        phonenumbers.PhoneNumberFormat.NATIONAL,
        phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    )
    for country, number in _examples():
        dialed = dialable(phonenumbers.format_number(number, international))
        assert dialable(dialed) == dialed
        at_home = phonenumbers.format_number(number, national)
        assert dialable(at_home, country) == dialed
        assert phone_digits(dialed) in digits_it_may_have(at_home, [country])


def test_phone_digits_are_the_same_for_two_ways_of_writing() -> None:
    assert phone_digits("050-123 45 67") == phone_digits("(050)1234567")
    assert phone_digits("+972 3 555 0102 ext. 7") == phone_digits("+972-3-5550102")


def test_extension_is_dialed_after_the_number() -> None:
    assert tel_address("+972 3 555 0102 ext. 7") == "tel:+97235550102;ext=7"


# --- Words that cannot wait ---------------------------------------------------------------------------------


@pytest.mark.stock
@pytest.mark.parametrize(
    "text",
    [
        "I am Short  of\nbreath since today",
        "He can’t breathe",
        "יש לי קוֹצר נשימה",
        "عندي ضيق في التنفس",
        "Мне ТРУДНО ДЫШАТЬ",
    ],
)
def test_urgent_words_are_found(text: str) -> None:
    assert sounds_urgent("", text, lay_words=LAY_WORDS)


LAY_WORDS = [
    words
    for path in (REAL / "signs").glob("*.toml")
    for sign in tomllib.loads(path.read_text(encoding="utf-8"))["sign"]
    if sign["urgency"].get("other") == "emergency"
    for words in sign["lay"]
]


# One of each sign that is an emergency in the list of signs, as people write it.
URGENT = {
    "en": (
        "There is pressure on chest and arm", "my legs are like jelly", "he is not making sense", "cant breathe",
        "My temperature is 38.4 since noon", "102 fever", "I have chills", "I can't stop shaking",
        "his eyes are yellow", "my face is swollen", "Swelling in the throat", "my eyelid droops",
        "I see double", "so weak, and vomiting all night", "we cannot wake him", "black stool",
        "she has not peed, no urine", "it keeps bleeding", "blisters on my arms",
        "very thirsty", "I can't keep anything down", "slurred speech",
        "I want to hurt myself",
    ),
    "he": (
        "יש לי חום 38.5", "צמרמורת חזקה", "העיניים צהובות", "הפנים נפוחות", "העפעף צונח", "ראייה כפולה",
        "חולשה קשה עם הקאות", "הוא לא מתעורר", "צואה שחורה", "אין שתן מהבוקר", "דימום שלא נעצר", "שלפוחיות בעור",
        "צמא מאוד", "חשד לשבץ",
    ),
    "ar": (
        "درجة الحرارة 38.5", "الحرارة ٣٩", "قشعريرة شديدة", "اصفرار العينين", "تورم في الوجه", "تدلي الجفن",
        "رؤية مزدوجة", "ضعف شديد مع قيء", "لا يستيقظ", "براز أسود", "لا يوجد بول", "نزيف لا يتوقف", "فقاعات على الجلد",
        "عطش شديد", "سكتة دماغية",
    ),
    "ru": (
        "Температура 38,5", "сильный озноб", "желтые глаза", "отек лица", "опустилось веко", "двоится в глазах",
        "слабость и рвота", "не могу разбудить", "чёрный стул", "нет мочи", "кровотечение", "волдыри на коже",
        "сильная жажда", "похоже на инсульт",
    ),
}  # fmt: skip


@pytest.mark.stock
@pytest.mark.parametrize("text", [text for texts in URGENT.values() for text in texts])
def test_each_emergency_puts_a_request_on_top(text: str) -> None:
    assert sounds_urgent(text, lay_words=LAY_WORDS)


@pytest.mark.stock
@pytest.mark.parametrize(
    "text",
    [
        "No fever, temperature 37.2, dose 38 on 3 May",
        "I am 40 and had a fever last year",
        "Throat cancer, stage 3",
        "סרטן שלפוחית השתן",
        "ورم في الحلق",
        "опухоль горла, температура нормальная",
    ],
)
def test_words_that_only_look_urgent(text: str) -> None:
    assert not sounds_urgent(text, lay_words=LAY_WORDS)


@pytest.mark.stock
def test_ordinary_question_is_not_urgent() -> None:
    ordinary = ["Is pembrolizumab an option for my mother?", "", "תודה", "Спасибо", "شكرا"]
    assert not sounds_urgent(*ordinary, lay_words=LAY_WORDS)


@pytest.mark.stock
def test_honest_questions_are_no_more_urgent_than_they_say() -> None:
    urgent = [question for question in QUESTIONS if sounds_urgent(question, lay_words=LAY_WORDS)]
    assert [question for question in urgent if not re.search("URGENT|СРОЧНО", question)] == []


@pytest.mark.stock
def test_words_of_the_list_that_mean_something_else_as_often_are_left_out() -> None:
    assert set(LAY_WORDS) >= ALSO_ORDINARY
    assert not any(sounds_urgent(words, lay_words=LAY_WORDS) for words in ALSO_ORDINARY)


def test_urgent_words_are_found_in_each_language() -> None:
    assert all(sounds_urgent(stem) for stems in STEMS.values() for stem in stems)
