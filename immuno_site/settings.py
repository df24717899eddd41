"""All settings, and the only reader of the environment. Safe by default: production unless told otherwise."""

import base64
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

from immuno_site.environment import env, env_bool, env_list, env_secret
from immuno_site.mail_server import CONSOLE, mail_settings

ROOT = Path(__file__).resolve().parent.parent
# Releases lie beside each other, each in a folder of its own name.
RELEASE = ROOT.name

# --- What kind of start is this? -------------------------------------------------------------------------

IMMUNO_ENV = env("IMMUNO_ENV", "production", choices=("production", "development"))
DEVELOPMENT = IMMUNO_ENV == "development"
DEBUG = env_bool("DEBUG", default=False)
# Everything the site writes lives here: database, caches, private files.
DATA_DIR = Path(env("DATA_DIR", str(ROOT / "var")))
DATA_DIR.mkdir(parents=True, exist_ok=True)


def _made_once(name: str, make: Callable[[], str]) -> str:
    """A development secret of this checkout's own; production has to bring its own."""
    path = DATA_DIR / f"development-{name}"
    if not path.exists():
        own = path.with_name(f"{path.name}.{os.getpid()}")
        own.touch(mode=0o600)
        own.write_text(make())
        with suppress(FileExistsError):  # another process was faster: its secret is ours too
            path.hardlink_to(own)
        own.unlink()
    return path.read_text()


def _random_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _random_bound_key() -> str:
    return f"bound:{_random_key()}"


SECRET_KEY = _made_once("secret", get_random_secret_key) if DEVELOPMENT else env_secret("SECRET_KEY")
SITE_URL = env("SITE_URL", "http://127.0.0.1:8000" if DEVELOPMENT else None).rstrip("/")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]" if DEVELOPMENT else None)
CSRF_TRUSTED_ORIGINS = [] if DEVELOPMENT else [SITE_URL]

# required: nothing medical goes public without a clinician's sign-off.
# label: it may, and every such page says that no clinician has checked it yet.
CLINICAL_REVIEW = env(
    "CLINICAL_REVIEW", "label" if DEVELOPMENT else "required", choices=("required", "label")
)

# The library's files: what is imported, built and checked unless a command names another folder.
LIBRARY = ROOT / "content" / "library"

# Whether this machine may open the sources' own pages, to see what changed since somebody read them.
SOURCE_WATCH = env_bool("SOURCE_WATCH", default=False)

# What looks into the pictures and leaflets of editors (content/uploads.py).
EDITORS_FILES = "immuno_site.editors_files"

# --- The parts --------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "immuno_site",
    "content",
    "djangocms_simple_admin_style",  # before the admin, whose templates it replaces
    "immuno_site.staff.apps.StaffAdminConfig",  # django.contrib.admin, arranged by work
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.sites",
    "django.contrib.staticfiles",
    "cms",
    "menus",
    "treebeard",
    "sekizai",
    "djangocms_versioning",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "immuno_site.accounts",  # after allauth and the admin, whose accounts pages it replaces
    "immuno_site.consultations",  # after the accounts, whose page it extends
    "ninja",  # so that the open data's documentation loads its files from here
]

MIDDLEWARE = [
    "immuno_site.page_cache.PageCache",  # outermost: a finished page passes nothing else
    "immuno_site.metrics.name_views",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",  # before the headers below, which files do not need
    "immuno_site.middleware.response_headers",
    "immuno_site.middleware.ContentSecurityPolicy",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "immuno_site.middleware.known_methods",
    "immuno_site.health.answer_supervisors",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "immuno_site.accounts.middleware.session_clock",
    "immuno_site.accounts.middleware.second_factor_required",
    "immuno_site.accounts.middleware.RefusedForms",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # No LanguageCookieMiddleware: it would set a cookie on every public page.
    "cms.middleware.user.CurrentUserMiddleware",
    "cms.middleware.page.CurrentPageMiddleware",
    "immuno_site.middleware.Toolbar",
    "axes.middleware.AxesMiddleware",  # innermost: turns a refused sign-in into the page that says so
]

ROOT_URLCONF = "immuno_site.urls"
WSGI_APPLICATION = "immuno_site.wsgi.application"
SITE_ID = 1

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sekizai.context_processors.sekizai",
                "cms.context_processors.cms_settings",
                "content.context_processors.site",
            ],
        },
    },
]

# --- Data -------------------------------------------------------------------------------------------------


_HOW_TO_NAME_A_DATABASE = (
    "DATABASE_URL cannot be read; write it as postgres://user:password@host:5432/name or sqlite:///path."
)


def _database() -> dict[str, object]:
    """One SQLite file unless DATABASE_URL names a PostgreSQL server."""
    url = env("DATABASE_URL", f"sqlite:///{DATA_DIR / 'site.sqlite3'}")
    if not url.startswith(("sqlite:", "postgres:", "postgresql:")):
        raise ImproperlyConfigured(_HOW_TO_NAME_A_DATABASE)
    try:
        # A pooler that hands each transaction to another connection knows no cursor of the one before.
        pooled = env_bool("DATABASE_POOLED", default=False)
        database = dict(
            dj_database_url.parse(
                url, conn_max_age=60, conn_health_checks=True, disable_server_side_cursors=pooled
            )
        )
    except (dj_database_url.ParseError, ValueError) as error:
        raise ImproperlyConfigured(_HOW_TO_NAME_A_DATABASE) from error
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["CONN_HEALTH_CHECKS"] = False
        database["OPTIONS"] = {
            # IMMEDIATE: without it writers meet "database is locked" whatever the timeout.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;",
        }
    return database


DATABASES = {"default": _database()}
FORMS_URLFIELD_ASSUME_HTTPS = True  # what Django 6 does anyway
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", "")


def _cache(name: str, *, max_entries: int) -> dict[str, object]:
    """Shared between workers: files on one machine, Redis on several."""
    if REDIS_URL:
        return {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": name,
            # A Redis that does not answer must not hold up a page that can be built without it.
            "OPTIONS": {"socket_connect_timeout": 0.25, "socket_timeout": 0.25},
        }
    return {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_DIR / "cache" / name,
        "OPTIONS": {"MAX_ENTRIES": max_entries},
    }


CACHES = {
    "default": _cache("default", max_entries=2_000)
    | ({"BACKEND": "immuno_site.redis_cache.ForgivingRedisCache"} if REDIS_URL else {}),
    "pages": _cache("pages", max_entries=20_000),
}
if DEBUG:  # whoever works on a template wants to see it
    CACHES["pages"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}

# --- The private room: requests of patients -----------------------------------------------------------------

# "bound:..." or, from before, Fernet keys, newest first (keyring.py). They open everything patients
# sent: keep two copies, apart from the backups.
CONSULTATION_KEYS = [
    key.strip()
    for key in (
        _made_once("consultation-keys", _random_bound_key) if DEVELOPMENT else env_secret("CONSULTATION_KEYS")
    ).split(",")
    if key.strip()
]
# Recognizes a contact we had before without storing it readably. Never rotated: old entries would be lost.
CONSULTATION_INDEX_KEY = (
    _made_once("consultation-index-key", _random_key) if DEVELOPMENT else env_secret("CONSULTATION_INDEX_KEY")
)
# Whose telephone numbers we mean when we leave out the country code (ISO 3166).
DESK_COUNTRY = env("DESK_COUNTRY", "IL")

# Uploads wait in memory, never in a temporary folder.
FILE_UPLOAD_HANDLERS = ["immuno_site.consultations.files.spool.SpoolUploads"]
# ClamAV's daemon: unix:/run/clamav/clamd.ctl or host:3310. Without it files stay locked.
CLAMD_ADDRESS = env("CLAMD_ADDRESS", "")
S3_BUCKET = env("S3_BUCKET", "")


def _private_files() -> dict[str, object]:
    """The encrypted files of patients: on this machine's disk unless a bucket is named."""
    folder = "immuno_site.consultations.files"
    if not S3_BUCKET:
        return {"BACKEND": f"{folder}.storage.PrivateDisk", "OPTIONS": {"location": DATA_DIR / "private"}}
    options = {
        "bucket_name": S3_BUCKET,
        "endpoint_url": env("S3_ENDPOINT", "") or None,
        "region_name": env("S3_REGION", "") or None,
        "access_key": env_secret("S3_ACCESS_KEY"),
        "secret_key": env_secret("S3_SECRET_KEY"),
    }
    return {"BACKEND": f"{folder}.storage_s3.PrivateS3", "OPTIONS": options}


# --- Mail -------------------------------------------------------------------------------------------------

# Printed, until a server is named; `check --deploy` says so.
globals().update(mail_settings(env_secret("EMAIL_URL", CONSOLE)))
EMAIL_TIMEOUT = 10  # a mail server that hangs holds up one letter, not the others
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("MAIL_FROM", f"no-reply@{urlsplit(SITE_URL).hostname}")

# --- Backups ----------------------------------------------------------------------------------------------

# Public age keys. Who holds a private one can open a backup; this machine cannot.
BACKUP_RECIPIENTS = env_list("BACKUP_RECIPIENTS", "")
BACKUP_DIR = Path(env("BACKUP_DIR", str(DATA_DIR / "backups")))
# Where rsync copies them (user@host:folder), so that they survive this machine.
COPY_TO = env("COPY_TO", "")

# --- Whom to tell -----------------------------------------------------------------------------------------

# Where somebody who found a hole can write (security.txt); without it the mail address of the site profile.
SECURITY_CONTACT = env("SECURITY_CONTACT", "")
# Who is told what `watch` finds, comma-separated, and an address outside that is called while it runs.
OPERATOR_EMAIL = env_list("OPERATOR_EMAIL", "")
WATCH_PING_URL = env_secret("WATCH_PING_URL", "")
# Where visitors are shown the certificate: host:port, 127.0.0.1:443 for nginx on this machine.
CERTIFICATE_AT = env("CERTIFICATE_AT", "")

# --- Languages --------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("he", "עברית"), ("ar", "العربية"), ("ru", "Русский")]
LOCALE_PATHS = [ROOT / "immuno_site" / "locale"]
TIME_ZONE = "Asia/Jerusalem"
USE_TZ = True

# --- Static files -----------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [ROOT / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "media"},
    },
    "private": _private_files(),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEVELOPMENT
        else "immuno_site.static_files.StaticFiles"
    },
}
WHITENOISE_USE_FINDERS = DEVELOPMENT  # no collecting and no compression pass on a developer's machine

# --- django CMS -------------------------------------------------------------------------------------------

CMS_CONFIRM_VERSION4 = True
CMS_TEMPLATES = [("content/page.html", _("Story page")), ("content/home.html", _("Home"))]
CMS_LANGUAGES = {
    1: [{"code": code, "name": name, "public": True, "fallbacks": []} for code, name in LANGUAGES],
    "default": {"hide_untranslated": True, "redirect_on_fallback": False, "fallbacks": []},
}
CMS_PERMISSION = False
CMS_PAGE_CACHE = False  # immuno_site/page_cache.py keeps finished pages; one cache is enough
CMS_LEGACY_STYLE = False  # otherwise the admin renders base.html without a toolbar and logs a traceback
# In the place of django CMS's own help, which is for whoever builds sites (content/cms_patches.py).
CMS_EXTRA_HELP_MENU_ITEMS = (
    (_("Handbook for editors"), "/admin/handbook/editors/"),
    (_("Handbook for reviewers"), "/admin/handbook/reviewers/"),
)
CMS_ENABLE_UPDATE_CHECK = False  # the editor's browser asks nobody outside
SILENCED_SYSTEM_CHECKS = [
    "treebeard.E001",  # django CMS 5.1 keeps treebeard below 6 and knows of this one
    "security.W021",  # preloading is the word of the operator (HSTS_PRELOAD)
]

# --- People and safety ------------------------------------------------------------------------------------


def _networks(words: list[str]) -> list[str]:
    try:
        return [str(ip_network(word)) for word in words]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"Write TRUSTED_PROXIES as a list of addresses like 127.0.0.1,10.0.0.0/8: {error}."
        ) from error


AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator")
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "immuno_site.accounts.passwords.NoWordsOfThisSite"},
]
PASSWORD_HASHERS = [
    "immuno_site.accounts.hashers.Argon2id46MiB",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: refuses whoever is locked out before a password is looked at
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"

# How staff sign in: immuno_site/accounts/. Five wrong passwords or codes lock a name on one network.
ACCOUNT_ADAPTER = "immuno_site.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by people who know each other
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no letters to addresses that a stranger types
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 600
ACCOUNT_FORMS = {
    "login": "immuno_site.accounts.forms.SignInForm",
    "reauthenticate": "immuno_site.accounts.forms.ConfirmPasswordForm",
    "change_password": "immuno_site.accounts.forms.NewPasswordForm",
    "reset_password": "immuno_site.accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "immuno_site.accounts.forms.ResetNewPasswordForm",
}
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "20/m/ip,100/h/key",
    "reset_password": "10/m/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "invitation": "10/m/ip",
    # Guesses at one person's second factor, from everywhere together: whoever gets here knows the password.
    "code": "10/h/key,30/d/key",
}
MFA_ADAPTER = "immuno_site.accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_FORMS = {
    "authenticate": "immuno_site.accounts.forms.CodeForm",
    "reauthenticate": "immuno_site.accounts.forms.ConfirmCodeForm",
    "activate_totp": "immuno_site.accounts.forms.EnrollAppForm",
    "authenticate_webauthn": "immuno_site.accounts.forms.PasskeyForm",
    "login_webauthn": "immuno_site.accounts.forms.PasskeyAloneForm",
    "reauthenticate_webauthn": "immuno_site.accounts.forms.ConfirmPasskeyForm",
    "add_webauthn": "immuno_site.accounts.forms.NewPasskeyForm",
}
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # or a stranger could keep the lock shut
AXES_CLIENT_IP_CALLABLE = "immuno_site.client_address.client_network"
AXES_USERNAME_CALLABLE = "immuno_site.accounts.throttle.counted_name"
AXES_CLIENT_STR_CALLABLE = "immuno_site.accounts.throttle.client_description"
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_SENSITIVE_PARAMETERS = [
    "login", "code", "credential", "invitation_code", "oldpassword", "password1", "password2", "next",
    "csrfmiddlewaretoken",
]  # fmt: skip
AXES_ENABLE_ADMIN = False  # read with `manage.py axes_list_attempts`; nobody edits this record

SESSION_ENGINE = "immuno_site.accounts.session_store"
SESSION_COOKIE_AGE = 8 * 3600  # at most; half an hour of rest ends a session too: accounts/sessions.py
# Messages in a cookie would reach public pages, and no kept page is served to whoever has a cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEVELOPMENT
SESSION_COOKIE_NAME = "sessionid" if DEVELOPMENT else "__Host-sessionid"
CSRF_COOKIE_NAME = "csrftoken" if DEVELOPMENT else "__Host-csrftoken"
CSRF_FAILURE_VIEW = "immuno_site.consultations.guard.csrf_failure"
CSRF_COOKIE_AGE = None  # until the browser closes: whoever holds one is never served a kept page
SECURE_SSL_REDIRECT = not DEVELOPMENT
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # deploy/nginx.conf overwrites the client's
# Only these may say on whose behalf they ask (X-Forwarded-For). A local socket counts as 127.0.0.1.
TRUSTED_PROXIES = _networks(env_list("TRUSTED_PROXIES", "127.0.0.1,::1"))
SECURE_HSTS_SECONDS = 0 if DEVELOPMENT else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEVELOPMENT
# Browsers that ship with our name speak https to every host below it, and it takes months to leave their list.
SECURE_HSTS_PRELOAD = env_bool("HSTS_PRELOAD", default=False)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"  # /admin/ is the exception: immuno_site/middleware.py

# Everything from here, nothing inline. Staff pages get a little more: immuno_site/middleware.py.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
        "manifest-src": ["'self'"],
    }
}
# A page to read needs none of the device; the share button needs two, and staff sign in with passkeys.
PERMISSIONS_POLICY = {
    "clipboard-write": "self",
    "web-share": "self",
    "accelerometer": [],
    "autoplay": [],
    "browsing-topics": [],
    "camera": [],
    "display-capture": [],
    "encrypted-media": [],
    "fullscreen": [],
    "geolocation": [],
    "gyroscope": [],
    "hid": [],
    "idle-detection": [],
    "interest-cohort": [],
    "magnetometer": [],
    "microphone": [],
    "midi": [],
    "payment": [],
    "publickey-credentials-get": "self",
    "screen-wake-lock": [],
    "serial": [],
    "usb": [],
    "xr-spatial-tracking": [],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{levelname} {name}: {message}", "style": "{"}
        if DEVELOPMENT
        else {"()": "immuno_site.logs.JsonLines"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # Django would mail error pages with everything typed into them.
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "axes": {"level": "WARNING"},  # greets every command otherwise
        # Pillow would write down what a camera noted in a picture, should somebody lower the level above.
        "PIL": {"level": "WARNING"},
    },
}
