"""Production settings, but for what would slow tests down or leave the machine.

SQLite and memory, unless DATABASE_URL and REDIS_URL name servers: then the tests use those.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
if "DATA_DIR" not in os.environ:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="immuno-tests-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
elif WORKER != "main" and not os.environ["DATA_DIR"].endswith(f"/{WORKER}"):
    # xdist's workers inherit the folder. A corner each: else one waits while another's file is looked into.
    os.environ["DATA_DIR"] += f"/{WORKER}"
    Path(os.environ["DATA_DIR"]).mkdir(parents=True, exist_ok=True)
os.environ["IMMUNO_ENV"] = "production"  # whatever `make` exports for the other commands
os.environ.setdefault("SECRET_KEY", "tests only")
os.environ.setdefault("CONSULTATION_KEYS", "bound:dGVzdHMgb25seSB0ZXN0cyBvbmx5IHRlc3RzIG9ubHk")
os.environ.setdefault("CONSULTATION_INDEX_KEY", "tests only, never elsewhere")
os.environ.setdefault("SITE_URL", "https://testserver")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")

from immuno_site.settings import *  # noqa: E402, F403
from immuno_site.settings import DATA_DIR, DATABASES, REDIS_URL, STORAGES  # noqa: E402

SECURE_SSL_REDIRECT = False  # the test client speaks http
# A page may show unreviewed text here unless a test says otherwise.
CLINICAL_REVIEW = "label"
LIBRARY = Path(__file__).with_name("library")  # until a test is marked `stock`
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True  # no scan of 469 files for each new client
WHITENOISE_USE_FINDERS = True


def _cache(name: str) -> dict[str, object]:
    """Each worker process keeps its own pages; nothing is shared with a site that runs on this machine."""
    if not REDIS_URL:
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
    return {
        "BACKEND": "tests.own_corner_of_redis.OwnCornerOfRedis",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"tests-{WORKER}-{name}",
    }


CACHES = {name: _cache(name) for name in ("default", "pages")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: the browser tests' server answers several requests at once, and in memory all of
    # its threads would share one connection and end each other's transactions.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "tests.sqlite3")}
    # Twenty threads at once wait for each other longer where other tests take their time on the processor.
    DATABASES["default"]["OPTIONS"]["timeout"] = 120
    # Nothing here has to survive a power cut.
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
LOGGING = {"version": 1, "disable_existing_loggers": True}
