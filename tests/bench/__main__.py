"""Measures what pages and imports cost and holds the figures against their targets.

Costs are CPU seconds of the workers, not waiting time: they do not depend on the network and hardly on what else
the machine does. What is compared is measured in turns, round by round, so that a busy minute hits both sides.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from tests.bench import walks
from tests.bench.asked import SEARCHES, of_many, of_stock
from tests.bench.entry_pages import middle, rounds_of, worst
from tests.live.server import BUILT, ROOT, UNCACHED, Server, environment, run, serving
from tests.synthetic import QUERIES

PAGE = "/drugs/drug-3/"
NEVER_KEPT = "/drugs/drug-4/"  # nobody asks for it without a form's cookie
FILE = "/static/bench.html"
SIZES = (300, 3_000, 10_000)
LIBRARY = ROOT / "content" / "library"
TOOLS = (
    ("search for common words", SEARCHES, 8),
    ("names while typing", ["/suggest.json"], 8),
    ("Find: uses of a cancer", ["/find/?cancer=cancer-1&show=uses"], 15),
    (
        "Compare: four medicines",
        ["/compare/?" + "&".join(f"drug=drug-{number}" for number in range(1, 5))],
        15,
    ),
)
CANCERS = ("lymphoma", "non-small-cell-lung-cancer", "multiple-myeloma", "breast-cancer", "bladder-cancer")
FOUR = ("pembrolizumab", "nivolumab", "lenalidomide", "trastuzumab")
TOOLS_OF_STOCK = (
    (
        "Find: uses of the cancers with most of them",
        [f"/find/?cancer={name}&show=uses" for name in CANCERS],
        15,
    ),
    ("Compare: the four with most uses", ["/compare/?" + "&".join(f"drug={name}" for name in FOUR)], 15),
    (
        "search: medicine, sign and question",
        ["/search/?q=keytruda", "/search/?q=fever", "/search/?q=can+i+drink+alcohol"],
        8,
    ),
)
KINDS = (
    "/cancers/cancer-1/",
    "/therapies/therapy-1/",
    PAGE,
    "/side-effects/side-effect-1/",
    "/drugs/",
    "/cancers/",
)


@dataclass
class Figures:
    """Several measurements of one thing."""

    name: str
    unit: str
    target: float | None = None
    values: list[float] = field(default_factory=list)
    old_target: float | None = None  # of commit 698a9d8, where there was another

    @property
    def is_met(self) -> bool:
        return self.target is None or statistics.median(self.values) <= self.target

    def __str__(self) -> str:
        low, middle, high = min(self.values), statistics.median(self.values), max(self.values)
        old = "" if self.old_target is None else f", was {self.old_target:g}"
        target = (
            ""
            if self.target is None
            else f"  target {self.target:g}{old}: {'met' if self.is_met else 'MISSED'}"
        )
        return f"{self.name:<58} {middle:8.2f} {self.unit:<5} ({low:.2f} - {high:.2f}){target}"


def interleaved(rounds: int, *sides: Callable[[], float]) -> list[list[float]]:
    """Every side once a round, in turn; the values by side."""
    values = [[side() for side in sides] for _ in range(rounds)]
    return [list(side) for side in zip(*values, strict=True)]


def compare(name: str, sides: Sequence[Sequence[float]], *, target: float | None = None) -> Figures:
    """How many times the cost of the second side the first one has, round by round."""
    first, second = sides
    return Figures(name, "times", target, [one / other for one, other in zip(first, second, strict=True)])


def cached_against_file(server: Server, where: str, rounds: int, *, target: float) -> list[Figures]:
    server.cpu([PAGE, FILE], 100)
    page, file = interleaved(rounds, lambda: server.cpu([PAGE], 1_500), lambda: server.cpu([FILE], 1_500))
    return [
        Figures(f"cached entry page ({where})", "ms", None, page),
        Figures("WhiteNoise file, same bytes on the wire", "ms", None, file),
        compare(f"cached entry page ({where}) / WhiteNoise file", [page, file], target=target),
    ]


def cached_against_built(server: Server, rounds: int) -> list[Figures]:
    sides = interleaved(rounds, lambda: server.cpu([PAGE], 1_500), lambda: server.cpu([PAGE], 60, **UNCACHED))
    return [compare("cached entry page / the same page built", sides)]


def built_by_size(servers: dict[int, Server], rounds: int) -> list[Figures]:
    """Pages of the same length: what grows is only the library around them."""
    for server in servers.values():
        server.cpu([NEVER_KEPT], 10, **BUILT)
    sides = interleaved(
        rounds, *(lambda server=server: server.cpu([NEVER_KEPT], 50, **BUILT) for server in servers.values())
    )
    figures = [
        Figures(f"entry page built at {size:,} entries", "ms", None, values)
        for size, values in zip(servers, sides, strict=True)
    ]
    return [
        *figures,
        compare(
            f"built at {max(servers):,} / at {min(servers):,} entries", [sides[-1], sides[0]], target=1.1
        ),
    ]


def built_against(code: Path, folder: Path, rounds: int) -> list[Figures]:
    """Every real entry page here, beside what it costs with that code: CPU-ms, and the share of it.

    Each has the library of its own commit. Whole pages also tell what the library grew by since; 100 kB of a page
    tell more of the code, though pages are sent without their indentation since and so hold more in as much.
    """
    figures: dict[str, Figures] = {}

    def note(name: str, unit: str, value: float, target: float | None = None) -> None:
        figures.setdefault(name, Figures(name, unit, target)).values.append(value)

    for when, here, there in rounds_of(code, folder, rounds):
        for what, chosen in (("median", middle), ("worst", worst)):
            name = f"{what} real entry page {when}"
            note(f"{name}, there", "ms", chosen(there))
            note(f"{name}, here", "ms", chosen(here))
            target = 0.25 if when == "built again" else None
            note(f"{name}, here / there", "times", chosen(here) / chosen(there), target)
    return list(figures.values())


def searched_against(code: Path, folder: Path, rounds: int) -> list[Figures]:
    """Searches and open data here, beside what they cost with that code."""
    figures: dict[str, Figures] = {}
    for name, (here, there) in chain(of_stock(code, folder, rounds), of_many(code, folder, rounds)):
        target = 0.2 if "open data" in name else 0.4
        for what, unit, value, limit in (
            ("there", "ms", there, None),
            ("here", "ms", here, None),
            ("here / there", "times", here / there, target),
        ):
            called = f"{name}, {what}"
            figures.setdefault(called, Figures(called, unit, limit)).values.append(value)
    return list(figures.values())


def held_against(code: Path, folder: Path, rounds: int) -> list[Figures]:
    """Memory here after readers, a patient, an editor and a coordinator, beside what it is with that code."""
    turns = list(walks.of_stock(code, folder, rounds))
    here, there = ([*side] for side in zip(*turns, strict=True))
    name = "memory of two workers (PSS) after everybody's walk"
    return [
        Figures(f"{name}, there", "MiB", None, there),
        Figures(f"{name}, here", "MiB", None, here),
        compare(f"{name}, here / there", [here, there], target=0.97),  # 140 MiB to 144
    ]


def tools_by_size(servers: dict[int, Server], rounds: int, *, where: str) -> list[Figures]:
    """Search, suggestions, Find and Compare, answered from all that processes keep but for the finished page."""
    figures = []
    for name, paths, target in TOOLS:
        for size, values in zip(servers, _asked_in_turn([*servers.values()], paths, rounds), strict=True):
            figures.append(Figures(f"{name} at {size:,} entries ({where})", "ms", target, values))
    return figures


def _asked_in_turn(servers: Sequence[Server], paths: list[str], rounds: int) -> list[list[float]]:
    for server in servers:
        server.cpu(paths, 4 * len(paths), **BUILT)
    return interleaved(
        rounds,
        *(lambda server=server: server.cpu(paths, 4 * len(QUERIES), **BUILT) for server in servers),
    )


def tools_of_stock(site: Path, rounds: int) -> list[Figures]:
    """The same with the real library, whose entries have many more facts than those made up."""
    with serving(site) as server:
        return [
            Figures(f"{name} (real library)", "ms", target, *_asked_in_turn([server], paths, rounds))
            for name, paths, target in TOOLS_OF_STOCK
        ]


@contextmanager
def serving_from_postgres(url: str, folder: Path, sizes: Sequence[int]) -> Iterator[dict[int, Server]]:
    """The same libraries in databases made on that server, and dropped again."""
    from psycopg import connect, sql

    with ExitStack() as stack:
        maker = stack.enter_context(connect(url, autocommit=True))
        servers = {}
        for size in sizes:
            name = f"immuno_bench_{size}"
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            maker.execute(drop)
            maker.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            stack.callback(maker.execute, drop)
            database, site = f"{url.rpartition('/')[0]}/{name}", folder / name
            site.mkdir()
            run(site, "manage.py", "migrate", "--verbosity", "0", DATABASE_URL=database)
            run(site, "-m", "tests.synthetic", str(size), DATABASE_URL=database)
            servers[size] = stack.enter_context(serving(site, DATABASE_URL=database))
        yield servers


def memory(server: Server) -> Figures:
    """After every kind of page was built and kept in both workers."""
    server.cpu([*KINDS, "/search/?q=treatment"], 140, **UNCACHED)
    server.cpu([*KINDS, *(f"/drugs/drug-{number}/" for number in range(80))], 400)
    return Figures("memory of two workers (PSS)", "MiB", 150, [sum(server.pss())])


def file_of_equal_size(server: Server, data: Path) -> None:
    """A static file that takes as many bytes on the wire, headers included, as the cached entry page."""
    page = server.get(PAGE)
    folder = data / "static"
    folder.mkdir(exist_ok=True)
    plain = server.get(PAGE, **{"Accept-Encoding": "identity"}).body
    (folder / "bench.html").write_bytes(plain)
    packed = folder / "bench.html.br"
    packed.write_bytes(page.body)
    with serving(data) as other:
        missing = page.size - other.get(FILE).size
    # Nobody unpacks it: the file makes up with zeros for the headers that only pages have.
    packed.write_bytes(page.body + b"\0" * max(0, missing))


def import_of(count: int, folder: Path, rounds: int) -> Figures:
    """Checks, publishing and the search index included, into a database that holds nothing yet."""
    library = folder / "library"
    run(folder / "empty", "-m", "tests.bench.grown_library", str(library), str(count))

    def once() -> float:
        with tempfile.TemporaryDirectory(dir=folder) as site:
            shutil.copytree(folder / "empty", site, dirs_exist_ok=True)
            return float(ask(Path(site), "-m", "tests.bench.import_anew", str(library)))

    name = f"import of {count} entries with their facts"
    return Figures(name, "s", 6, [once() for _ in range(rounds)], old_target=8)


def imported(count: int | None, folder: Path) -> tuple[Path, Path]:
    """A library of `count` entries, or as it is, and a site that has imported it."""
    name = f"again-{count or 'as-it-is'}"
    library, site = folder / f"library-{name}", folder / name
    shutil.copytree(folder / "empty", site)
    if count:
        run(site, "-m", "tests.bench.grown_library", str(library), str(count))
    else:
        shutil.copytree(LIBRARY, library)
    run(site, "manage.py", "import_library", str(library))
    return library, site


def import_again(library: Path, site: Path, rounds: int) -> Figures:
    """After one file changed, of 3,000 files and more."""

    def once() -> float:
        return float(ask(site, "-m", "tests.bench.import_again", str(library)))

    once()  # statistics of the database, compiled modules
    files = sum(1 for path in library.glob("*/*") if path.is_file())
    name = f"import after one of {files:,} files changed"
    return Figures(name, "s", 0.6, [once() for _ in range(rounds)])


def ask(site: Path, *arguments: str) -> str:
    """What a Python command in that site prints."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        cwd=ROOT,
        env=environment(site),
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def make_sites(folder: Path, sizes: Sequence[int]) -> dict[int, Path]:
    """One migrated database, copied and filled for each size."""
    empty = folder / "empty"
    empty.mkdir()
    run(empty, "manage.py", "migrate", "--verbosity", "0")
    sites = {}
    for size in sizes:
        sites[size] = shutil.copytree(empty, folder / str(size))
        run(sites[size], "-m", "tests.synthetic", str(size))
        print(f"Made {size:,} entries.", flush=True)
    return sites


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often everything is measured (5)")
    parser.add_argument(
        "--largest", type=int, default=max(SIZES), help="leave out larger libraries than this"
    )
    parser.add_argument(
        "--against",
        type=Path,
        help="a worktree of another commit: pages, searches, open data and memory of both",
    )
    parser.add_argument("--only-against", action="store_true", help="nothing but that")
    options = parser.parse_args()
    sizes = [size for size in SIZES if size <= options.largest]
    figures: list[Figures] = []

    def show(more: list[Figures]) -> None:
        figures.extend(more)
        print(*more, sep="\n", flush=True)

    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        if options.against:
            show(built_against(options.against.resolve(), Path(folder), options.rounds))
            show(searched_against(options.against.resolve(), Path(folder), options.rounds))
            show(held_against(options.against.resolve(), Path(folder), options.rounds))
        if options.only_against:
            return 0 if all(figure.is_met for figure in figures) else 1
        sites = make_sites(Path(folder), sizes)
        show([import_of(300, Path(folder), options.rounds)])
        library, site = imported(None, Path(folder))
        show([import_again(library, site, options.rounds)])
        show(tools_of_stock(site, options.rounds))
        if options.largest >= 3_000:
            show([import_again(*imported(1_700, Path(folder)), options.rounds)])
        small = sites[sizes[0]]
        with serving(small) as server:
            file_of_equal_size(server, small)
        servers = {size: stack.enter_context(serving(site)) for size, site in sites.items()}
        first = servers[sizes[0]]
        show(cached_against_file(first, "files", options.rounds, target=0.6))
        if redis := os.environ.get("REDIS_URL"):
            with serving(small, REDIS_URL=redis) as server:
                show(cached_against_file(server, "Redis", options.rounds, target=0.6))
        show(cached_against_built(first, options.rounds))
        show(built_by_size(servers, options.rounds))
        show(tools_by_size(servers, options.rounds, where="SQLite"))
        if url := os.environ.get("DATABASE_URL"):
            with serving_from_postgres(url, Path(folder), sizes) as there:
                show(tools_by_size(there, options.rounds, where="PostgreSQL"))
        show([memory(first)])
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
