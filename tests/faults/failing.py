"""The site with one spot at which a worker dies, once: gunicorn tests.faults.failing.

The product knows nothing of this: a call of it is wrapped from outside, in a server that only a trial starts.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import wraps
from importlib import import_module

from immuno_site.wsgi import application
from tests.faults.spots import SPENT, SPOT, SPOTS

__all__ = ["application"]


def _die_once() -> None:
    try:
        os.close(os.open(os.environ[SPENT], os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def _deadly(call: Callable, *, is_before: bool) -> Callable:
    @wraps(call)
    def wrapped(*args: object, **kwargs: object) -> object:
        if is_before:
            _die_once()
        result = call(*args, **kwargs)
        _die_once()
        return result

    return wrapped


def _prepare(module: str, call: str, *, is_before: bool) -> None:
    *owners, name = call.split(".")
    owner = import_module(module)
    for part in owners:
        owner = getattr(owner, part)
    setattr(owner, name, _deadly(getattr(owner, name), is_before=is_before))


_prepare(*SPOTS[os.environ[SPOT]][:2], is_before=SPOTS[os.environ[SPOT]].is_before)
