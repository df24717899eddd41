"""What the site is made of is said in a file that the lock file makes."""

from __future__ import annotations

import json

from tests import bill

LOCK = """django==5.2.9 \\
    --hash=sha256:00
psycopg[binary]==3.3.1 \\
    --hash=sha256:00
async-timeout==5.0.1 ; python_full_version < "3.11.3" \\
    --hash=sha256:00
"""


def test_bill_is_that_of_the_lock_file() -> None:
    assert (bill.ROOT / bill.BILL).read_text() == bill.bill((bill.ROOT / bill.LOCK).read_text())


def test_bill_names_every_package_once_with_its_version() -> None:
    components = json.loads(bill.bill(LOCK))["components"]
    assert [(part["name"], part["version"]) for part in components] == [
        ("async-timeout", "5.0.1"),
        ("django", "5.2.9"),
        ("psycopg", "3.3.1"),
    ]
    assert components[1]["purl"] == "pkg:pypi/django@5.2.9"


def test_report_says_what_came_went_and_changed() -> None:
    after = LOCK.replace("5.2.9", "6.0.1").replace("psycopg[binary]==3.3.1", "segno==1.6.6")
    lines = [" ".join(line.split()) for line in bill.report(LOCK, after)]
    assert lines == [
        "django 5.2.9 -> 6.0.1 read its notes",
        "psycopg 3.3.1 -> - read its notes",
        "segno - -> 1.6.6 read its notes",
    ]


def test_report_of_the_same_lock_is_empty() -> None:
    assert bill.report(LOCK, LOCK) == []
