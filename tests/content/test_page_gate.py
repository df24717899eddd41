"""Each rule of the page gate: a text that passes, and texts that do not."""

import dataclasses
import datetime

import pytest
from django.conf import settings

from content.models import Section
from content.rules import page_gate, parts, words
from content.rules.entry_text import EntryText, Finding, Known
from content.rules.sign_list import KnownSign, SignList

TODAY = datetime.date(2026, 11, 22)
SECTIONS = (
    Section("how_given", "How it is given"),
    Section("benefit", "What it can do"),
    Section("indications", "Approved uses", built=True),
    Section("questions", "Questions to ask", cited=False),
)
KNOWN = Known(
    sections=SECTIONS,
    sources={"fda-keytruda-label", "nci-pembrolizumab"},
    links={"drug": {"pembrolizumab"}, "side-effect": {"fever"}},
    names=frozenset({"pembrolizumab"}),
    today=TODAY,
)
HEAD = {
    "name": "Pembrolizumab",
    "summary": "A medicine that helps your immune system see the cancer.",
    "checked_on": TODAY,
    "next_check_due": datetime.date(2027, 5, 22),
}
GOOD = {
    "key_message": "This medicine can wake your immune system. Call your team if you feel ill.",
    "how_given": "You get it through a drip. It takes 30 minutes [@fda-keytruda-label].",
    "benefit": "Of 100 people, 33 lived for 5 years. Of 100 people, 17 had a severe side effect [@fda-keytruda-label].",
    "questions": "- How many of 100 people does it help?\n- What can I hope for?",
}
ACT = {
    "act_emergency": ["New trouble breathing [@fda-keytruda-label]"],
    "act_same_day": ["A cough [@nci-pembrolizumab]"],
    "act_next_visit": [],
}


def entry(
    kind: str = "drug", language: str = "en", head: dict[str, object] | None = None, **sections: str
) -> EntryText:
    return EntryText(
        kind=kind,
        slug="pembrolizumab",
        language=language,
        sections=GOOD | sections,
        lists=ACT,
        head=HEAD | (head or {}),
        where="drugs/pembrolizumab.md",
        line_of=lambda name: 10,
    )


def found(text: EntryText, known: Known = KNOWN, level: str = "block") -> list[tuple[str, int]]:
    return [
        (finding.rule, finding.line) for finding in page_gate.check(text, known) if finding.level == level
    ]


def rules(text: EntryText, known: Known = KNOWN, level: str = "block") -> set[str]:
    return {rule for rule, _line in found(text, known, level)}


def test_good_entry_passes():
    assert page_gate.check(entry(), KNOWN) == []


def test_finding_says_where_and_what_to_do():
    (finding,) = page_gate.check(
        entry(how_given="You get a drip [@fda-keytruda-label].\n\nIt lasts 30 minutes."), KNOWN
    )
    assert finding == Finding(
        "numbers-cited",
        "block",
        "drugs/pembrolizumab.md",
        12,
        "Cite the source of '30 minutes' in the same paragraph or list item.",
        "how_given",
    )


@pytest.mark.parametrize("name", ["key_message", "how_given", "benefit", "questions"])
def test_every_section_is_written(name: str):
    assert "sections-present" in rules(entry(**{name: " \n"}))


def test_built_section_need_not_be_written():
    assert "indications" not in GOOD


def test_key_message_is_short():
    assert "key-message-short" in rules(entry(key_message="It helps you. " * 14))
    assert "key-message-short" not in rules(entry(key_message="You can call. " * 13 + "Now."))


@pytest.mark.parametrize(
    "summary", ["One thing. Two things.", "word " * 26, "It helps [@fda-keytruda-label]."]
)
def test_summary_is_one_short_sentence(summary: str):
    assert "summary-short" in rules(entry(head={"summary": summary}))


@pytest.mark.parametrize(
    ("kind", "urgency", "act", "level"),
    [
        ("side-effect", "emergency", {"act_same_day": ["x [@a]"]}, "block"),
        ("side-effect", "routine", {}, "block"),
    ],
)
def test_urgent_signs_are_named(kind: str, urgency: str | None, act: dict[str, list[str]], level: str):
    text = EntryText(kind, "x", lists=act, head={"urgency": urgency})
    assert [one.level for one in page_gate.check(text, KNOWN, rules=[parts.urgent_signs_present])] == [level]


@pytest.mark.parametrize("kind", ["cancer", "drug", "therapy"])
def test_urgent_signs_are_not_asked_of_what_has_them_from_the_list(kind: str):
    assert page_gate.check(EntryText(kind, "x"), KNOWN, rules=[parts.urgent_signs_present]) == []


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ({"urgency": "emergency"}, ["urgent-signs-present"]),
        ({"urgency": "emergency", "signs": ["chest-pain"]}, []),
        ({"urgency": "same_day", "signs": ["chest-pain"]}, ["urgent-signs-present"]),
        ({"urgency": "emergency", "signs": ["chest-pain", "made-up"]}, ["signs-known"]),
    ],
)
def test_side_effect_names_signs_of_the_list(head: dict[str, object], found: list[str]):
    listed = SignList((KnownSign("chest-pain", "heart", urgency=(("bcg", "emergency"),)),))
    text = EntryText("side-effect", "x", head=head)
    known = dataclasses.replace(KNOWN, signs=listed)
    rules = [parts.urgent_signs_present, parts.signs_known]
    assert [finding.rule for finding in page_gate.check(text, known, rules=rules)] == found


@pytest.mark.parametrize(
    ("kind", "checked", "due", "level"),
    [
        ("drug", "2026-11-22", "2027-05-24", None),
        ("drug", "2026-11-22", "2027-05-26", "block"),
        ("cancer", "2026-11-22", "2027-11-22", None),
        ("cancer", "2026-11-22", "2027-11-25", "block"),
        ("cancer", "2026-11-22", "2026-11-22", "block"),
        ("cancer", "2026-11-23", "2027-11-22", "block"),
        ("cancer", "2026-01-01", "2026-11-01", "warn"),
    ],
)
def test_dates(kind: str, checked: str, due: str, level: str | None):
    head = {
        "checked_on": datetime.date.fromisoformat(checked),
        "next_check_due": datetime.date.fromisoformat(due),
    }
    levels = [
        one.level for one in page_gate.check(entry(kind, head=head), KNOWN, rules=[parts.dates_in_order])
    ]
    assert levels == ([level] if level else [])


@pytest.mark.parametrize(
    "text",
    [
        "A drip [@made-up].",
        "A drip [@FDA label] [@fda-keytruda-label].",
        "[@fda-keytruda-label, nci-pembrolizumab]",
        "A drip [@fda-keytruda-label]. It is long [nci-pembrolizumab].",
    ],
)
def test_citations_are_known(text: str):
    assert "citations-known" in rules(entry(how_given=text))


def test_leaflets_are_sources():
    assert "citations-known" in rules(entry(head={"leaflets": ["fda-keytruda-label", "made-up"]}))
    assert "citations-known" not in rules(entry(head={"leaflets": ["fda-keytruda-label"]}))


def test_section_with_claims_needs_a_citation():
    assert "citations-present" in rules(entry(how_given="You get it through a drip."))


def test_paragraph_without_a_citation_is_a_warning():
    claim = "The drip runs into a vein, and a nurse looks after you all the time you are there."
    text = entry(how_given=f"A drip [@fda-keytruda-label].\n\n{claim}")
    assert ("citations-present", 12) in found(text, level="warn")
    assert rules(text) == set()


def test_advice_to_ask_needs_no_citation():
    text = entry(
        how_given="A drip [@fda-keytruda-label].\n\nAsk your team how long it takes and who will look after you there."
    )
    assert page_gate.check(text, KNOWN) == []


def test_sign_needs_a_citation():
    text = EntryText("drug", "x", lists=ACT | {"act_emergency": ["Chest pain"]})
    assert "citations-present" in rules(text)


@pytest.mark.parametrize(
    "number",
    [
        "It takes 30 minutes.", "In 3.4% of cases.", "It helps 1 in 10 people.", "One of five people.",
        "Of 9, 20 percent.", "Every 3 weeks.", "For 3 to 6 weeks.", "At 38 °C.", "A 6-week course.",
        "We asked 945 people.", "Take 200 mg.",
    ],
)  # fmt: skip
def test_number_needs_a_citation(number: str):
    assert "numbers-cited" in rules(entry(how_given=f"A drip [@fda-keytruda-label].\n\n{number}"))
    assert "numbers-cited" not in rules(entry(how_given=f"A drip. {number} [@fda-keytruda-label]"))


@pytest.mark.parametrize(
    "text",
    [
        "PD-1 and CD19.",
        "Call 112 or 911.",
        "Stage 3.",
        "You get 2 medicines.",
        "How many of 100 people?",
        "Ask for both, of 100 people.",
    ],
)
def test_number_without_a_claim(text: str):
    assert "numbers-cited" not in rules(entry(how_given=f"A drip [@fda-keytruda-label].\n\n{text}"))


def test_table_may_be_cited_in_the_line_above_it():
    table = "| a | b |\n|---|---|\n| x | 52% |"
    assert "numbers-cited" not in rules(entry(how_given=f"So it is [@fda-keytruda-label]:\n\n{table}"))
    assert "numbers-cited" in rules(entry(how_given=f"A drip [@fda-keytruda-label].\n\nSo it is:\n\n{table}"))


@pytest.mark.parametrize(
    "link",
    ["drug:made-up", "planet:mars", "www.cancer.gov", "javascript:alert(1)", "ftp://x.org", "https://x", "#"],
)
def test_link_must_lead_somewhere(link: str):
    assert "links-known" in rules(entry(how_given=f"See [this]({link}) [@fda-keytruda-label]."))


@pytest.mark.parametrize(
    "link",
    [
        "drug:pembrolizumab",
        "https://www.cancer.gov/x",
        "mailto:a@example.org",
        "tel:+15550100",
        "/questions/",
        "center:unlisted",
    ],
)
def test_link_that_does(link: str):
    known = Known(sections=SECTIONS, sources=KNOWN.sources, links=KNOWN.links)
    assert "links-known" not in rules(entry(how_given=f"See [this]({link}) [@fda-keytruda-label]."), known)


def test_link_with_a_reference_is_refused():
    assert "links-known" in rules(
        entry(how_given="See [this][1] [@fda-keytruda-label].\n\n[1]: https://example.org")
    )


@pytest.mark.parametrize(
    "text",
    ["A breakthrough.", "Cutting-edge care.", "The best choice.", "A leading center.", "New hope for you.",
     "A game-changer.", "World-class.", "It is state-of-the-art.", "A promising medicine."],
)  # fmt: skip
def test_promotion_is_refused(text: str):
    assert "no-promotion" in rules(entry(how_given=f"{text} [@fda-keytruda-label]"))


@pytest.mark.parametrize(
    "text",
    [
        "It swells, leading to pain.",
        "You may feel hopeless.",
        "Is this the best choice for me?",
        "What can I hope for?",
    ],
)
def test_words_that_only_look_like_promotion(text: str):
    assert "no-promotion" not in rules(entry(how_given=f"{text} [@fda-keytruda-label]"))


@pytest.mark.parametrize(
    "text", ["It is safe.", "A harmless rash.", "It has no side effects.", "You can travel safely."]
)
def test_safety_is_not_promised(text: str):
    assert "no-promise-of-safety" in rules(entry(how_given=f"{text} [@fda-keytruda-label]"))


@pytest.mark.parametrize(
    "text", ["It is not safe to drive.", "Ask if it is safe.", "Is it safe?", "Nobody knows if that is safe."]
)
def test_safety_may_be_asked_and_denied(text: str):
    assert "no-promise-of-safety" not in rules(entry(how_given=f"{text} [@fda-keytruda-label]"))


def test_cure_needs_a_number_and_a_source():
    assert "cure-with-number" in rules(entry(how_given="It can cure you [@fda-keytruda-label]."))
    assert "cure-with-number" in rules(
        entry(how_given="A drip [@fda-keytruda-label].\n\nRemission in 20 of 100 people.")
    )
    assert "cure-with-number" not in rules(
        entry(how_given="20 of 100 people had a remission [@fda-keytruda-label].")
    )
    assert "cure-with-number" not in rules(entry(questions="- Can it cure me?"))


def test_benefit_needs_harm_in_the_same_unit():
    alone = "It helped 33 of 100 people [@fda-keytruda-label]."
    assert "benefit-with-harm" in rules(entry(benefit=alone))
    assert "benefit-with-harm" in rules(
        entry(benefit=f"{alone}\n\nSide effects in 17% [@fda-keytruda-label].")
    )
    assert "benefit-with-harm" not in rules(
        entry(benefit=f"{alone}\n\nSevere side effects: 17 of 100 people [@fda-keytruda-label].")
    )
    assert "benefit-with-harm" not in rules(
        entry(benefit="Nobody can say whom it helps [@fda-keytruda-label].")
    )


def test_benefit_is_given_of_100_people():
    text = "It helped 1 in 3 people [@fda-keytruda-label].\n\nSevere harm: 17 of 100 people [@fda-keytruda-label]."
    assert ("benefit-with-harm", 10) in found(entry(benefit=text))


@pytest.mark.parametrize(
    "word", ["tumour", "Leukaemia", "oesophagus", "colour", "a centre", "randomised", "grey", "hospitalised"]
)
def test_british_spelling_is_refused(word: str):
    assert "american-spelling" in rules(entry(how_given=f"A drip in {word} [@fda-keytruda-label]."))


@pytest.mark.parametrize(
    "word", ["tumor", "specialist", "metastasis", "exercise", "Centre Hospitalier", "organism", "emphasis"]
)
def test_american_spelling_passes(word: str):
    assert "american-spelling" not in rules(entry(how_given=f"A drip in {word} [@fda-keytruda-label]."))


def test_british_names_may_be_found_by_search():
    assert rules(entry(head={"other_names": ["tumour of the skin"]})) == set()


def test_house_words():
    assert "house-words" in rules(entry(how_given="Please call [@fda-keytruda-label]."))
    assert "house-words" in rules(entry(how_given="This drug is a drip [@fda-keytruda-label]."), level="warn")


@pytest.mark.parametrize(
    "text", ["<b>x</b>", "<script>", "<!-- x -->", "&nbsp;", "![x](https://x.org/y.png)", "[x](javascript:x)"]
)
def test_html_is_refused(text: str):
    assert "no-html" in rules(entry(how_given=f"A drip {text} [@fda-keytruda-label]."))


@pytest.mark.parametrize(
    "text", ["[" * 20_000, "[a](b" * 5_000, "[@fda-keytruda-label]" * 8_000, "a " * 60_000]
)
def test_text_that_takes_minutes_is_refused(text: str):
    assert "not-tangled" in rules(entry(how_given=text))


def test_signs_of_less_than_are_no_html():
    assert rules(entry(how_given="PD-L1 < 1 & CPS > 10 [@fda-keytruda-label].")) == set()


def test_hard_section_is_refused():
    sentence = "Immunotherapeutic medication necessitates considerable multidisciplinary coordination. "
    findings = page_gate.check(entry(how_given=sentence * 20 + "[@fda-keytruda-label]"), KNOWN)
    messages = [finding.message for finding in findings if finding.rule == "easy-to-read"]
    assert any(message.startswith("Reading grade") for message in messages)
    assert any(message.startswith("SMOG") for message in messages)


def test_short_section_is_not_graded():
    text = entry(how_given="Multidisciplinary coordination necessitates preparation [@fda-keytruda-label].")
    assert "easy-to-read" not in rules(text)


def test_long_sentences_are_refused():
    assert "sentences-short" in rules(entry(how_given=" ".join(["You"] * 29) + " [@fda-keytruda-label]."))
    assert "sentences-short" not in rules(entry(how_given=" ".join(["You"] * 28) + " [@fda-keytruda-label]."))
    calm = "We go out and we come back and then we sit by the old tree for a bit. "
    assert "easy-to-read" in rules(entry(how_given=calm * 30 + "[@fda-keytruda-label]"))


@pytest.mark.parametrize(
    "how_given",
    [
        "The bowel can tear. This is rare. It can kill. You get a drip for it in our hospital here",
        "- **When.** It can tear. This is rare. It can kill. Tell your own team about it as soon as you can",
    ],
)
def test_runs_of_short_sentences_are_named(how_given):
    assert "sentences-linked" in rules(entry(how_given=f"{how_given} [@fda-keytruda-label]."), level="warn")


@pytest.mark.parametrize(
    "how_given",
    [
        "It can tear. This is rare. If it is not treated, the bowel can bleed so much that it may kill",
        "- It can tear.\n- This is rare.\n- It can kill.\n- You get a drip for it in our own hospital",
        "**How.** A drip.\n\n- **When.** On Mondays, every 3 weeks, in the morning, at our own hospital",
    ],
)
def test_two_short_sentences_and_lists_pass(how_given):
    found = rules(entry(how_given=f"{how_given} [@fda-keytruda-label]."), level="warn")
    assert "sentences-linked" not in found


@pytest.mark.parametrize(
    ("sentence", "is_named"),
    [
        ("You sit there for now. ", True),
        ("You sit there and wait for your turn. ", False),
        ("You sit in a chair by the tree in the park and wait for it. ", True),
    ],
)
def test_section_that_does_not_flow_is_named(sentence, is_named):
    found = rules(entry(how_given=sentence * 3 + "[@fda-keytruda-label]"), level="warn")
    assert ("sentences-flow" in found) is is_named


@pytest.mark.parametrize(
    "text",
    [
        "Leukemia that did not answer treatment",
        "Half of these answers lasted longer",
        "A drip, or a dummy drip",
        "There is slime in the stool",
        "The repair team is broken",
        "This is a CAR-T cell therapy",
        "You get CAR T cells",
    ],
)
def test_one_thing_has_one_word(text):
    assert "one-word" in rules(entry(how_given=f"{text} [@fda-keytruda-label]."), level="warn")
    assert "one-word" not in rules(
        entry("glossary", how_given=f"{text} [@fda-keytruda-label]."), level="warn"
    )


@pytest.mark.parametrize(
    "text",
    [
        "No test gives a sure answer",
        "Write down the answers to your questions",
        "Your team gives you CAR T-cells",
        "CAR T-cell therapy",
        "Leukemia without a response to treatment",
    ],
)
def test_the_one_word_passes(text):
    assert "one-word" not in rules(entry(how_given=f"{text} [@fda-keytruda-label]."), level="warn")


def test_english_rules_leave_other_languages_alone():
    text = entry(language="he", how_given="breakthrough tumour safe please [@fda-keytruda-label]")
    assert rules(text) == set()


PROMISES = [
    ("he", "no-promotion", "זהו טיפול פורץ דרך."),
    ("he", "no-promotion", "הטיפול הטוב ביותר בעולם."),
    ("he", "no-promotion", "תרופת נס."),
    ("he", "no-promotion", "זו מהפכה, והיא נותנת תִּקְוָה."),
    ("he", "no-promise-of-safety", "הטיפול בטוח."),
    ("he", "no-promise-of-safety", "טיפול ללא תופעות לוואי."),
    ("he", "no-promise-of-safety", "ההצלחה מובטחת."),
    ("he", "cure-with-number", "הטיפול מרפא סרטן."),
    ("ar", "no-promotion", "هذا العلاج مُعجِزة."),
    ("ar", "no-promotion", "نقدم أفضل علاج."),
    ("ar", "no-promotion", "طريقة ثورية."),
    ("ar", "no-promise-of-safety", "العلاج آمن."),
    ("ar", "no-promise-of-safety", "علاج بدون آثار جانبية."),
    ("ar", "no-promise-of-safety", "النجاح مضمون."),
    ("ar", "cure-with-number", "هذا الدواء يشفي السرطان."),
    ("ru", "no-promotion", "Это прорыв в лечении."),
    ("ru", "no-promotion", "Чудодейственное средство."),
    ("ru", "no-promotion", "Лучшая клиника мира."),
    ("ru", "no-promise-of-safety", "Лечение безопасно."),
    ("ru", "no-promise-of-safety", "Лечение без побочных эффектов."),
    ("ru", "no-promise-of-safety", "Мы гарантируем результат."),
    ("ru", "cure-with-number", "Это лекарство вылечит вас."),
]


@pytest.mark.parametrize(("language", "rule", "text"), PROMISES)
def test_no_language_promises_a_miracle(language: str, rule: str, text: str):
    assert rule in rules(entry(language=language, how_given=f"{text} [@fda-keytruda-label]"))


HONEST = [
    ("he", "הטיפול לא תמיד בטוח: שאלו את הצוות."),
    ("he", "האם הטיפול הטוב ביותר בשבילי הוא זה?"),
    ("he", "בכנס הוצגו תוצאות מלאות."),
    ("he", "הפוגה הושגה אצל 20 מתוך 100 אנשים."),
    ("he", "אם אינך בטוח, התקשרו."),
    ("ar", "لا يوجد علاج آمن تماما."),
    ("ar", "هل هذا أفضل علاج لي؟"),
    ("ar", "أكملت الدراسة بشكل كامل في المستشفى."),
    ("ar", "حدثت هدأة عند 20 من 100 شخص."),
    ("ar", "اسأل إذا كان السفر آمنا."),
    ("ru", "Лечение не всегда безопасно."),
    ("ru", "Это лучшее лечение для меня?"),
    ("ru", "Лечение длится два года. Становится лучше."),
    ("ru", "Ремиссия была у 20 из 100 человек."),
    ("ru", "Лучшая поддерживающая терапия снимает боль."),
    ("ru", "Никто не гарантирует результат."),
]


@pytest.mark.parametrize(("language", "text"), HONEST)
def test_honest_words_pass_in_every_language(language: str, text: str):
    assert rules(entry(language=language, how_given=f"{text} [@fda-keytruda-label]")) == set()


def test_every_language_of_the_site_has_words():
    assert set(words.LISTS) == dict(settings.LANGUAGES).keys()


def test_reviewer_is_told_where_no_rule_knows_the_words():
    (finding,) = [one for one in page_gate.check(entry(language="fr"), KNOWN) if one.rule == "words-listed"]
    assert (finding.level, finding.message) == (
        "warn",
        "No rule knows the words of 'fr': read it yourself for promises and promotion.",
    )


def test_rules_have_messages_that_end_in_a_full_stop():
    text = entry(
        how_given="Please: a miracle, 30% safe tumour <b> [x](y)",
        key_message="",
        head={"summary": "a. B [x]."},
    )
    assert all(
        finding.message.rstrip("…'")[-1] in ".?" or "…" in finding.message
        for finding in page_gate.check(text, KNOWN)
    )
