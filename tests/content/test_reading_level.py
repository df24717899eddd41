"""Reading level: the counts behind it, and that the bar separates easy from hard."""

import pytest

from content.text import reading_level
from content.text.reading_level import measure, sentences_of, syllables

EASY = """Call your team today. Do not wait for your next visit. A rash can get worse fast.

- Fever
- A cough that is new

Your team can help. They know this medicine. They will ask how you feel."""

HARD = """Immunotherapeutic interventions, notwithstanding their considerable heterogeneity, demonstrate clinically
meaningful improvements in progression-free survival among appropriately selected individuals with
immunologically responsive malignancies."""


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("cat", 1), ("the", 1), ("skin", 1), ("make", 1), ("called", 1), ("treated", 2), ("doses", 2),
        ("table", 2), ("tumor", 2), ("cancer", 2), ("people", 2), ("being", 2), ("safely", 2), ("something", 2),
        ("medicine", 3), ("hospital", 3), ("esophagus", 4), ("diarrhea", 4), ("immunotherapy", 6),
        ("pembrolizumab", 5), ("nivolumab", 4), ("reaction", 3), ("science", 2), ("eyes", 1), ("team's", 1),
        ("don't", 1), ("3", 1), ("2,799", 1), ("x", 1), ("hmm", 1),
    ],
)  # fmt: skip
def test_syllables(word: str, count: int):
    assert syllables(word) == count


def test_sentences_of_paragraphs_and_lists():
    text = "Call us. Say what you feel! Is it new?\n\n- fever\n- a rash [@a]\n\n### A heading\n\nEnd."
    assert sentences_of(text) == ["Call us.", "Say what you feel!", "Is it new?", "fever", "a rash", "End."]


def test_sentence_does_not_end_at_an_abbreviation_or_a_decimal():
    assert len(sentences_of("About 3.4 of 100 people had it, e.g. Dr. Levy said so.")) == 1


def test_citation_between_two_sentences():
    assert len(sentences_of("It blocks PD-1 [@a]. Then T cells work [@b].")) == 2


def test_easy_text_is_easy():
    level = measure(EASY)
    assert level.grade < 4
    assert level.smog < 7
    assert level.words_per_sentence < 7


def test_hard_text_is_hard():
    level = measure(HARD)
    assert level.grade > 20
    assert level.words_per_sentence > 20


def test_formulas():
    level = reading_level.Level(words=100, sentences=("x",) * 10, syllables=150, long_words=10)
    assert level.grade == pytest.approx(0.39 * 10 + 11.8 * 1.5 - 15.59)
    assert level.smog == pytest.approx(1.0430 * 30**0.5 + 3.1291)


def test_names_are_masked():
    text = "You may get pembrolizumab for non-small cell lung cancer."
    names = ("Pembrolizumab", "Non-small cell lung cancer")
    assert measure(text, names=names).words == 6  # You may get it for it
    assert measure(text, names=names).grade < measure(text).grade


def test_longer_name_is_masked_before_the_shorter():
    assert measure("small cell lung cancer", names=("cancer", "small cell lung cancer")).words == 1


def test_empty_text_has_no_level():
    assert measure("").grade == 0
    assert measure("").smog == 0
