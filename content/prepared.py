"""Queries that Django writes once a process. To write one costs a page ten times what the database takes to answer;
the pages of a kind ask the same ones, each about another entry."""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable
from typing import NamedTuple, TypeVar

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from content.text.hints import HandedOn

Row = TypeVar("Row")
M = TypeVar("M", bound=Model)
Value = int | str


class _Written(NamedTuple):
    """A query with its places still open."""

    queryset: QuerySet
    compiler: SQLCompiler
    sql: str
    parameters: tuple[object, ...]


_written: dict[Hashable, _Written] = {}


def ask(name: Hashable, query: Callable[..., QuerySet[M, Row]], **about: Value) -> list[Row]:
    """The rows of `query(**about)`. `name` stands for the query: whatever else it depends on belongs into it."""
    places = {place: _left_open(number, about[place]) for number, place in enumerate(sorted(about))}
    if name not in _written:
        _written[name] = _write(query(**places))
    return _filled_in(_written[name], {left: about[place] for place, left in places.items()})


def forget() -> None:
    """After the tables were emptied: numbers of content types stand in what was written."""
    _written.clear()


def _left_open(number: int, value: Value) -> Value:
    """What no row has and no other place, so that it is found again among the parameters."""
    return f"<{number}>" if isinstance(value, str) else 2_147_000_000 + number


def _write(queryset: QuerySet) -> _Written:
    compiler = queryset.query.get_compiler(queryset.db)
    return _Written(queryset, compiler, *compiler.as_sql())


def _filled_in(written: _Written, values: dict[object, Value]) -> list[HandedOn]:
    parameters = tuple(values.get(parameter, parameter) for parameter in written.parameters)
    compiler = copy.copy(written.compiler)
    compiler.connection = connections[written.queryset.db]  # each thread has its own
    vars(compiler)["as_sql"] = lambda: (written.sql, parameters)
    rows = written.queryset.all()
    vars(rows.query)["get_compiler"] = lambda using: compiler
    return list(rows)
