"""What a password may be, and how its field treats whoever types it."""

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from content.models import SiteProfile

pytestmark = pytest.mark.django_db
GOOD = "seven gray herons at the pond"


@pytest.mark.parametrize("password", [GOOD, "a" * 10 + "Ж𝄞€ \t" * 12, "x" * 7 + " 1" * 60])
def test_password_is_long_and_else_as_people_like_it(password):
    """Any letters, no rule about their kinds, and far more than 64 of them."""
    validate_password(password)


@pytest.mark.parametrize("password", ["1", "abcdefghijklmn"])
def test_short_password_is_refused(password):
    with pytest.raises(ValidationError, match="15 characters"):
        validate_password(password)


@pytest.mark.parametrize("password", ["manchesterunited", "1q2w3e4r5t6y7u8i9o0p"])
def test_password_that_many_have_is_refused(password):
    with pytest.raises(ValidationError, match="too common"):
        validate_password(password)


@pytest.mark.parametrize(
    "password",
    ["Immunotherapy2026!", "cancer-clinic-2026", "P.a.s.s.w.o.r.d Coordinator 1", "north clinic 1234567"],
)
def test_password_of_words_of_this_site_is_refused(password):
    SiteProfile.objects.update_or_create(pk=1, defaults={"organization": "North Clinic"})
    with pytest.raises(ValidationError, match="words of this site"):
        validate_password(password)
    validate_password(f"{password} and seven gray herons")


def test_password_counts_to_its_last_letter_as_it_was_typed(rf):
    User.objects.create_user("ruth", "ruth@example.org", GOOD)
    for attempt, is_right in {GOOD: True, GOOD[:-1]: False, GOOD.upper(): False, f" {GOOD}": False}.items():
        assert (authenticate(rf.post("/"), username="ruth", password=attempt) is not None) is is_right, (
            attempt
        )


def test_field_hides_what_is_typed_and_lets_programs_fill_it_in(client):
    page = client.get("/accounts/login/").content.decode()
    field = next(part for part in page.split("<input") if 'type="password"' in part).partition(">")[0]
    assert 'autocomplete="current-password"' in field
    assert "onpaste" not in page
