"""Settings, from the environment alone. One module serves development, tests and production.

The environment names the services: DATABASE_URL (the role `escalation_app`), DATABASE_OWNER_URL
(the role `escalation_owner`, for migrations) and REDIS_URL. `make run` sets them when none is given.
"""

from datetime import timedelta
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from whitenoise.compress import Compressor

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", default=False)
PROXIES = env.int("PROXIES", default=0)  # of our own, each of which writes from where it was asked
RELEASE = env.str("RELEASE", default="development")
DEMO_PROGRESS = env.str("DEMO_PROGRESS", default="")  # file in which `make run` notes how far its demo is

INSTALLED_APPS = [
    "trial",
    "patients",
    "assessments",
    "escalation",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "trial.middleware.no_store",
    "trial.middleware.DatabaseFaults",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "trial.middleware.SignedIn",
    "django.contrib.messages.middleware.MessageMiddleware",
    "trial.middleware.only_sent",
    "trial.middleware.typist",
    "trial.middleware.signed_out",
    "trial.middleware.typed_again",
    "trial.middleware.own_password",
    "trial.middleware.own_factor",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "trial.sheets.middleware.sheets",  # around the past: a file is read off the page as it was then
    "trial.past.middleware.Past",  # the last: it calls the view
]

ROOT_URLCONF = "trial.urls"
WSGI_APPLICATION = "trial.wsgi.application"
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
                "trial.context.frame",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database: PostgreSQL only. "default" and "queue" are the application's role, "owner" migrates.
_TIMEOUTS = "-c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s"


def _database(url: str, *, limits: bool) -> dict[str, object]:
    database: dict[str, object] = env.db_url_config(url)
    if database["ENGINE"] != "django.db.backends.postgresql":
        raise environ.ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database: postgres://…")
    options = f"{_TIMEOUTS} -c timezone=UTC" if limits else "-c timezone=UTC"
    more = {"options": options, "connect_timeout": 5}  # a host that is gone answers nothing at all
    return database | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "OPTIONS": more}


_app_url = env.str("DATABASE_URL")
DATABASES = {
    "default": _database(_app_url, limits=True),
    "queue": _database(_app_url, limits=True),
    "owner": _database(env.str("DATABASE_OWNER_URL", default=_app_url), limits=False),
}
DATABASE_APP_ROLE = env.str("DATABASE_APP_ROLE", default="escalation_app")
DATABASE_OWNER_ROLE = env.str("DATABASE_OWNER_ROLE", default="escalation_owner")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

# --- The one function that every action calls before it ends (docs: ledger).
CONSEQUENCES = "escalation.consequences.settle"
# --- Which rows of a trial a person may not read yet, in the audit trail either.
SHUT = "assessments.events.sight.shut"
# --- Of a page of the past: the day of an action, the last action of a day, what a meeting froze, and what today keeps
# from its reader: rows of nobody's, and rights.
PAST: dict[str, str] = {
    "day_of": "escalation.situation.history.date_of",
    "last_number_of": "escalation.situation.history.last_number_of",
    "frozen": "escalation.meetings.queries.frozen",
    "hidden": "assessments.biomarker.queries.hidden",
    "whose_hidden": "assessments.biomarker.queries.whose_hidden",
    "withheld": "escalation.display.firm.withheld",
}
# --- What is read of a trial with its number, in the same statement: SQL of one value about the trial `t`, by name.
STAMPS = {"decisions": "escalation.situation.queries.STORED", "people": "trial.record.kept.PEOPLE"}
# --- By kind of run, the tables in each of which a trial needs a row before the run has something to say of it.
ANALYSED = {"efficacy": ["patients.Treatment"], "biomarker": ["assessments.Assay", "patients.Treatment"]}

# --- Results that are computed, not written: each row is sealed as it is stored.
SEALED = ["assessments.EndpointRun"]
# --- The analyses by kind, for who computes a cut anew in a worker: statistics that no other process may load.
ANALYSES = "assessments.endpoints.tasks.ANALYSES"
# --- Modules that say which kinds of file are built from a cut, and how (trial/paper/artifacts.py).
BUILDERS = ["escalation.reports.kinds", "escalation.datasets.exports"]
# --- The efficacy analysis, for what is built by workers: it loads the statistics.
EFFICACY = "assessments.endpoints.analysis.efficacy"
# --- Addresses outside the installation that are sent each anchor's hash.
ANCHOR_TO = [address.strip() for address in env.list("ANCHOR_TO", default=[])]

# --- People
AUTH_USER_MODEL = "trial.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    # an account is known by its one address, and one that is closed is answered as a wrong password is
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "trial.people.log_in.AccountAdapter"
ACCOUNT_FORMS = {"change_password": "trial.people.password_forms.ChangeForm"}
ACCOUNT_RATE_LIMITS = False  # axes locks, throttle makes wait
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
SECOND_FACTOR = env.str("SECOND_FACTOR", default="offered")  # "required": of who may sign in a trial or administers
SECOND_FACTOR_KEYS = env.list("SECOND_FACTOR_KEYS", default=[])  # the first seals, each of them opens
if SECOND_FACTOR not in ("offered", "required"):
    raise environ.ImproperlyConfigured("SECOND_FACTOR is offered or required.")
if (HTTPS or SECOND_FACTOR == "required") and not SECOND_FACTOR_KEYS:
    raise environ.ImproperlyConfigured("Set SECOND_FACTOR_KEYS to a random text: the key that seals second factors.")
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an administrator gives the address, and a password is set by a link sent to it
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ADAPTER = "trial.people.factor_adapter.FactorAdapter"
MFA_FORMS = {
    "authenticate": "trial.people.factor_forms.LogInCode",
    "reauthenticate": "trial.people.factor_forms.ConfirmCode",
    "activate_totp": "trial.people.factor_forms.SetUpForm",
}
MFA_TOTP_TOLERANCE = 1  # steps of 30 s by which the clock of a phone may be out
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "trial.people.log_in.attempted_name"
AXES_CLIENT_IP_CALLABLE = "trial.client.address"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "trial.people.attempts.answer"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to who has no account
PASSWORD_RESET_TIMEOUT = 24 * 3600

# --- Mail: by EMAIL_URL (smtp://, smtp+tls://, smtp+ssl://), or none leaves. BASE_URL is where its links lead.
EMAIL_URL = env.str("EMAIL_URL", default="")
BASE_URL = env.str("BASE_URL", default="").rstrip("/")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="escalation@localhost")
if EMAIL_URL:
    if not BASE_URL.startswith(("http://", "https://")):
        raise environ.ImproperlyConfigured("Set BASE_URL, like https://trials.example.org: every mail leads there.")
    if EMAIL_URL.partition(":")[0] not in env.EMAIL_SCHEMES:
        raise environ.ImproperlyConfigured("EMAIL_URL is like smtp+tls://NAME:PASSWORD@mail.example.org:587")
    _mail = env.email_url_config(EMAIL_URL)
    EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_BACKEND"], _mail["EMAIL_HOST"], _mail["EMAIL_PORT"] or 25
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"] or "", _mail["EMAIL_HOST_PASSWORD"] or ""
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)

# --- Sessions and the browser's side of safety
SESSION_COOKIE_AGE = 8 * 3600
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=1800)
SESSION_ABSOLUTE_SECONDS = env.int("SESSION_ABSOLUTE_SECONDS", default=12 * 3600)  # however busy
USERSESSIONS_ADAPTER = "trial.people.sessions.SessionsAdapter"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_USE_SESSIONS = False
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]  # asked from inside, past the proxy
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

# --- Language, time, files
LANGUAGE_CODE = "en-gb"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "var" / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": env.str("STATIC_STORAGE", default="whitenoise.storage.CompressedManifestStaticFilesStorage")
    },
}
# maps of the sources are read by developers only; to compress them took two seconds of a first start
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]

# --- REST
API_RATE = env.int("API_RATE", default=30_000)  # requests of a token in a minute; 0: as many as it likes
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "trial.people.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["trial.operations.rate.TokenRate"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["trial.operations.requests.Parser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 100,
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "EXCEPTION_HANDLER": "trial.api.answer_exception",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Dose escalation trials",
    "VERSION": "1",
    "DESCRIPTION": "Where a trial stands, its record, and the writes that are natural for a program. "
    "Every endpoint needs a token (`Authorization: Bearer esc_…`) or a signed-in session; a token acts with the "
    "rights of its person. Doses are decimals as text, dates are the trial's clinical dates, instants are UTC.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "DecisionOutcome": "escalation.models.Decision.Outcome",
        "ActionEnum": "escalation.display.status_api.ACTIONS",
        "ActionOnDrug": "assessments.event_words.Action",
        "EventOutcome": "assessments.event_words.Outcome",
        "SeriousCriterion": "assessments.event_words.Criterion",
        "ClockKind": "assessments.cases.api.KINDS",
        "CaseAnswer": "assessments.cases.api.ANSWERS",
        "HoldKind": "assessments.tables.shapes_api.HOLDS",
        "ComparedKind": "escalation.meetings.compare.KINDS",
        "RunKind": "assessments.endpoints.models.Kind",
        "DecisionKind": "escalation.models.Decision.Kind",
        "CountedOutcome": "escalation.engine.terms.Outcome",
        "PatientOutcome": "patients.api.OUTCOMES",
        "CohortRole": "patients.models.Cohort.Role",
        "ConsentKind": "patients.models.Consent.Kind",
        "CountedRole": "escalation.engine.terms.Role",
        "ResponseCategory": "assessments.response.models.CATEGORIES",
        "MeasuredParameter": "assessments.response.parameters.PARAMETERS",
        "DecidingParameter": "assessments.response.api.NAMES",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "trial.operations.requests.say_what_a_wrong_query_gets",
        "trial.operations.rate.say_what_is_counted",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- Celery: the schedule stands here. A message expires with its interval and carries nothing.
CELERY_BROKER_URL = env.str("REDIS_URL", default="redis://localhost:6379/0")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "trial.operations.beat:Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(BASE_DIR / "var" / "celerybeat-schedule")


def _every(task: str, **interval: int) -> dict[str, object]:
    time = timedelta(**interval)
    return {"task": task, "schedule": time, "options": {"expires": int(time.total_seconds())}}


CELERY_BEAT_SCHEDULE = {
    "deliver notices": _every("trial.tasks.deliver_notices", seconds=5),
    # One that finds the worker busy is dropped, and the next still comes within ten seconds.
    "write anchors": _every("trial.tasks.write_anchors", seconds=3),
    "forget what was typed": _every("trial.tasks.forget_what_was_typed", minutes=5),
    "forget old attempts": _every("trial.tasks.forget_old_attempts", hours=1),
    "compute endpoint runs": _every("assessments.endpoints.tasks.compute_runs", seconds=5),
    "build what was asked for": _every("trial.paper.tasks.build_artifacts", seconds=5),
    "ask for the nightly endpoint runs": {
        "task": "assessments.endpoints.tasks.ask_for_all",
        "schedule": crontab(hour=2, minute=0),
        "options": {"expires": 3600},
    },
    "watch the clocks of serious events": _every("assessments.cases.tasks.watch_clocks", minutes=1),
    "settle the new day": _every("escalation.tasks.settle_the_day", minutes=10),
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "trial.operations.log_lines.WithoutRows",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
