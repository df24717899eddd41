"""What search finds in the real library: the words of people who feel something lead to the page that tells of it."""

import pytest

from content.search.find import MOST_RESULTS, find

pytestmark = [pytest.mark.django_db, pytest.mark.stock]


def found(query: str) -> list[tuple[str, str]]:
    return [(row.kind, row.url) for row in find(query, language="en")]


DIARRHEA = ("side-effect", "/side-effects/diarrhea-and-colitis/")
LUNGS = ("side-effect", "/side-effects/lung-inflammation/")
HEART = ("side-effect", "/side-effects/heart-inflammation/")
INFECTIONS = ("side-effect", "/side-effects/infections/")
LIVER = ("side-effect", "/side-effects/liver-inflammation/")
NERVES = ("side-effect", "/side-effects/nerve-effects-after-cell-therapy/")
FROM_CELLS = ("side-effect", "/side-effects/cytokine-release-syndrome/")
SKIN = ("side-effect", "/side-effects/skin-rash-and-itching/")
FATIGUE = ("side-effect", "/side-effects/fatigue/")


@pytest.mark.parametrize(
    ("query", "first"),
    [
        *(
            (f"{denied} breathe", LUNGS)
            for denied in ("can't", "can’t", "canʼt", "cant", "cannot", "I can't")
        ),
        ("it's chest pain", HEART),
        ("I've got chest pain, what's it?", HEART),
        ("breathe", LUNGS),
        ("coughed", LUNGS),
        ("fainted", HEART),
        ("passed out", HEART),
        ("palpitations", HEART),
        ("confused", NERVES),
        ("shivering", INFECTIONS),
        ("feverish", FROM_CELLS),
        ("fits", NERVES),
        ("vomited", LIVER),
        ("throwing up", LIVER),
        ("blood in poop", DIARRHEA),
        ("exhausted", FATIGUE),
        ("itchy", SKIN),
    ],
)
def test_what_somebody_feels_finds_what_it_can_point_to(query, first):
    """What the sign names first, whether or not its page is written yet."""
    assert found(query)[0] == first


@pytest.mark.parametrize("query", ["diarrhea", "diarrhoea", "Diarrhœa", "diahrea"])
def test_word_that_is_spelled_in_many_ways_finds_its_page_first(query):
    assert found(query)[0] == DIARRHEA


DANGERS = """
jaundice, yellow, my eyes are yellow, seizure, vision, numb, pins and needles, unconscious, thirst, swell, headache,
vomit, confus, pee blood, throwing up, blood in poop, shaking
"""


@pytest.mark.parametrize("query", [words.strip() for words in DANGERS.split(",")])
def test_words_for_a_danger_find_a_page_that_tells_of_it(query):
    """The audit's words, each in the care cards of some medicine."""
    kinds = {kind for kind, _ in found(query)}
    assert kinds & {"side-effect", "drug", "therapy"}


def test_no_more_than_thirty_results():
    assert len(found("cancer")) == MOST_RESULTS == 30
