"""A colleague gets an account: invited in the admin, password and second factor chosen by themselves."""

from __future__ import annotations

import datetime
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from immuno_site.accounts.models import Invitation
from tests.staff import PASSWORD, create_staff, enter_password, give_second_factor, wait_for_letters

NEW = {"username": "noa", "email": "noa@example.org", "first_name": "Noa", "last_name": "", "groups": []}


def accept(client: Client, code: str, password: str = PASSWORD):
    return client.post(
        "/accounts/invitation/", {"invitation_code": code, "password1": password, "password2": password}
    )


@pytest.fixture
def noa(db) -> User:
    user = create_staff("noa", with_second_factor=False)
    user.set_unusable_password()
    user.save()
    return user


@pytest.fixture
def invitation_code(noa) -> str:
    return Invitation.make(noa, by=None)


def test_administrator_invites_and_the_colleague_comes_in(
    client, editor, mailoutbox, django_capture_on_commit_callbacks
):
    client.force_login(editor)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/admin/auth/user/add/", NEW, follow=True)
    assert "is on its way to noa@example.org" in answer.content.decode()
    wait_for_letters()
    [letter] = mailoutbox
    assert letter.to == ["noa@example.org"]
    link, typed = re.search(r"(https://\S+)\s.*is: (\S+)$", letter.body, re.DOTALL | re.MULTILINE).groups()
    assert link == f"https://testserver/accounts/invitation/#{typed}"

    colleague = Client()
    assert colleague.get("/accounts/invitation/").status_code == 200
    answer = accept(colleague, typed)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/second-factor/")
    assert colleague.get("/admin/")["Location"] == "/accounts/second-factor/"
    assert colleague.get("/accounts/second-factor/totp/activate/").status_code == 200  # no password again
    noa = User.objects.get(username="noa")
    assert (noa.is_staff, noa.is_superuser) == (True, False)


def test_invited_account_has_no_password_until_the_person_chose_one(client, noa):
    assert enter_password(client, "noa", "").status_code == 422
    assert enter_password(client, "noa", PASSWORD).status_code == 422


def test_code_works_once_and_is_kept_nowhere(invitation_code, noa):
    stored = Invitation.objects.values_list().get()
    assert invitation_code not in " ".join(map(str, stored))
    assert accept(Client(), f" {invitation_code} ").status_code == 302
    again = accept(Client(), invitation_code, "quite another password")
    assert again.status_code == 422
    noa.refresh_from_db()
    assert noa.check_password(PASSWORD)


def test_two_people_with_one_code_do_not_both_get_in(invitation_code):
    both = [Invitation.objects.get(), Invitation.objects.get()]
    assert [invitation.accept(PASSWORD) for invitation in both] == [True, False]


@pytest.mark.parametrize("how", ["unknown", "outdated", "replaced", "closed"])
def test_code_that_does_not_work_gets_one_answer_whatever_the_reason(client, noa, invitation_code, how):
    typed = "made-up" if how == "unknown" else invitation_code
    if how == "outdated":
        made_at = timezone.now() - datetime.timedelta(days=4)
        Invitation.objects.update(made_at=made_at, expires_at=timezone.now())
    if how == "replaced":
        Invitation.make(noa, by=None)
    if how == "closed":
        User.objects.update(is_active=False)
    answer = accept(client, typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("This invitation does not work. Ask your administrator for a new one.") == 2
    assert "noa" not in strip_tags(page)  # a form's random token may hold three letters
    noa.refresh_from_db()
    assert not noa.has_usable_password()


@pytest.mark.parametrize("password", ["short", "noa@example.org", ""])
def test_weak_password_is_refused_and_the_code_still_works(client, invitation_code, password):
    assert accept(client, invitation_code, password).status_code == 422
    assert accept(client, invitation_code).status_code == 302


def test_codes_cannot_be_tried_at_will(client, db):
    answers = [accept(client, f"guess-{number}").status_code for number in range(12)]
    assert answers == [422] * 10 + [429] * 2


def test_second_factor_is_asked_of_whoever_is_invited_again(client, noa):
    give_second_factor(noa)
    answer = accept(client, Invitation.make(noa, by=None))
    assert answer["Location"] == "/accounts/second-factor/authenticate/"
    assert client.get("/admin/").status_code == 302


def test_code_stands_in_no_address(client, invitation_code):
    """The link's part behind # stays in the browser; asked for as an address it finds nothing."""
    assert client.get(f"/accounts/invitation/{invitation_code}/").status_code == 404
