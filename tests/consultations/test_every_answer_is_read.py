"""A question that is added to the form must not go unseen at the desk, nor unsearched for words that cannot wait."""

from __future__ import annotations

from django import forms

from immuno_site.consultations.journey import PAGES
from immuno_site.consultations.models import ConsultationRequest
from immuno_site.consultations.patient_words import GROUPS
from immuno_site.consultations.sending import TELLING

COLUMNS = {field.name for field in ConsultationRequest._meta.get_fields()}
SHOWN = {name for _title, names in GROUPS for name in names}
# Who they are and how to reach them: nobody writes there how they feel. The test results are boxes to tick.
TELLS_NO_SYMPTOM = {"name", "email", "phone", "time_zone", "contact_when", "medicine_asked", "birth_year"}
ASKED = {
    name: field
    for page in PAGES
    if page.form and page.name not in {"consent", "tests"}
    for name, field in page.form.base_fields.items()
    if name in COLUMNS
}


def test_every_answer_of_the_form_is_shown_to_staff():
    assert ASKED
    assert set(ASKED) - SHOWN == set()


def test_every_answer_in_own_words_is_searched_for_what_cannot_wait():
    in_own_words = {
        name
        for name, field in ASKED.items()
        if isinstance(field, forms.CharField) and not isinstance(field, forms.ChoiceField)
    }
    assert set(TELLING) <= in_own_words
    assert in_own_words - set(TELLING) - TELLS_NO_SYMPTOM == set()
