"""Library files and the database: in, out, and what happens to what editors changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.utils import timezone

from content.models import (
    Drug,
    DrugContent,
    Fact,
    Indication,
    SideEffectOccurrence,
    Source,
    Update,
    content_models,
)
from content.stock.export import export
from tests.content.changed_library import change, run
from tests.stocks import both

pytestmark = [pytest.mark.django_db, pytest.mark.longest]

DRUG = "drugs/pembrolizumab.md"


def public_drug() -> DrugContent:
    return DrugContent.objects.get(entry__slug="pembrolizumab", language="en")


# --- In and out


@both
def test_export_after_import_gives_the_same_bytes(library):
    written = export()
    ours = {path.relative_to(library) for path in library.glob("*/*") if path.parts[-2] != "pages"}
    assert {Path(path) for path in written} - {Path("site_profile.toml")} == ours
    different = [
        str(path) for path, text in written.items() if (library / path).read_text(encoding="utf-8") != text
    ]
    assert different == []


def test_import_twice_changes_nothing(folder, capsys):
    before = DrugContent.admin_manager.count()
    assert "0 created, 0 updated" in run(folder, capsys)
    assert DrugContent.admin_manager.count() == before


def test_import_makes_every_planned_entry_an_identity():
    assert Drug.objects.filter(slug="alemtuzumab").exists()
    assert not DrugContent.admin_manager.filter(entry__slug="alemtuzumab").exists()


def test_import_publishes_a_changed_file_as_a_new_version(folder, capsys):
    first = public_drug()
    change(
        folder,
        DRUG,
        "## Daily life\n\n",
        "## Daily life\n\nAsk your team before you travel [@fda-keytruda-label].\n\n",
    )
    assert "1 updated" in run(folder, capsys)
    assert public_drug().pk != first.pk
    assert "Ask your team before you travel" in public_drug().daily_life


def test_import_in_required_leaves_drafts(folder, capsys, settings):
    settings.CLINICAL_REVIEW = "required"
    first = public_drug()
    change(
        folder,
        DRUG,
        "## Daily life\n\n",
        "## Daily life\n\nAsk your team before you travel [@fda-keytruda-label].\n\n",
    )
    run(folder, capsys)
    assert public_drug().pk == first.pk
    assert DrugContent.admin_manager.filter(entry__slug="pembrolizumab", versions__state="draft").count() == 1


def test_import_supersedes_a_changed_fact_and_keeps_the_old_row(folder, capsys):
    old = Indication.objects.approved().get(
        members__drug__slug="nivolumab", key="fda-hodgkin-lymphoma-later-line"
    )
    change(folder, "indications/lymphoma.toml", old.text_in("en").condition, "Another wording")
    run(folder, capsys)
    new = Indication.objects.approved().get(members__drug__slug="nivolumab", key=old.key)
    assert new.text_in("en").condition == "Another wording"
    assert new.supersedes == old
    assert Indication.objects.get(pk=old.pk).state == Fact.State.RETIRED


def test_figure_told_in_other_words_takes_the_place_of_the_old_one(folder, capsys):
    path, said = "occurrences/nivolumab.toml", 'context = "Bowel inflammation (colitis), given alone"'
    change(folder, path, said, 'context = "Bowel inflammation (colitis), given alone; older label"')
    run(folder, capsys)
    of_this = SideEffectOccurrence.objects.approved().filter(
        drug__slug="nivolumab", side_effect__slug="diarrhea-and-colitis"
    )
    contexts = [row.context_in("en") for row in of_this]
    assert "Bowel inflammation (colitis), given alone" not in contexts
    new = next(row for row in of_this if row.context_in("en").endswith("older label"))
    assert new.supersedes.context_in("en") == "Bowel inflammation (colitis), given alone"
    assert "0 created, 0 updated" in run(folder, capsys)


def test_of_two_figures_alike_each_keeps_its_own_words(folder, capsys):
    """Which of two that differ in words alone was put in other ones, nobody can tell; of one it is plain."""

    def standing() -> dict[str, str | None]:
        rows = SideEffectOccurrence.objects.approved().filter(
            drug__slug="nivolumab", side_effect__slug="heart-inflammation"
        )
        return {
            row.context_in("en"): row.supersedes and row.supersedes.context_in("en")
            for row in rows.select_related("supersedes")
        }

    path, alone = "occurrences/nivolumab.toml", "Given alone or with other cancer medicines"
    said = (folder / path).read_text(encoding="utf-8")
    table = next(one for one in said.split("\n\n") if 'effect = "heart-inflammation"' in one)
    (folder / path).write_text(f"{said}\n{table.replace(alone, 'With others')}\n", encoding="utf-8")
    run(folder, capsys)
    assert standing() == {alone: None, "With others": None}
    change(folder, path, "With others", "With other medicines")
    run(folder, capsys)
    assert standing() == {alone: None, "With other medicines": "With others"}
    change(folder, path, alone, "Either way")
    change(folder, path, "With other medicines", "In all trials")
    run(folder, capsys)
    now = standing()
    assert (now["Either way"], now["In all trials"]) == (None, None)
    assert "0 created, 0 updated" in run(folder, capsys)


# --- What editors changed


def test_import_keeps_and_reports_what_an_editor_changed(folder, capsys, editor):
    draft = public_drug().versions.get().copy(editor)
    draft.content.change_note, draft.content.route = "Route made clearer.", "Edited by hand"
    draft.content.save()
    change(folder, DRUG, "pem-broh-LIZ-oo-mab", "pem-bro-LIZ-oo-mab")
    said = run(folder, capsys)
    assert f"{DRUG}: kept, because it was edited" in said
    assert DrugContent.admin_manager.get(pk=draft.content.pk).route == "Edited by hand"


def test_import_overwrites_an_edit_only_when_told(folder, capsys, editor):
    draft = public_drug().versions.get().copy(editor)
    draft.content.change_note, draft.content.route = "Route made clearer.", "Edited by hand"
    draft.content.save()
    assert "1 updated" in run(folder, capsys, "--overwrite")
    assert public_drug().route != "Edited by hand"


def test_export_writes_what_an_editor_changed(tmp_path, capsys, editor):
    draft = public_drug().versions.get().copy(editor)
    draft.content.change_note, draft.content.route = "Route made clearer.", "Edited by hand"
    draft.content.save()
    call_command("export_library", str(tmp_path))
    assert 'route = "Edited by hand"' in (tmp_path / DRUG).read_text(encoding="utf-8")


def test_import_reports_an_entry_without_a_file_and_leaves_it(folder, capsys):
    next((folder / "updates").iterdir()).unlink()
    count = Update.objects.count()
    assert "in the database, but has no file (left alone)" in run(folder, capsys)
    assert Update.objects.count() == count


# --- Bad input: one line each, with file and line, and nothing written

BAD = {
    "unknown field": (
        DRUG,
        'kind = "immunotherapy"',
        'kind = "immunotherapy"\ncolor = "red"',
        "There is no field 'color'",
    ),
    "missing section": (DRUG, "## Daily life", "### Daily life", "Daily life"),
    "unknown citation": (DRUG, "[@cruk-pembrolizumab]", "[@nobody-knows]", "nobody-knows"),
    "broken date": (DRUG, "checked_on = 2026-11-22", "checked_on = 2026-02-30", "date"),
    "unknown link": (DRUG, "(therapy:pd-1-inhibitors)", "(therapy:pd-9-inhibitors)", "pd-9-inhibitors"),
    "html": (
        DRUG,
        "## Daily life\n\n",
        "## Daily life\n\n<b>Bold</b> text [@fda-keytruda-label].\n\n",
        "HTML",
    ),
    "script": (
        DRUG,
        "## Daily life\n\n",
        "## Daily life\n\n<script>alert(1)</script> [@fda-keytruda-label].\n\n",
        "HTML",
    ),
    "not TOML": (DRUG, 'name = "Pembrolizumab"', 'name = "Pembrolizumab', "TOML"),
}


@pytest.mark.parametrize("what", BAD)
def test_import_refuses_a_bad_file_with_its_line_and_writes_nothing(folder, capsys, what):
    name, old, new, expected = BAD[what]
    change(folder, name, old, new)
    change(folder, "updates/" + next((folder / "updates").iterdir()).name, 'title = "', 'title = "Changed: ')
    with pytest.raises(CommandError, match="nothing was written"):
        call_command("import_library", str(folder))
    said = capsys.readouterr().err
    assert any(expected.lower() in line.lower() and line.startswith(f"{name}:") for line in said.splitlines())
    assert not Update.objects.filter(title__startswith="Changed: ").exists()


def test_import_refuses_a_file_in_another_encoding(folder, capsys):
    (folder / DRUG).write_bytes((folder / DRUG).read_text(encoding="utf-8").encode("utf-16"))
    with pytest.raises(CommandError):
        call_command("import_library", str(folder))
    assert f"{DRUG}:1: form: This is not UTF-8" in capsys.readouterr().err


def test_import_refuses_a_slug_nobody_planned(folder, capsys):
    shutil.copy(folder / DRUG, folder / "drugs" / "unheard-of.md")
    with pytest.raises(CommandError):
        call_command("import_library", str(folder))
    assert "drugs/unheard-of.md" in capsys.readouterr().err


def test_import_collects_all_errors_at_once(folder, capsys):
    change(folder, DRUG, "[@cruk-pembrolizumab]", "[@nobody-knows]")
    change(folder, "drugs/nivolumab.md", "checked_on = 2026-11-22", "checked_on = 2026-02-30")
    with pytest.raises(CommandError):
        call_command("import_library", str(folder))
    said = capsys.readouterr().err
    assert DRUG in said
    assert "drugs/nivolumab.md" in said


def test_every_public_entry_cites_a_source_that_was_checked():
    for model in content_models().values():
        kind, contents = ContentType.objects.get_for_model(model), list(model.objects.all())
        assert contents, model
        for content in contents:
            cited = Source.objects.filter(citations__content_type=kind, citations__object_id=content.pk)
            assert cited.exists(), content
            assert all(source.checked_on <= timezone.localdate() for source in cited)


def test_import_moves_a_use_to_the_file_of_another_cancer(folder, capsys):
    """Its key is its own: what stood under it elsewhere is superseded, and there are never two."""
    old = Indication.objects.approved().filter(cancer__slug="melanoma", status="current").first()
    path = folder / "indications" / "melanoma.toml"
    head, *tables = path.read_text(encoding="utf-8").split("[[indication]]\n")
    (moved,) = (table for table in tables if f'key = "{old.key}"\n' in table)
    rest = [table for table in tables if table is not moved]
    path.write_text(head + "".join(f"[[indication]]\n{table}" for table in rest), encoding="utf-8")
    (folder / "indications" / "uveal-melanoma.toml").write_text(f"[[indication]]\n{moved}", encoding="utf-8")
    run(folder, capsys)
    row = Indication.objects.approved().get(key=old.key)
    assert (row.cancer.slug, row.supersedes) == ("uveal-melanoma", old)
    old.refresh_from_db()
    assert old.state == Fact.State.RETIRED
