"""How gunicorn runs the site: gunicorn -c immuno_site/deploy/gunicorn.conf.py immuno_site.wsgi.

What differs between machines goes on the command line or into gunicorn's own GUNICORN_CMD_ARGS.
"""

import os
import shutil
import tempfile
from itertools import count
from pathlib import Path

from gunicorn.arbiter import Arbiter

# nginx in front, on the same machine.
bind = "127.0.0.1:8000"

# One request at a time per worker: django CMS's grouper admin keeps the language it edits on an object that
# threads would share.
worker_class = "sync"
workers = 2
# Loaded once, before the workers are made from it: they share that memory.
preload_app = True

# A worker reports that it is alive through a file; on a busy disk that alone could stall it.
if Path("/dev/shm").is_dir():  # noqa: S108 - gunicorn makes a file of its own there, readable by nobody else
    worker_tmp_dir = "/dev/shm"  # noqa: S108

# The slowest honest request is an upload, and nginx hands those over whole.
timeout = 60
graceful_timeout = 30

# A fresh worker now and then, not all at the same moment, keeps slow leaks small.
max_requests = 20_000
max_requests_jitter = 2_000

# nginx writes the access log without query strings: what somebody searched for is nobody's business.
accesslog = None
loglevel = "info"
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "immuno_site.logs.JsonLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"gunicorn.error": {"handlers": ["console"], "level": "INFO", "propagate": False}},
}
control_socket_disable = True  # systemd starts and stops us


# Where workers count requests, each in a file of its own that the others read: metrics.py.
COUNTERS = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="immuno-counters-")


def pre_fork(server: Arbiter, worker: object) -> None:
    """The lowest place that is free: whoever follows a worker counts on in its file, so these stay few."""
    taken = {vars(other).get("place") for other in server.WORKERS.values()}
    vars(worker)["place"] = next(str(number) for number in count() if str(number) not in taken)


def post_fork(server: object, worker: object) -> None:
    from immuno_site import metrics

    metrics.place = vars(worker)["place"]


def on_exit(server: object) -> None:
    shutil.rmtree(COUNTERS, ignore_errors=True)


def when_ready(server: object) -> None:
    """Everything is loaded and no worker made yet."""
    import gc

    from django.db import connections

    from immuno_site.first_pages import open_first_pages
    from immuno_site.wsgi import site

    _give_memory_back()
    open_first_pages(site)  # uncounted: nobody asked
    connections.close_all()  # two workers must not talk through one connection
    # What was loaded so far lives as long as the server. Out of the garbage collector's sight it stays
    # untouched, and so shared between the workers.
    gc.collect()
    gc.freeze()
    # Python looks for old garbage when a quarter as much is new as it last found in use. Counted again without
    # what was frozen, or a worker would keep 70,000 objects of past requests before it looks.
    gc.collect()


M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # of malloc.h
LARGE = 512 * 1024


def _give_memory_back() -> None:
    """Building and compressing a page takes megabytes for a moment; glibc would keep them for the worker's whole
    life."""
    import ctypes

    if set_option := getattr(ctypes.CDLL(None), "mallopt", None):  # other systems do as they always do
        set_option(M_ARENA_MAX, 1)
        set_option(M_TRIM_THRESHOLD, LARGE)
        set_option(M_MMAP_THRESHOLD, LARGE)


def post_worker_init(worker: object) -> None:
    """Each worker says by itself which key it has: after a half restart they differ. And what readers searched for."""
    from django.utils import timezone

    from content.search import asked_for
    from immuno_site.consultations.presence import Presence

    write = lambda: asked_for.write_down(today=timezone.localdate())  # noqa: E731
    vars(worker)["presence"] = presence = Presence("web", also=write)
    presence.start()


def worker_exit(server: object, worker: object) -> None:
    if presence := vars(worker).get("presence"):
        presence.end()
