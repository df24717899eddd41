"""What a search for common words and the open data of a cancer cost, here and at another commit, in turns.

Asked by somebody who holds a form's cookie: answered each time from all that processes keep, but for the finished page.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench.entry_pages import serving_stock
from tests.live.server import BUILT, ROOT, Server, run, serving
from tests.synthetic import QUERIES

ENTRIES = 3_000
OPEN_DATA = ["/api/v1/cancers/melanoma/"]
SEARCHES = ["/search/?q=" + query.replace(" ", "+") for query in QUERIES]
REQUESTS = 20  # of each address, for one figure

Turn = tuple[float, float]  # milliseconds of one request, here and there


def of_stock(against: Path, folder: Path, rounds: int) -> Iterator[tuple[str, Turn]]:
    """(name, turn) in the library as it is."""
    with ExitStack() as stack:
        sites = {ROOT: folder / "asked-here", against: folder / "asked-there"}
        servers = [stack.enter_context(serving_stock(code, data)) for code, data in sites.items()]
        for _ in range(rounds):
            yield "search for common words in the real stock", _turn(servers, SEARCHES)
            yield "open data of melanoma", _turn(servers, OPEN_DATA)


def of_many(against: Path, folder: Path, rounds: int) -> Iterator[tuple[str, Turn]]:
    """(name, turn) among made-up entries."""
    with ExitStack() as stack:
        sites = {ROOT: folder / "many-here", against: folder / "many-there"}
        servers = [stack.enter_context(_serving_many(code, data)) for code, data in sites.items()]
        for _ in range(rounds):
            yield f"search for common words at {ENTRIES:,} entries", _turn(servers, SEARCHES)


@contextmanager
def _serving_many(code: Path, data: Path) -> Iterator[Server]:
    data.mkdir()
    run(data, "manage.py", "migrate", "--verbosity", "0", code=code)
    run(data, "-m", "tests.synthetic", str(ENTRIES), code=code)
    with serving(data, code=code) as server:
        _cost(server, SEARCHES)
        yield server


def _turn(servers: list[Server], paths: list[str]) -> Turn:
    here, there = (_cost(server, paths) for server in servers)
    return here, there


def _cost(server: Server, paths: list[str]) -> float:
    return sum(server.cpu_of_one(path, REQUESTS, **BUILT) for path in paths) / len(paths)
