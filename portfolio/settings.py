"""Django's settings. What differs between installations comes from the environment (``env.py``)."""

import secrets
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF

from portfolio import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = env.var_folder()

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY") or secrets.token_urlsafe(50)
ALLOWED_HOSTS = env.listed("ALLOWED_HOSTS", default="localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.listed("CSRF_TRUSTED_ORIGINS")

NOUNS = [
    "audit", "people", "files", "jobs", "books", "initiatives", "inventory", "readings",
    "compliance", "spend", "risk", "value", "connectors", "gates", "rollups", "scenarios",
    "oversight", "exports", "notices",
]  # fmt: skip

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "pgtrigger",
    "csp",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "template_partials",
    "portfolio.apps.PortfolioConfig",
    *(f"governance_app.{noun}" for noun in NOUNS),
]

MIDDLEWARE = [
    "portfolio.web.middleware.request_context",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portfolio.web.middleware.packed_pages",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portfolio.web.middleware.viewer_settings",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portfolio.web.middleware.sentences",
    "portfolio.web.middleware.absorb_after_writes",
]

ROOT_URLCONF = "portfolio.urls"
WSGI_APPLICATION = "portfolio.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portfolio.web.shell.shell",
            ],
            "libraries": {"formats": "portfolio.web.templatetags.formats"},
        },
    },
]

# --- database -----------------------------------------------------------------------------
# The application runs as one role and migrates as another (ADR 4). ``DATABASE_URL`` is the
# role that runs; the launcher and compose run ``migrate`` with the owner's URL in its place.
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.database(
        "DATABASE_URL", default="postgresql://portfolio_app@127.0.0.1/portfolio"
    )
}
DATABASE_APP_ROLE = env.text("DATABASE_APP_ROLE") or str(DATABASES["default"]["USER"])
if env.flag("DATABASE_POOL", default=False):  # web processes; a pool does not survive a fork
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 12, "timeout": 10}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 600
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- queue --------------------------------------------------------------------------------
REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,  # the lease in PostgreSQL decides; this only frees lost hints
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "retry_policy": {"max_retries": 1, "interval_start": 0, "interval_step": 0.1},
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = False  # a hint lost with its worker comes again with the next tick
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "governance_app.jobs.tasks.tick", "schedule": 30.0},
}
#: Tasks sent after each finished job and each write on a page or through the API.
JOBS_AFTER = ["governance_app.rollups.tasks.absorb"]
#: Kinds of jobs that follow other work by themselves; the page of jobs folds them away.
JOBS_UPKEEP = [
    "governance_app.spend.tasks.archive",
    "governance_app.spend.tasks.reallocate",
    "governance_app.spend.tasks.watch",
    "governance_app.spend.tasks.watch_budgets",
]
#: What the rooms above spend freeze when a month closes; called as ``path(month=...)``.
CLOSE_FREEZES = ["governance_app.value.selectors.frozen_validations"]
#: What the rooms above initiatives ask before a stage is entered; called as ``path(initiative=,
#: to=)`` in the transaction of the move, and raises a sentence to refuse it.
STAGE_GUARDS = ["governance_app.gates.guarding.guard"]
#: What rooms that notices do not know have due; called as ``path(viewer=, until=)``, gives ``Due``.
DUE_ALSO = ["governance_app.exports.due.of_packs"]
#: Tasks that every tick sends: they decide themselves whether there is something to do.
EVERY_TICK = ["governance_app.audit.tasks.seal", "governance_app.notices.tasks.let_go"]
#: Work that comes round in every installation; the tick sees to it that each is planned.
STANDING_SCHEDULES: list[dict[str, Any]] = [
    {
        "name": "spend:budgets",
        "title": "Compare budgets with spend",
        "kind": "governance_app.spend.tasks.watch_budgets",
        "payload": {},
        "every_seconds": 86_400,
    },
    {
        "name": "compliance:frameworks",
        "title": "Load the frameworks that come with this version",
        "kind": "governance_app.compliance.tasks.load_libraries",
        "payload": {},
        "every_seconds": 86_400,
    },
    {
        "name": "compliance:daily",
        "title": "Let evidence of requirements run out",
        "kind": "governance_app.compliance.tasks.age",
        "payload": {},
        "every_seconds": 86_400,
    },
    {
        "name": "connectors:forget",
        "title": "Forget inbound events kept long enough",
        "kind": "governance_app.connectors.tasks.forget",
        "payload": {},
        "every_seconds": 86_400,
    },
    {
        "name": "risk:daily",
        "title": "Score risks again as evidence ages",
        "kind": "governance_app.risk.tasks.score_again",
        "payload": {},
        "every_seconds": 86_400,
    },
    {
        "name": "oversight:daily",
        "title": "Daily round over guardrails, readings, owners and approvals",
        "kind": "governance_app.oversight.tasks.go_round",
        "payload": {},
        "every_seconds": 86_400,
    },
    {
        "name": "notices:daily",
        "title": "Remind of what is due, escalate what is late, look at watched views",
        "kind": "governance_app.notices.tasks.go_round",
        "payload": {},
        "every_seconds": 86_400,
    },
]
OUTBOX_CHANNELS = {
    "email": "governance_app.notices.delivery.send_email",
    "letter": "governance_app.notices.delivery.send_letter",
    "hook": "governance_app.notices.delivery.send_hook",
}

# --- people -------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
HTTPS = env.flag("HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = False  # the proxy in front redirects; /healthz stays plain
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("PROXIED", default=False) else None
)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        # Plotly writes style attributes while drawing; its rules stand in static/css/charts.css.
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- files --------------------------------------------------------------------------------
#: Where received bytes are kept: a local folder or any fsspec address (``s3://bucket/files``).
FILES_URL = env.text("FILES_URL") or str(VAR / "files")
#: Largest upload, in bytes, and how large it may become when unpacked.
UPLOAD_BYTES = env.whole("UPLOAD_BYTES", default=2 << 30)
DECODED_BYTES = env.whole("DECODED_BYTES", default=20 << 30)
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 << 20
#: A gate policy of some size is a form of many small fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 << 20
#: host:port pairs in private or loopback ranges that connections may reach.
OUTBOUND_ALLOWED = env.listed("OUTBOUND_ALLOWED")
#: Folders on this machine that folder connections may read.
FOLDERS_ALLOWED = env.listed("FOLDERS_ALLOWED") or [str(VAR / "demo")]
EXPORT_FOLDERS = env.listed("EXPORT_FOLDERS") or [str(VAR / "exports")]
EXPORT_STORES = env.listed("EXPORT_STORES")
SECRETS_KEY = env.text("SECRETS_KEY")

# --- the trail's seals --------------------------------------------------------------------
#: The private key that signs seals; its public halves lie beside it.
SEAL_KEY = env.text("SEAL_KEY") or str(VAR / "keys" / "seal.pem")
#: The heads of seals, one a line; and further places that get each head.
SEAL_ANCHOR_FILE = env.text("SEAL_ANCHOR_FILE") or str(VAR / "anchors" / "seals.jsonl")
SEAL_ANCHORS = env.listed("SEAL_ANCHORS")

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "portfolio.web.assets.WheelFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": env.text("STATIC_STORAGE", "portfolio.web.packed.PackedStaticFilesStorage")
    },
}
WHITENOISE_MAX_AGE = 31_536_000
WHITENOISE_USE_FINDERS = DEBUG

# --- mail ---------------------------------------------------------------------------------
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.whole("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "AI portfolio <portfolio@localhost>")
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_HOST
    else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = VAR / "mail"
SITE_URL = env.text("SITE_URL", "http://127.0.0.1:8000")

# --- API ----------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portfolio.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "portfolio.api.pagination.NewestFirst",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "1200/minute"},
    "EXCEPTION_HANDLER": "portfolio.api.errors.answer",
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_VERSIONING_CLASS": None,
    # "format" asks which exports, not how this answer is written: that is always JSON.
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "AI portfolio API",
    "DESCRIPTION": "Initiatives, spend, readings and jobs; the same services as the pages.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "portfolio.api.schema.add_errors",
    ],
    "ENUM_NAME_OVERRIDES": {
        "InitiativeKindEnum": ["portfolio", "programme", "initiative"],
        "LogEntryKindEnum": ["assumption", "issue"],
        "MonthStateEnum": ["open", "soft closed", "approved", "closed"],
        "RateKindEnum": ["average", "closing", "budget"],
        "ReportEnum": "portfolio.api.v1.exports.REPORTS",
        "ReturnedCellStateEnum": ["change", "clash", "refused"],
        "RunKindEnum": "governance_app.connectors.models.SyncRun.Kind",
        "RunStateEnum": "governance_app.connectors.models.SyncRun.State",
    },
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 3},
    }
}

# --- language, time, logs -----------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
LOGGING_CONFIG = "portfolio.logs.configure"
LOGGING: dict[str, Any] = {"level": env.text("LOG_LEVEL", "INFO")}
SILENCED_SYSTEM_CHECKS = ["fields.W342"]
