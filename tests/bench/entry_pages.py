"""What it costs to build every entry page of the real stock, here and at another commit, in turns."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.live.server import BUILT, ROOT, Server, run, serving

ENTRIES = re.compile(
    r"<loc>https?://[^/]+(/(?:cancers|therapies|drugs|side-effects|biomarkers|centers)/[^/<]+/)<"
)
FILL = (("migrate", "--verbosity", "0"), ("import_library",), ("build_pages",))
CHANGE = (
    "import django; django.setup(); from immuno_site.page_cache import generation; generation.start_new()"
)
REQUESTS = 4  # for one figure: it is a mean of both workers

Costs = dict[str, float]  # milliseconds by address
Sizes = dict[str, int]  # bytes of a page as it is read, by address


@contextmanager
def serving_stock(code: Path, data: Path) -> Iterator[Server]:
    """The site of that code with its own library, warm in both workers."""
    data.mkdir()
    for arguments in FILL:
        run(data, "manage.py", *arguments, code=code)
    with serving(data, code=code) as server:
        costs(server, entries_of(server), requests=4 * REQUESTS)
        yield server


def entries_of(server: Server) -> list[str]:
    sitemap = server.get("/sitemap.xml", **{"Accept-Encoding": "identity"}).body.decode()
    return sorted(set(ENTRIES.findall(sitemap)))


def costs(server: Server, paths: list[str], *, requests: int = REQUESTS) -> Costs:
    return {path: server.cpu_of_one(path, requests, **BUILT) for path in paths}


def sizes(server: Server, paths: list[str]) -> Sizes:
    """Asked for as `costs` does: a page that was kept would not be built again."""
    plain = BUILT | {"Accept-Encoding": "identity"}
    return {path: len(server.get(path, **plain).body) for path in paths}


def per_100_kb(costs: Costs, sizes: Sizes) -> Costs:
    """What as much of a page costs: each commit serves its own library, and the library grows."""
    return {path: cost * 100_000 / sizes[path] for path, cost in costs.items()}


def rounds_of(against: Path, folder: Path, rounds: int) -> Iterator[tuple[str, Costs, Costs]]:
    """(name, here, there), round by round: built again, and built first after something public has changed; each as a
    whole page, and for 100 kB of it."""
    sites = {ROOT: folder / "here", against: folder / "there"}
    with ExitStack() as stack:
        servers = [stack.enter_context(serving_stock(code, data)) for code, data in sites.items()]
        here, there = servers
        paths = sorted({*entries_of(here)} & {*entries_of(there)})
        long_here, long_there = (sizes(server, paths) for server in servers)

        def both(name: str, here: Costs, there: Costs) -> Iterator[tuple[str, Costs, Costs]]:
            yield name, here, there
            yield f"{name}, of 100 kB", per_100_kb(here, long_here), per_100_kb(there, long_there)

        for _ in range(rounds):
            yield from both("built again", *(costs(server, paths) for server in servers))
        for _ in range(rounds):
            for code, data in sites.items():
                run(data, "-c", CHANGE, code=code)
            time.sleep(1)  # a worker looks for a change twice a second
            yield from both(
                "built first after a change", *(costs(server, paths, requests=1) for server in servers)
            )


def middle(costs: Costs) -> float:
    return statistics.median(costs.values())


def worst(costs: Costs) -> float:
    return max(costs.values())
