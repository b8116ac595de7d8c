"""Settings that hold everywhere. What differs by machine comes from the environment, through `config.env` alone."""

import os
from typing import Any
from urllib.parse import unquote, urlsplit

from codepop.kit.database_link import LINK_LIMITS
from config.env import ROOT, read_env
from config.settings.accounts import *  # noqa: F403  allauth's block has a file of its own
from config.settings.csp import content_security_policy, payment_page_policy

CODEPOP = read_env(os.environ)
WORKER_THREADS = 20

# prometheus_client reads it when it is imported: all processes of this machine put their figures together here.
METRICS_FOLDER = CODEPOP.data / "metrics"
METRICS_FOLDER.mkdir(parents=True, exist_ok=True)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_FOLDER)

SECRET_KEY = CODEPOP.secret_key
DEBUG = False
ALLOWED_HOSTS = list(CODEPOP.allowed_hosts)
CSRF_TRUSTED_ORIGINS = [CODEPOP.public_url]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
EVENT_WIRING = "config.wiring.EVENTS"
INBOX_WIRING = "config.wiring.INBOX"
PERSONAL_WIRING = "config.wiring.PERSONAL"
APPEND_SLASH = False

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "pgtrigger",
    "procrastinate.contrib.django",
    "codepop.core",
    "codepop.accounts",
    "codepop.privacy",
    "codepop.stores",
    "codepop.catalog",
    "codepop.inventory",
    "codepop.payments",
    "codepop.ordering",
    "codepop.profile",
    "codepop.fulfilment",
    "codepop.notifications",
    "codepop.aftersales",
    "codepop.reporting",
    "codepop.ops",
    "codepop.api",
]

MIDDLEWARE = [
    "codepop.core.middleware.request_id",
    "codepop.core.middleware.security_headers",
    "codepop.core.middleware.limits",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "codepop.core.middleware.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "codepop.core.middleware.People",
    "codepop.core.middleware.Messages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "codepop.accounts.once_more.OnceMore",
]


def database(url: str) -> dict[str, Any]:
    """Translate a DATABASE_URL into Django's terms, with the pool that one process may use."""
    parts = urlsplit(url)
    options: dict[str, Any] = {
        # A statement is prepared on the server once a connection has sent it three times, and not planned anew each
        # time: about a quarter less processor time of PostgreSQL for a checkout.
        "server_side_binding": True,
        "prepare_threshold": 3,
        # As many as a process has threads that work; the worker has the most.
        "pool": {"min_size": 1, "max_size": max(CODEPOP.web_threads, WORKER_THREADS), "timeout": 10},
        **LINK_LIMITS,
        "options": "-c lock_timeout=3000 -c statement_timeout=15000 -c idle_in_transaction_session_timeout=20000",
    }
    options |= dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    if CODEPOP.production:
        # Encrypted, and with the server that is meant: its certificate is checked against the system's authorities.
        options.setdefault("sslmode", "verify-full")
        if options["sslmode"] == "verify-full":
            options.setdefault("sslrootcert", "system")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": parts.port or 5432,
        "CONN_MAX_AGE": 0,
        "OPTIONS": options,
    }


DATABASES = {"default": database(CODEPOP.database_url)}
DATABASE_REPORT_APPS = ("stores", "catalog", "inventory", "payments", "ordering", "fulfilment")
"""What the read-only role for reports may read: nothing about accounts, sessions, keys or jobs."""

PAYMENT_SECONDS = CODEPOP.payment_seconds
PICKUP_SECONDS = CODEPOP.pickup_seconds
CONSENT_MINUTE_SECONDS = CODEPOP.consent_minute_seconds
REFUND_LIMITS = CODEPOP.refund_limits
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

CACHES = {
    # Shared by all processes, since sign-in limits are kept in it; the table comes with core's migrations.
    # Nobody may push others' limits out of it by filling it; what has expired goes by its own retention rule.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    },
}

LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ROOT = CODEPOP.app_dist if CODEPOP.app_dist.is_dir() else None
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/_expo/static/.+|^/assets/.+\.[0-9a-f]{20,}\..+$"

SESSION_ENGINE = "codepop.core.sessions"
SESSION_SERIALIZER = "codepop.core.sessions.EncryptedSerializer"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CODEPOP.public_url.startswith("https://")
CSRF_FAILURE_VIEW = "codepop.api.pages.forbidden"
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
CSRF_COOKIE_SAMESITE = "Lax"
if SESSION_COOKIE_SECURE:
    # The prefix makes a browser take these from this very host over TLS only: no neighbour's subdomain can plant one.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
# Whose address a request has: what our own proxies wrote, never what a caller says of itself.
ALLAUTH_TRUSTED_PROXY_COUNT = CODEPOP.trusted_proxies
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = False
# No page takes files; what a form or a program sends is small.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FILES = 0
PROGRAM_PATHS = ("/api/", "/device/", "/webhooks/", "/_allauth/")
"""Addresses that programs call: without TLS they are refused and not redirected."""
CONTENT_SECURITY_POLICY = content_security_policy(CODEPOP)
PAYMENT_PAGE_POLICY = payment_page_policy(CODEPOP)
PERMISSIONS_POLICY = (
    "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(self), gyroscope=(), hid=(),"
    " microphone=(), midi=(), serial=(), usb=()"
)

LOGGING_CONFIG = "codepop.core.log.configure"
LOGGING: dict[str, Any] = {"level": os.environ.get("CODEPOP_LOG_LEVEL", "INFO")}

BASE_DIR = ROOT
ANYMAIL = {"WEBHOOK_SECRET": list(CODEPOP.mail.webhook_secrets)}
DEFAULT_FROM_EMAIL = CODEPOP.mail.sender
