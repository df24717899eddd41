"""Production settings, but for what would slow tests down or leave the machine."""

import os
import tempfile

os.environ.setdefault("IMMUNO_ENV", "production")
os.environ.setdefault("SECRET_KEY", "tests only")
os.environ.setdefault("SITE_URL", "https://testserver")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="immuno-tests-"))

from immuno_site.settings import *  # noqa: E402, F403
from immuno_site.settings import DATABASES, STORAGES  # noqa: E402

SECURE_SSL_REDIRECT = False  # the test client speaks http
# A page may show unreviewed text here unless a test says otherwise.
CLINICAL_REVIEW = "label"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True  # no scan of 469 files for each new client
WHITENOISE_USE_FINDERS = True
# Each worker process keeps its own pages; nothing is shared with a site that runs on this machine.
CACHES = {
    name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
    for name in ("default", "pages")
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": None}  # in memory
LOGGING = {"version": 1, "disable_existing_loggers": True}
