"""What the settings ask for, on one machine: made by `make run` under var/, found again by `manage.py` beside it.

What the environment says already always wins.
"""

import os
import secrets
import socket
import tempfile
from contextlib import closing
from pathlib import Path

from .embedded import APP, OWNER, CannotStart, Postgres, Valkey, noted_sockets

HERE = Path(__file__).resolve().parent.parent.parent


def folder() -> Path:
    """Where the data stay."""
    return Path(os.environ.get("ESCALATION_VAR") or HERE / "var").resolve()


# By name: its file under var/.
KEYS = {"SECRET_KEY": "secret-key", "SECOND_FACTOR_KEYS": "second-factor-key"}


def _key(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


def check_writable(var: Path) -> None:
    try:
        var.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=var).close()
    except OSError as why:
        raise CannotStart(
            f"{var} cannot be written to ({why.strerror}): make it writable, or name another folder by ESCALATION_VAR."
        ) from None


def make(var: Path) -> None:
    """All but the services, for the launcher and the processes that it starts."""
    host = os.environ.get("HOST") or "127.0.0.1"
    names = dict.fromkeys(["localhost", "127.0.0.1", "[::1]", host, socket.gethostname()])
    for name, file in KEYS.items():
        if not os.environ.get(name):
            os.environ[name] = _key(var / file)
    os.environ.setdefault("ALLOWED_HOSTS", ",".join(names))
    os.environ.setdefault("STATIC_ROOT", str(var / "static"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.settings")
    if demo_wanted():
        os.environ.setdefault("DEMO_PROGRESS", str(var / "demo-progress"))
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        # nothing beside the sources then; but each of six processes would compile them all again
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(var / "pycache"))


def demo_wanted() -> bool:
    return os.environ.get("DEMO", "1") != "0"


def use_database(postgres: Postgres) -> None:
    os.environ["DATABASE_URL"] = postgres.url(APP)
    os.environ["DATABASE_OWNER_URL"] = postgres.url(OWNER)  # a pair: that of another database would be migrated


def find() -> None:
    """For `manage.py`: the services of a `make run` that is up, and its key. Raises CannotStart for what is lacking."""
    var = folder()
    os.environ.setdefault("STATIC_ROOT", str(var / "static"))
    if not os.environ.get("DATABASE_URL"):
        sockets = noted_sockets(var)
        postgres = Postgres(var, sockets / "pg") if sockets else None
        if sockets is None or postgres is None or not answers(postgres.socket):
            raise CannotStart(
                "There is no database: start `make run` in another terminal,"
                " or set DATABASE_URL (with DATABASE_OWNER_URL and SECRET_KEY)."
            )
        use_database(postgres)
        os.environ["REDIS_URL"] = os.environ.get("REDIS_URL") or Valkey(var, sockets / "valkey").url
    if not os.environ.get("SECRET_KEY"):
        try:
            os.environ["SECRET_KEY"] = (var / KEYS["SECRET_KEY"]).read_text()
        except OSError as why:
            raise CannotStart(
                f"SECRET_KEY is not set, and {var / 'secret-key'} cannot be read ({why.strerror}): set it,"
                " or start `make run` once."
            ) from None
    sealing = var / KEYS["SECOND_FACTOR_KEYS"]
    if not os.environ.get("SECOND_FACTOR_KEYS") and os.access(sealing, os.R_OK):
        os.environ["SECOND_FACTOR_KEYS"] = sealing.read_text()


def answers(path: Path) -> bool:
    with closing(socket.socket(socket.AF_UNIX)) as asking:
        return asking.connect_ex(str(path)) == 0
