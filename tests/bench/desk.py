"""What the coordinators' pages cost in a site of many years: 20,000 requests, 100,000 messages.

python -m tests.bench.desk [--open 20000]       in a database of its own, or that of DATABASE_URL, which must be empty
"""

from __future__ import annotations

import argparse
import datetime
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator

REQUESTS, MESSAGES, LONG_THREAD = 20_000, 100_000, 200
OPEN = 600  # of them; the others are answered, closed or spam
LIST_MS, LIST_QUERIES, REQUEST_QUERIES = 60, 15, 20
ROUNDS = 15
INBOX = "/admin/consultations/consultationrequest/"
LISTS = ("", "view=mine", "view=new", "view=late", "view=closed", "view=all", "view=all&page=300")


def fill(*, are_open: int) -> None:
    """Rows with real ciphertext, copied: to seal half a million fields takes long, and no list reads them."""
    from django.db import connection, transaction

    from tests.consultations.factories import NOW, create_taken
    from tests.staff import create_staff
    from tests.stories import join

    people = [join(create_staff(f"bench-{number}"), "Coordinator") for number in range(6)]
    join(create_staff("bench-manager"), "Manager")
    story = "I was told that the tumor has a marker and that there is a drug for it. " * 60
    first = create_taken(by=people[0], question=story)
    with transaction.atomic():
        copy(first, _requests(people, are_open=are_open))
        pks = list(type(first).objects.order_by("pk").values_list("pk", flat=True))
        said = first.messages.create(from_staff=False, text=story[:1500], written_at=NOW)
        numbers = [pks[0]] * LONG_THREAD + [
            pks[number % len(pks)] for number in range(MESSAGES - LONG_THREAD)
        ]
        copy(said, ({"form_id": uuid.uuid4(), "request_id": pk, "seen_at": NOW} for pk in numbers))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _requests(people: list[object], *, are_open: int) -> Iterator[dict[str, object]]:
    from django.utils import timezone

    from immuno_site.consultations.reference import new_reference

    now, references = timezone.now(), set[str]()
    while len(references) < REQUESTS:
        references.add(new_reference())
    for number, reference in enumerate(sorted(references)):
        is_open = number % REQUESTS < are_open
        status = (
            ("new", "read", "waiting", "with_doctor")[number % 4]
            if is_open
            else ("answered", "closed")[number % 2]
        )
        owner = None if status == "new" else people[number % len(people)]
        day = now - datetime.timedelta(hours=number % 2000)
        yield {
            "reference": reference, "form_id": uuid.uuid4(), "status": status, "is_urgent": number % 50 == 0,
            "owner_id": owner and owner.pk, "taken_at": owner and now, "language": ("en", "he", "ar", "ru")[number % 4],
            "waiting_since": day if status == "waiting" else None, "received_at": day, "changed_at": day,
            "closed_at": day if status == "closed" else None,
            "closed_reason": "answered" if status == "closed" else "",
            "answered_at": day if status in {"answered", "closed"} else None,
            "answered_in_time": True if status in {"answered", "closed"} else None,
            "reply_due_at": day + datetime.timedelta(days=2), "erase_after": now + datetime.timedelta(days=90),
        }  # fmt: skip


def copy(row: object, changes: Iterator[dict[str, object]]) -> None:
    """Rows like this one."""
    from django.db import connection

    named = {field.column: field for field in row._meta.concrete_fields if not field.primary_key}
    table, columns = row._meta.db_table, ", ".join(named)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table} WHERE id = %s", [row.pk])  # noqa: S608 - our own names
        values = dict(zip(named, cursor.fetchone(), strict=True))
        places = ", ".join(["%s"] * len(named))
        cursor.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({places})",  # noqa: S608
            (
                [
                    named[name].get_db_prep_save(changed[name], connection) if name in changed else value
                    for name, value in values.items()
                ]
                for changed in changes
            ),
        )


def cost(client: object, address: str) -> tuple[float, int]:
    """CPU milliseconds of one look (the middle of many), and how often it asks the database."""
    client.get(address)
    return statistics.median(look(client, address) for _ in range(ROUNDS)), queries(client, address)


def look(client: object, address: str) -> float:
    """CPU milliseconds."""
    before = time.process_time()
    answer = client.get(address)
    spent = (time.process_time() - before) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return spent


def queries(client: object, address: str) -> int:
    """How often one look asks the database."""
    from django.db import connection, reset_queries

    connection.force_debug_cursor = True
    reset_queries()
    client.get(address)
    asked = [
        query["sql"] for query in connection.queries if not query["sql"].startswith(("BEGIN", "SAVEPOINT"))
    ]
    connection.force_debug_cursor = False
    if "-v" in sys.argv:
        for query in connection.queries:
            print("   ", query["time"], query["sql"][:100], "...", query["sql"][-100:])
    return len(asked)


def holds(client: object, address: str, name: str, *, most_ms: float | None, most_queries: int) -> bool:
    """Whether one look stays within its targets; prints what it costs."""
    spent, asked = cost(client, address)
    is_met = asked <= most_queries and (most_ms is None or spent <= most_ms)
    print(f"{name:43} {spent:6.1f} CPU-ms {asked:3} queries{'' if is_met else '  MISSED'}")
    return is_met


def measure() -> int:
    """How many of the figures miss their target."""
    from django.contrib.auth.models import User
    from django.test import Client

    from immuno_site.consultations.models import ConsultationRequest

    missed = 0
    for name in ("bench-0", "bench-manager"):
        client = Client(headers={"host": "localhost"})
        client.force_login(User.objects.get(username=name))
        long = ConsultationRequest.objects.order_by("pk").first()
        pages = [(f"list {query or 'to do'}", f"?{query}", LIST_MS, LIST_QUERIES) for query in LISTS]
        pages.append((f"request of {LONG_THREAD} messages", f"{long.pk}/change/", None, REQUEST_QUERIES))
        for page, address, most_ms, most_queries in pages:
            missed += not holds(
                client, f"{INBOX}{address}", f"{name:14} {page}", most_ms=most_ms, most_queries=most_queries
            )
    return missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--open", type=int, default=OPEN, help=f"how many are worked on ({OPEN})")
    parser.add_argument("-v", action="store_true", help="print each query")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        import django
        from django.core.management import call_command
        from django.db import connection

        django.setup()
        if connection.introspection.table_names():
            parser.error("the database that DATABASE_URL names is not empty")
        call_command("migrate", verbosity=0)
        call_command("apply_roles", verbosity=0)
        fill(are_open=options.open)
        return 1 if measure() else 0


if __name__ == "__main__":
    sys.exit(main())
