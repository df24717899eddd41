"""The next import looks only at what changed, and misses nothing by that."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from content.models import (
    DrugContent,
    ImportedFile,
    Indication,
    Question,
    SearchDocument,
    SearchName,
    Source,
)
from content.renaming import rename
from content.search import find, upkeep
from content.stock import importing
from content.stock.settled import code_in
from tests.content.changed_library import change, run
from tests.factories import create_page

pytestmark = [pytest.mark.django_db, pytest.mark.longest]

DRUG = "drugs/pembrolizumab.md"
USES = "indications/melanoma.toml"


def read_again(folder: Path) -> list[str]:
    library, _settled, _stands = importing.read(folder)
    return [str(file.path) for file in library.to_check]


def edited_by_hand(editor: object) -> None:
    draft = DrugContent.objects.get(entry__slug="pembrolizumab", language="en").versions.get().copy(editor)
    draft.content.change_note, draft.content.route = "Route made clearer.", "Edited by hand"
    draft.content.save()


# --- What is read again


def test_nothing_is_read_again_if_nothing_changed(folder):
    assert read_again(folder) == []


def test_only_a_changed_file_is_read_again(folder):
    change(folder, DRUG, "pem-broh-LIZ-oo-mab", "pem-bro-LIZ-oo-mab")
    assert read_again(folder) == [DRUG]


def test_a_file_is_read_again_if_the_database_changed(folder):
    Source.objects.filter(key="fda-keytruda-label").update(title="Another title")
    assert read_again(folder) == ["sources/fda-keytruda-label.toml"]


def test_a_file_is_read_again_if_its_draft_was_edited(folder, editor):
    edited_by_hand(editor)
    assert read_again(folder) == [DRUG]


def test_a_file_is_read_again_if_one_of_its_facts_has_gone(folder, editor):
    row = Indication.objects.approved().filter(cancer__slug="melanoma")[:1]
    Indication.objects.filter(pk__in=row).retire(by=editor, reason="Wrong.", now=timezone.localdate())
    assert read_again(folder) == [USES]


def test_key_of_a_file_that_is_not_read_again_is_known(folder, capsys):
    """Its rows lend their keys to the check of others."""
    change(
        folder,
        "indications/lymphoma.toml",
        "fda-hodgkin-lymphoma-later-line",
        "fda-melanoma-adjuvant-stage-2",
    )
    with pytest.raises(CommandError):
        run(folder, capsys)
    assert "stands already in melanoma.toml." in capsys.readouterr().err


def test_all_is_read_again_after_an_entry_was_renamed(folder):
    rename("drug", "pembrolizumab", "second")
    assert len(read_again(folder)) == len(importing.read(folder, overwrite=True)[0].files)


def test_all_is_read_again_if_an_entry_is_called_otherwise(folder):
    change(folder, DRUG, 'brand_names = ["', 'brand_names = ["Newname", "')
    assert len(read_again(folder)) == len(importing.read(folder, overwrite=True)[0].files)


def test_all_is_read_again_if_another_address_is_promised(folder):
    change(folder, "slugs.toml", "[drug", 'newdrug = "Newdrug"\n[drug')
    assert len(read_again(folder)) == len(importing.read(folder, overwrite=True)[0].files)


def test_all_is_read_again_by_other_rules(tmp_path):
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "words.py").write_text("LIMIT = 8\n")
    before = code_in(tmp_path)
    code_in.cache_clear()
    (rules / "words.py").write_text("LIMIT = 9\n")
    assert code_in(tmp_path) != before


# --- What leans on what has gone


def test_import_refuses_a_file_whose_source_has_gone_though_it_did_not_change(folder, capsys):
    (folder / "sources" / "cruk-pembrolizumab.toml").unlink()
    with pytest.raises(CommandError):
        call_command("import_library", str(folder))
    assert f"{DRUG}:" in capsys.readouterr().err


def test_import_refuses_a_file_that_links_to_an_address_no_longer_promised(folder, capsys):
    slugs = folder / "slugs.toml"
    lines = slugs.read_text(encoding="utf-8").splitlines(keepends=True)
    slugs.write_text("".join(line for line in lines if not line.startswith("pd-1-inhibitors ")), "utf-8")
    with pytest.raises(CommandError):
        call_command("import_library", str(folder))
    assert f"{DRUG}:" in capsys.readouterr().err


# --- What is told each time


def test_kept_file_is_told_of_each_time(folder, capsys, editor):
    edited_by_hand(editor)
    for _time in range(2):
        assert f"{DRUG}: kept, because it was edited" in run(folder, capsys)


def test_kept_file_that_changes_later_stays_kept(folder, capsys, editor):
    edited_by_hand(editor)
    run(folder, capsys)
    change(folder, DRUG, "pem-broh-LIZ-oo-mab", "pem-bro-LIZ-oo-mab")
    assert f"{DRUG}: kept, because it was edited" in run(folder, capsys)
    assert read_again(folder) == [DRUG]


def test_missing_file_is_told_of_each_time_and_read_again_when_it_is_back(folder, capsys):
    question = next(iter(sorted((folder / "questions").iterdir())))
    text = question.read_bytes()
    question.unlink()
    for _time in range(2):
        assert f"questions/{question.name}: in the database, but has no file" in run(folder, capsys)
    assert read_again(folder) == []
    question.write_bytes(text)
    assert read_again(folder) == [f"questions/{question.name}"]


def test_fact_taken_off_is_told_of_each_time(folder, capsys, editor):
    row = Question.objects.approved().filter(language="en").order_by("slug")[:1]
    slug = row.get().slug
    Question.objects.filter(pk__in=row).retire(by=editor, reason="Wrong.", now=timezone.localdate())
    for _time in range(2):
        assert f"questions/{slug}.md: left alone, because somebody took it off" in run(folder, capsys)


def test_refused_import_settles_nothing(folder):
    before = set(ImportedFile.objects.values_list("path", "checked"))
    change(folder, DRUG, "[@cruk-pembrolizumab]", "[@nobody-knows]")
    with pytest.raises(CommandError):
        call_command("import_library", str(folder))
    assert set(ImportedFile.objects.values_list("path", "checked")) == before
    assert read_again(folder) == [DRUG]


def test_overwrite_looks_at_what_an_editor_changed_though_no_file_changed(folder, capsys, editor):
    edited_by_hand(editor)
    run(folder, capsys)
    assert "1 updated" in run(folder, capsys, "--overwrite")
    assert read_again(folder) == []


# --- Search follows


def in_search() -> set[tuple]:
    names = SearchName.objects.values_list("document__kind", "document__slug", "document__language", "name")
    rows = SearchDocument.objects.values_list(
        "kind", "slug", "language", "title", "address", "summary", "text"
    )
    return {*names, *rows}


def test_search_after_a_few_changed_files_is_as_made_anew(folder, capsys):
    change(folder, DRUG, "## Daily life\n\n", "## Daily life\n\nAsk for zebras [@fda-keytruda-label].\n\n")
    condition = Indication.objects.approved().get(key="fda-melanoma-adjuvant-stage-2").text_in("en").condition
    change(folder, USES, condition, "Another wording about giraffes")
    question = next(iter(sorted((folder / "questions").iterdir())))
    change(folder, f"questions/{question.name}", 'question = "', 'question = "Elephants: ')
    assert "3 updated" in run(folder, capsys)
    for word in ("zebras", "giraffes", "elephants"):
        assert find.find(word, language="en")
    followed = in_search()
    upkeep.rebuild()
    assert followed == in_search()


def test_search_leads_to_the_home_page_by_its_own_address():
    assert SearchDocument.objects.filter(kind="page", address="/").exists()
    assert not SearchDocument.objects.filter(address="/home/").exists()


def test_key_renamed_in_a_file_stops_the_import_with_both_keys_named(folder, capsys):
    change(folder, USES, "fda-melanoma-adjuvant-stage-2", "fda-melanoma-adjuvant-two")
    before = set(Indication.objects.values_list("pk", "state"))
    with pytest.raises(CommandError) as refused:
        run(folder, capsys)
    said = str(refused.value)
    assert "fda-melanoma-adjuvant-two says what the approved fda-melanoma-adjuvant-stage-2 says" in said
    assert "indications/melanoma.toml" in said
    assert "Nothing was written" in said
    assert set(Indication.objects.values_list("pk", "state")) == before


def test_entry_of_the_admin_and_a_new_name_stand_in_the_exported_list_of_addresses(folder, capsys):
    """Without its line there the next import would refuse everything."""
    before = (folder / "slugs.toml").read_text(encoding="utf-8")
    call_command("export_library", str(folder))
    assert (folder / "slugs.toml").read_text(encoding="utf-8") == before
    create_page(slug="newumab", name="Newumab")
    rename("cancer", "melanoma", "skin-melanoma")
    call_command("export_library", str(folder))
    after = (folder / "slugs.toml").read_text(encoding="utf-8").splitlines()
    assert set(after) - set(before.splitlines()) == {'newumab = "Newumab"', 'skin-melanoma = "Melanoma"'}
    assert after.index("[drugs]") < after.index('newumab = "Newumab"') < after.index("[side-effects]")
    assert importing.read(folder)[0].slugs["drug"]["newumab"] == "Newumab"
