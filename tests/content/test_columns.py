"""What a fact says stands in one list, and every door reads it."""

import pytest

from content.models import FACT_MODELS, Fact, Indication, Result, SideEffectOccurrence
from content.rules import fact_rows
from content.stock.format import heads
from content.web.api import IndicationOut, OccurrenceOut, ResultOut

pytestmark = pytest.mark.django_db
KINDS = pytest.mark.parametrize("model", FACT_MODELS, ids=lambda model: model.NAME)


def names(model: type[Fact]) -> list[str]:
    return [*(column.name for column in model.COLUMNS), "sources"]


@KINDS
def test_columns_are_the_fields_of_a_file(model):
    fields = {field.name: field for field in heads()[model.FOLDER]}
    inside = tuple(fields.values()) if model.BODY else fields[model.NAME].fields
    assert [field.name for field in inside] == names(model)


@KINDS
def test_columns_are_what_rules_and_export_see(model):
    row = model.objects.approved().first()
    assert list(fact_rows.of_fact(row).table) == names(model)


@KINDS
def test_columns_hold_all_that_a_form_asks_for(model):
    """A field that no column names would be lost by an export, and by the next import."""
    asked = {field.name for field in model._meta.fields if field.editable and not field.primary_key}
    derived = {"source", "status", "slug", "language", *model.SUBJECT, model.BODY}
    assert asked - derived <= {column.on_row for column in model.COLUMNS}


@pytest.mark.parametrize(
    ("model", "schema"),
    [(Indication, IndicationOut), (SideEffectOccurrence, OccurrenceOut), (Result, ResultOut)],
)
def test_columns_are_open_data(model, schema):
    properties = schema.model_json_schema(mode="serialization", by_alias=True)["properties"]
    assert set(names(model)) <= set(properties)
