"""What the editors' pages cost in a library of many years: 10,000 entries, some of them drafts.

python -m tests.bench.editors [--entries 3000]     in a database of its own
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import sys
import tempfile
from pathlib import Path

from tests.bench.desk import look, queries

ENTRIES, DRAFTS, ROUNDS = 10_000, 20, 25
# 60 CPU-ms, told in forms of Django's own that are asked for in turns: in its quietest minutes a list of 1.4 forms took
# 54. Beside other work on the machine the same code takes up to twice the CPU, for minutes on end.
FORMS, QUERIES = 1.55, 25
ENTRY = "/admin/content/drug/{pk}/"
PAGES = {
    "first page": "/admin/",
    "day": "/admin/day/",
    "list of drugs": "/admin/content/drug/",
    "list of drugs, by name": "/admin/content/drug/?o=1",
    "entry form": f"{ENTRY}change/",
    "where used": f"{ENTRY}used/",
}
# What no list costs less than, with our frame around it.
EMPTY = "/admin/content/drug/?text=planned"
YARD = "beside it: Django's own form"


class Bare:
    """Django's own form of a person in our frame: it costs the same however many entries there are."""

    def __init__(self, user: object) -> None:
        from django.contrib import admin
        from django.contrib.auth.admin import UserAdmin
        from django.contrib.auth.models import User
        from django.test import RequestFactory

        self.admin = UserAdmin(User, admin.site)
        self.request = RequestFactory().get("/admin/", headers={"host": "localhost"})
        self.request.user = user

    def get(self, pk: str) -> object:
        return self.admin.change_view(self.request, pk).render()


def fill() -> None:
    """An editor, and drafts of hers among the first of the list."""
    from django.db import connection
    from djangocms_versioning.models import Version

    from content.models import DrugContent
    from tests.staff import create_staff
    from tests.stories import join

    editor = join(create_staff("bench-editor"), "Editor")
    contents = DrugContent.objects.filter(language="en").order_by("entry__slug")
    for content in contents[:DRAFTS]:
        draft = Version.objects.get_for_content(content).copy(editor).content
        draft.change_note = "Says more about tests."  # without it the gate looks no further
        draft.save()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measure() -> int:
    """How many of the figures miss their target."""
    from django.contrib.auth.models import User
    from django.test import Client

    from content.models import Drug

    client = Client(headers={"host": "localhost"})
    user = User.objects.get(username="bench-editor")
    root = User(pk=0, is_superuser=True, is_staff=True, username="bench-root")
    client.force_login(user)
    gc.collect()
    gc.freeze()  # as gunicorn does before it makes its workers
    first = Drug.objects.order_by("slug").first()
    addresses = {page: address.format(pk=first.pk) for page, address in PAGES.items()}
    looks = {page: (client, address) for page, address in addresses.items()}
    looks |= {"beside it: an empty list": (client, EMPTY), YARD: (Bare(root), str(user.pk))}
    spent = _in_turns(looks)
    missed = 0
    for page, (whoever, address) in looks.items():
        asked = queries(whoever, address)
        forms = statistics.median(a / b for a, b in zip(spent[page], spent[YARD], strict=True))
        is_met = asked <= QUERIES and forms <= FORMS
        missed += not is_met
        figures = f"{statistics.median(spent[page]):6.1f} CPU-ms {forms:5.2f} forms {asked:3} queries"
        print(f"{page:43} {figures}{'' if is_met else '  MISSED'}")
    return missed


def _in_turns(looks: dict[str, tuple[object, str]]) -> dict[str, list[float]]:
    """CPU milliseconds of each, round by round; the first round warms."""
    rounds = [{page: look(*which) for page, which in looks.items()} for _ in range(ROUNDS + 1)]
    return {page: [one[page] for one in rounds[1:]] for page in looks}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--entries", type=int, default=ENTRIES, help=f"how many there are ({ENTRIES})")
    parser.add_argument("-v", action="store_true", help="print each query")
    options = parser.parse_args()
    from tests.live.server import run

    with tempfile.TemporaryDirectory() as folder:
        run(Path(folder), "manage.py", "migrate", "--verbosity", "0")
        run(Path(folder), "-m", "tests.synthetic", str(options.entries))
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        import django
        from django.core.management import call_command

        django.setup()
        call_command("apply_roles", verbosity=0)
        fill()
        return 1 if measure() else 0


if __name__ == "__main__":
    sys.exit(main())
