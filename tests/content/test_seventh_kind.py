"""A kind of entry that an installed app brings by its own models is everywhere the six of ours are."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from content.kinds import KINDS
from content.models import content_models

ROOT = Path(settings.ROOT)
LIBRARY = ROOT / "tests/seventh/library"
ADDRESS = "/vaccines/flu-vaccine/"
# Of these a module may hold so many in one tuple, list, set or dict: a fact that names a drug and a cancer is no
# list of the kinds.
MOST_NAMED = 3
# What a kind says or shows beside what every kind does: one that is missing here has the common form.
MAY_NAME_THEM = {
    "content/kinds.py": "the list",
    "content/models/__init__.py": "the models by name, for those who import one",
    "content/web/api.py": "forms that say more than the common one",
}


@pytest.fixture(scope="module")
def seen(django_db_setup: None) -> dict[str, str]:
    """What a site with the seventh kind answers: it runs in a process of its own, on a file of SQLite, with
    the tables that our own database was made from."""
    ours = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    told = subprocess.run(
        [sys.executable, "-m", "tests.seventh"], cwd=ROOT, env=ours, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


pytestmark = pytest.mark.longest


def test_seventh_kind_has_a_list_in_the_menu_and_at_the_foot(seen):
    assert f'<a href="{ADDRESS}">Flu vaccine</a>' in seen["list"]
    assert seen["page"].count('<a href="/vaccines/"') == 3  # menu, trail, foot


def test_seventh_kind_has_a_page_without_a_template_of_its_own(seen):
    page = seen["page"]
    assert '<p class="kind-label">Vaccine</p>' in page
    assert "Influenza shot" in page
    assert page.index("What it is") < page.index("With immunotherapy")
    assert 'href="https://example.org/vaccines"' in page


@pytest.mark.parametrize("place", ["search", "search among its kind"])
def test_seventh_kind_is_found(seen, place):
    assert f'href="{ADDRESS}"' in seen[place]
    assert '<p class="kind-label">Vaccine: ' in seen[place]


def test_seventh_kind_stands_in_the_sitemap(seen):
    for address in ("/vaccines/", ADDRESS):
        assert f"<loc>https://testserver{address}</loc>" in seen["sitemap"]


def test_seventh_kind_can_be_linked_to_in_prose(seen):
    assert f'<a href="{ADDRESS}">flu shot</a>' in seen["link in prose"]


def test_seventh_kind_without_a_page_is_named_without_a_link(seen):
    assert "The shingles vaccine is another one" in seen["page"]


def test_seventh_kind_is_open_data_in_the_common_form(seen):
    [listed] = json.loads(seen["open data, list"])["results"]
    entry = json.loads(seen["open data, entry"])
    assert listed["url"] == entry["url"] == f"https://testserver{ADDRESS}"
    assert set(entry) == {
        "license", "slug", "name", "other_names", "summary", "sections", "sources", "review", "url",
    }  # fmt: skip
    assert list(entry["sections"]) == ["key_message", "what_it_is", "with_treatment"]
    assert "/api/v1/vaccines/{slug}/" in json.loads(seen["open data, form"])["paths"]


def test_search_engines_are_told_what_the_seventh_kind_is(seen):
    _before, _tag, rest = seen["page"].partition('<script type="application/ld+json">')
    page, crumbs = json.loads(rest.partition("</script>")[0])["@graph"]
    assert page["about"]["@type"] == "Drug"
    assert page["about"]["alternateName"] == ["Influenza shot"]
    assert [crumb["name"] for crumb in crumbs["itemListElement"]] == ["Home", "Vaccines", "Flu vaccine"]


def test_editor_reaches_the_seventh_kind_from_the_first_page_of_the_admin(seen):
    assert '<a href="/admin/seventh/vaccine/">Vaccines</a>' in seen["admin, first page"]
    assert "Flu vaccine" in seen["admin, list"]
    assert "<h1>Edit Flu vaccine</h1>" in seen["admin, text"]
    assert "/admin/seventh/vaccine/1/text/en/" in seen["toolbar"]


def test_form_of_the_seventh_kind_asks_for_its_own_columns(seen):
    for name in ("slug", "content__name", "content__form", "content__doses", "content__what_it_is"):
        assert f'name="{name}"' in seen["admin, new"], name


@pytest.mark.parametrize("path", sorted(path.relative_to(LIBRARY) for path in LIBRARY.glob("*/*")), ids=str)
def test_seventh_kind_goes_in_and_out_as_the_same_file(seen, path):
    assert seen[f"library/{path}"] == (LIBRARY / path).read_text(encoding="utf-8")


# --- Told in one place ---------------------------------------------------------------------------------------


def _names_of_kinds() -> dict[str, str]:
    """Everything a kind is called in code, and the kind."""
    names = {}
    for kind, model in content_models().items():
        grouper = model.grouper()
        called = (kind, KINDS[kind].folder, grouper.__name__, model.__name__, grouper._meta.model_name)
        names |= dict.fromkeys(called, kind)
    return names


def _literals(path: Path) -> Iterator[ast.Tuple | ast.List | ast.Set | ast.Dict]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict):
            yield node


def _words_in(literal: ast.AST) -> set[str]:
    """All that it names, however deep."""
    nodes = list(ast.walk(literal))
    texts = {str(node.value).strip("/") for node in nodes if isinstance(node, ast.Constant)}
    return texts | {node.id for node in nodes if isinstance(node, ast.Name)}


def test_no_other_module_lists_the_kinds():
    names = _names_of_kinds()
    modules = [
        path
        for folder in ("content", "immuno_site")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts and path.relative_to(ROOT).as_posix() not in MAY_NAME_THEM
    ]
    found = [
        f"{path.relative_to(ROOT)}:{literal.lineno}"
        for path in modules
        for literal in _literals(path)
        if len({names[word] for word in _words_in(literal) & set(names)}) > MOST_NAMED
    ]
    assert not found, "Take the kinds from content.kinds or content.models.content_models()."


@pytest.mark.parametrize("module", MAY_NAME_THEM)
def test_modules_that_may_name_the_kinds_do(module):
    named = [_words_in(literal) & set(_names_of_kinds()) for literal in _literals(ROOT / module)]
    assert max(map(len, named)) > MOST_NAMED
