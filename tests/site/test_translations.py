"""No patient meets English by accident: what readers can see exists in every language the site offers.

Staff work in English, so what only they see is named here; anything new counts as seen by readers.
"""

from __future__ import annotations

import ast
import gettext
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.dates import WEEKDAYS
from django.utils.translation import override
from django.utils.translation.template import templatize

from content.emergency import NUMBERS
from content.models import (
    Indication,
    Question,
    SideEffectContent,
    SideEffectOccurrence,
    TherapyClassContent,
    Update,
    content_models,
)
from content.models.site_profile import SiteProfile, default_emergency_numbers
from immuno_site.consultations.models import Feedback
from tests.stocks import REAL

ROOT = Path(settings.ROOT)
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]

# Folders and files that only staff see.
STAFF_TEMPLATES = {"admin", "account", "accounts", "mfa", "content/gallery.html"}
STAFF_MODULES = {
    "content/admin", "content/apps.py", "content/cms_plugins.py", "content/cms_toolbars.py", "content/hooks.py",
    "content/figures.py", "content/lines.py", "content/models", "content/prose_editor.py", "content/review",
    "content/rules/page_address.py", "content/stock", "content/text/opening_hours.py", "content/uploads.py",
    "immuno_site/editors_files.py", "immuno_site/accounts",
    "immuno_site/consultations/admin", "immuno_site/consultations/apps.py",
    "immuno_site/consultations/clock.py", "immuno_site/consultations/models", "immuno_site/settings.py",
    "immuno_site/staff",
}  # fmt: skip
# And what a coordinator reads in the modules that patients read too.
STAFF_WORDS = {"Kind", "NOTES", "GROUPS", "told", "Record", "SIGNS"}
# The words of the models that stand on readers' pages.
CHOICES = (
    Feedback.About,
    Indication.Approval,
    Indication.Regulator,
    Indication.Setting,
    Question.Topic,
    SideEffectContent.BodySystem,
    SideEffectContent.Urgency,
    SideEffectOccurrence.Counts,
    SideEffectOccurrence.HowCommon,
    TherapyClassContent.Diagram,
    Update.Kind,
)
# The library's kinds whose names are words. Medicines are called by their international names.
NAMED = ("cancers", "therapies", "side-effects", "biomarkers", "centers")
CODE = re.compile(r"[A-Z0-9-]+|Claudin 18\.2")  # PD-L1, BRAF: the same in every language
GETTEXTS = {"_", "gettext", "gettext_lazy", "ngettext"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|</?(?:strong|code)>")


@cache
def messages() -> dict[str, str]:
    """Every message a reader can see, with a place where it stands."""
    return dict([*_of_templates(), *_of_modules(), *_of_data()])


def _of_templates() -> Iterator[tuple[str, str]]:
    call = re.compile(r"""\b(?:_|n?gettext)\(u?('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")""")
    for path in _files("templates", "**/*.*", but=STAFF_TEMPLATES):
        for literal in call.findall(templatize(path.read_text(encoding="utf-8"))):
            yield ast.literal_eval(literal), path.name


def _of_modules() -> Iterator[tuple[str, str]]:
    for folder in ("content", "immuno_site"):
        for path in _files("", f"{folder}/**/*.py", but=STAFF_MODULES):
            for statement in ast.parse(path.read_text(encoding="utf-8")).body:
                if STAFF_WORDS.isdisjoint(_names(statement)):
                    yield from ((text, path.name) for text in _marked(statement))


def _names(statement: ast.stmt) -> set[str]:
    """What a statement of a module defines."""
    targets = getattr(statement, "targets", [])
    return {getattr(statement, "name", "")} | {getattr(target, "id", "") for target in targets}


def _marked(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        is_call = isinstance(node, ast.Call) and getattr(node.func, "id", "") in GETTEXTS
        if is_call and isinstance(node.args[0], ast.Constant):
            yield node.args[0].value


def _of_data() -> Iterator[tuple[str, str]]:
    with override("en"):
        for choices in CHOICES:
            yield from ((str(label), choices.__name__) for label in choices.labels)
        for model in content_models().values():
            yield from ((str(section.heading), model.__name__) for section in model.SECTIONS)
        yield from ((str(day), "WEEKDAYS") for day in WEEKDAYS.values())
    slugs = tomllib.loads((REAL / "slugs.toml").read_text(encoding="utf-8"))
    for folder in NAMED:
        names = (name if isinstance(name, str) else name[0] for name in slugs[folder].values())
        yield from ((name, "slugs.toml") for name in names if not CODE.fullmatch(name))
    for path in (REAL / "signs").glob("*.toml"):
        signs = tomllib.loads(path.read_text(encoding="utf-8"))["sign"]
        for sign in signs:
            yield from ((words, path.name) for words in (sign["words"], *sign.get("qualifiers", {}).values()))
    hours = SiteProfile._meta.get_field("working_hours").default
    yield from ((line, "SiteProfile") for line in [", ", hours, *default_emergency_numbers()])
    with override("en"):
        empty = SiteProfile(pk=1)
        yield from ((str(name), "SiteProfile") for name in [*empty.not_filled_in, *empty.unsaid])
    yield from ((row.place, "emergency_numbers.toml") for row in NUMBERS)


def _files(folder: str, pattern: str, *, but: set[str]) -> list[Path]:
    base = ROOT / folder
    found = [path for path in base.glob(pattern) if path.is_file()]
    return [path for path in found if but.isdisjoint(_and_above(path.relative_to(base)))]


def _and_above(path: Path) -> set[str]:
    return {str(place) for place in (path, *path.parents)}


@cache
def compiled(language: str) -> dict[str | tuple[str, int], str]:
    """What Django will show. msgfmt leaves out what is empty or fuzzy; of plurals every form has its own number."""
    with (Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)._catalog


@cache
def translated(language: str) -> set[str]:
    return {_english(key) for key in compiled(language)}


def _english(key: str | tuple[str, int]) -> str:
    return key if isinstance(key, str) else key[0]


def _is_kept(key: str | tuple[str, int], words: str) -> bool:
    """A plural form may say "two pages" in words; everything else holds exactly what the English holds."""
    ours, theirs = PLACEHOLDER.findall(_english(key)), PLACEHOLDER.findall(words)
    return set(theirs) <= set(ours) if isinstance(key, tuple) else sorted(theirs) == sorted(ours)


def test_messages_are_found():
    found = messages()
    assert found["Do you need help now?"] == "help.html"
    assert found["Enter the return code."] == "short_forms.py"
    assert found["%(number)s page found"] == "search.html"
    assert "Protected by a password. It could not be looked into." not in found  # for coordinators


@pytest.mark.stock
@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_a_reader_can_see_is_translated(language):
    """If this fails: add the message to immuno_site/locale/<language>/LC_MESSAGES/django.po and compile it."""
    missing = {text: place for text, place in messages().items() if text not in translated(language)}
    assert missing == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_what_is_filled_in(language):
    """A lost placeholder loses a date or a reference, a foreign one breaks the page."""
    broken = [words for key, words in compiled(language).items() if not _is_kept(key, words)]
    assert broken == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_are_compiled(language):
    """A changed text has to be compiled: msgfmt --check -o django.mo django.po."""
    text = (Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po").read_text(
        encoding="utf-8"
    )
    written = re.findall(r'^msgstr(?:\[\d\])? ((?:".*"\n)+)', text, re.MULTILINE)
    said = ["".join(ast.literal_eval(line) for line in lines.strip().split("\n")) for lines in written]
    assert sorted(said) == sorted(compiled(language).values())
    assert "#, fuzzy" not in text
