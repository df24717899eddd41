"""Going back one release: what the release before writes still fits on the tables of this one, and is read by it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader

from content.models import DrugContent, GlossaryTerm
from immuno_site.consultations.models import (
    Attachment,
    ConsultationRequest,
    Feedback,
    Note,
    OutgoingMail,
    Progress,
)

pytestmark = pytest.mark.django_db
RECORDED = Path(__file__).with_name("previous_release.sql")
OURS = ("accounts", "consultations", "content")
KEY = Fernet.generate_key().decode()
# One of each: without it the file would promise less than it seems to.
WRITTEN = {
    "accounts_invitation", "auth_user", "cms_cmsplugin", "consultations_accessevent", "consultations_attachment",
    "consultations_consultationrequest", "consultations_coordinator", "consultations_feedback", "consultations_note",
    "consultations_outgoingmail", "consultations_progress", "consultations_ratecounter",
    "consultations_replytemplate", "content_clinician", "content_drugcontent", "content_glossaryterm",
    "content_indication", "content_source", "content_updatelistblock", "djangocms_versioning_version",
    "mfa_authenticator",
}  # fmt: skip


def _statements() -> list[str]:
    text = RECORDED.read_text()
    found = [line for line in text.split(";\n") if line.strip()]
    return ["\n".join(line for line in one.splitlines() if not line.startswith("-- ")) for one in found]


def _sealed_again(statement: str) -> str:
    """Ciphertext as the release before makes it."""
    fernet = Fernet(KEY)

    def sealed(match: re.Match[str]) -> str:
        return fernet.encrypt(match[1].replace("''", "'").encode()).decode()

    return re.sub(r"«sealed: (.*?)»", sealed, statement, flags=re.DOTALL)


@pytest.fixture
def played_back(settings: object) -> None:
    settings.CONSULTATION_KEYS = [KEY]
    with connection.cursor() as cursor:
        for statement in _statements():
            try:
                cursor.execute(_sealed_again(statement))
            except Exception as error:
                raise AssertionError(f"The release before could not write this: {statement[:300]}") from error
    connection.check_constraints()


def test_recorded_day_has_something_of_everything() -> None:
    tables = {re.search(r'INTO "(\w+)"', statement)[1] for statement in _statements()}
    assert tables >= WRITTEN


def test_recorded_day_holds_no_ciphertext_and_no_key() -> None:
    assert not re.search(r"gAAAA|b1\.|bound:|AGE-SECRET", RECORDED.read_text())


def test_release_before_writes_on_our_tables_and_we_read_it(played_back: None) -> None:
    callback, request = ConsultationRequest.objects.order_by("kind")
    assert (request.name, request.question) == ("Anna", "What can I do?\nAnd when?")
    assert callback.phone == "+1 555 010 0000"
    assert Attachment.objects.get().name == "report.pdf"
    assert Note.objects.get().text == "Called."
    assert Feedback.objects.get().words == "What does “adjuvant” mean?"
    assert "anna@example.org" in {letter.recipient for letter in OutgoingMail.objects.all()}
    assert {"about": {"stage": "stage 3"}} in [progress.answers for progress in Progress.objects.all()]
    assert DrugContent.admin_manager.filter(entry__slug="recorded-drug").exists()
    assert GlossaryTerm.objects.filter(slug="recorded-term").exists()


def _later_operations() -> Iterator[tuple[str, migrations.operations.base.Operation]]:
    """What our migrations do that the release before did not have."""
    header = next(line for line in RECORDED.read_text().splitlines() if line.startswith("-- Its migrations:"))
    known = set(header.removeprefix("-- Its migrations:").split())
    loader = MigrationLoader(connection)
    for (app, name), migration in loader.disk_migrations.items():
        if app in OURS and f"{app}.{name}" not in known:
            for operation in migration.operations:
                yield f"{app}.{name}", operation


def _can_be_left_out(field: models.Field) -> bool:
    return field.null or field.has_db_default() or field.many_to_many


def test_new_column_can_be_left_out_by_the_release_before() -> None:
    """db_default, or null; the release before writes nothing into a table that is new."""
    operations = list(_later_operations())
    new = {
        (migration.partition(".")[0], operation.name_lower)
        for migration, operation in operations
        if isinstance(operation, migrations.CreateModel)
    }
    added = [
        f"{migration}: {operation.model_name}.{operation.name}"
        for migration, operation in operations
        if isinstance(operation, migrations.AddField)
        and (migration.partition(".")[0], operation.model_name_lower) not in new
        and not _can_be_left_out(operation.field)
    ]
    assert not added


def _named() -> set[tuple[str, str]]:
    """Tables and columns that the release before writes."""
    found = (re.match(r'INSERT INTO "(\w+)" \((.*?)\)', statement) for statement in _statements())
    return {(match[1], column) for match in found for column in re.findall(r'"(\w+)"', match[2])}


def _takes_away(app: str, operation: migrations.operations.base.Operation) -> set[tuple[str, str]]:
    if isinstance(operation, (migrations.RemoveField, migrations.RenameField)):
        name = getattr(operation, "old_name", None) or operation.name
        return {(f"{app}_{operation.model_name}", column) for column in (name, f"{name}_id")}
    if isinstance(operation, (migrations.DeleteModel, migrations.RenameModel)):
        name = getattr(operation, "old_name", None) or operation.name
        return {(f"{app}_{name.lower()}", "id")}
    return set()


def test_release_takes_away_nothing_that_the_release_before_names() -> None:
    """What goes, goes from the code first (its column stays), and from the tables a release later."""
    named = _named()
    gone = [
        f"{migration}: {operation.describe()}"
        for migration, operation in _later_operations()
        if _takes_away(migration.partition(".")[0], operation) & named
    ]
    assert not gone


@pytest.mark.parametrize("app", ["consultations", "content"])
def test_what_has_a_default_in_the_code_has_one_in_the_database(app: str) -> None:
    """So that a later release can stop naming it. A number that must differ from row to row cannot."""
    bare = [
        str(field)
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.local_concrete_fields
        if (field.has_default() or (field.blank and field.empty_strings_allowed and not field.is_relation))
        and not (field.unique or _can_be_left_out(field))
    ]
    assert not bare
