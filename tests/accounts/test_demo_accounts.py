"""`make run` hands a newcomer everything they need to sign in, on a developer's machine only."""

from __future__ import annotations

import io
import re

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client

from content import roles
from immuno_site.management.commands.start_demo import Command
from tests.staff import code, enter_code, enter_password


@pytest.fixture
def printed(db) -> str:
    roles.apply()
    output = io.StringIO()
    Command(stdout=output).make_accounts()
    return output.getvalue()


def test_printed_password_and_link_sign_in(printed, clock):
    for name in ("admin", "editor", "reviewer"):
        password, secret = re.search(
            rf"account {name} +password (\S+).*?secret=(\w+)", printed, re.DOTALL
        ).groups()
        client = Client()
        enter_password(client, name, password)
        assert enter_code(client, code(secret)).status_code == 302
        assert client.get("/admin/").status_code == 200


def test_printed_recovery_codes_do_too(printed, clock):
    password, recovery = re.search(
        r"account editor +password (\S+).*?recovery codes +([\d ]+)$", printed, re.DOTALL | re.MULTILINE
    ).groups()
    client = Client()
    enter_password(client, "editor", password)
    assert enter_code(client, recovery.split()[0]).status_code == 302


def test_second_start_prints_no_account_again(printed):
    again = io.StringIO()
    Command(stdout=again).make_accounts()
    assert again.getvalue() == ""
    assert Group.objects.get(name="Editor").user_set.count() == 1


def test_nowhere_but_in_development(db):
    with pytest.raises(CommandError, match="needs IMMUNO_ENV=development"):
        call_command("start_demo", no_server=True)
