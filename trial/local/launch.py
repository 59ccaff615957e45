"""`make run`: everything on one machine, in one terminal, stopped by Ctrl-C. The data stay under var/.

The environment may say DATABASE_URL (with DATABASE_OWNER_URL) and REDIS_URL, and then no database or broker is
started; HOST and PORT; DEMO=0; ESCALATION_VAR, another folder than var/.
"""

import errno
import fcntl
import http.client
import importlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn

from .. import processes
from . import address, embedded
from .embedded import APP, OWNER, CannotStart, Postgres, Valkey
from .supervisor import Child, Supervisor

HERE = Path(__file__).resolve().parent.parent.parent
NOT_OURS = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC)  # what the machine refuses, no fault of the program
Handler = Callable[[int, FrameType | None], NoReturn] | signal.Handlers


class Stop(BaseException):
    """Ctrl-C or SIGTERM."""


def say(what: str) -> None:
    print(what, flush=True)


def main() -> None:
    os.chdir(HERE)
    try:
        run(folder())
    except CannotStart as why:
        sys.exit(str(why))
    except OSError as why:
        if why.errno not in NOT_OURS:
            raise
        sys.exit(f"{why.filename or 'The disk'}: {why.strerror}. Mend that, or name another folder by ESCALATION_VAR.")


def folder() -> Path:
    """Where the data stay; refused when nothing can be kept there."""
    var = Path(os.environ.get("ESCALATION_VAR") or HERE / "var").resolve()
    try:
        var.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=var).close()
    except OSError as why:
        raise CannotStart(
            f"{var} cannot be written to ({why.strerror}): make it writable, or name another folder by ESCALATION_VAR."
        ) from None
    return var


def run(var: Path) -> None:
    wanted = address.wanted()
    _on_stop(_stop)
    supervisor = Supervisor(say)
    lock = _lock(var)
    sockets = embedded.socket_folder(var)
    try:
        listener, url = address.listen(lock, wanted)
        _environment(var)
        start_database(supervisor, var, sockets)
        start_broker(supervisor, var, sockets)
        _prepare()
        start_web(supervisor, var, listener)
        start_workers(supervisor, var)
        _announce(url)
        supervisor.watch()
    except Stop:
        say("Stopping; the data stay.")
    except CannotStart as why:
        lines = "".join(f"\n{c.name}: {c.last_lines()}" for c in supervisor.children if not c.alive())
        raise CannotStart(f"{why}{lines}") from None
    finally:
        _on_stop(signal.SIG_IGN)
        supervisor.stop()
        embedded.remove_sockets(var)
        lock.truncate(0)


def _on_stop(handler: Handler) -> None:
    for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # the last: the terminal was closed
        signal.signal(kind, handler)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    _on_stop(signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
    raise Stop


def _lock(var: Path) -> IO[str]:
    """Held as long as this process lives. Its text, process and address, serves a second `make run`."""
    lock = (var / "lock").open("a+")
    lock.seek(0)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid, _, url = lock.read().strip().partition(" ")
        raise CannotStart(
            f"Already running at {url or 'an address not yet chosen'} (process {pid}). Stop that one first."
        ) from None
    return lock


def _environment(var: Path) -> None:
    """What the settings ask for. What the user has set stays."""
    secret = var / "secret-key"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(50))
    host = os.environ.get("HOST") or "127.0.0.1"
    names = dict.fromkeys(["localhost", "127.0.0.1", "[::1]", host, socket.gethostname()])
    os.environ.setdefault("SECRET_KEY", secret.read_text())
    os.environ.setdefault("ALLOWED_HOSTS", ",".join(names))
    os.environ.setdefault("STATIC_ROOT", str(var / "static"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.settings")


def start_database(supervisor: Supervisor, var: Path, sockets: Path, options: tuple[str, ...] = ()) -> Postgres | None:
    if os.environ.get("DATABASE_URL"):
        return None
    embedded.check_machine()
    postgres = Postgres(embedded.data_folder(var), sockets / "pg", options)
    postgres.initialise()
    log = var / "log" / "database.log"
    child = Child("database", postgres.command, log, signal.SIGINT, signal.SIGINT, postgres.clear_stale)
    supervisor.add(child)
    postgres.ready(child.alive)
    os.environ["DATABASE_URL"] = postgres.url(APP)
    os.environ["DATABASE_OWNER_URL"] = postgres.url(OWNER)
    return postgres


def start_broker(supervisor: Supervisor, var: Path, sockets: Path) -> None:
    if os.environ.get("REDIS_URL"):
        return
    valkey = Valkey(var / "valkey", sockets / "valkey")
    child = supervisor.add(Child("broker", valkey.command, var / "log" / "broker.log"))
    valkey.ready(child.alive)
    os.environ["REDIS_URL"] = valkey.url


def _prepare() -> None:
    death = processes.die_with_parent(signal.SIGTERM)
    # its own session: Ctrl-C ends it through us, after the database has been told nothing yet
    process = subprocess.Popen([sys.executable, "-m", "trial.local.prepare"], preexec_fn=death, start_new_session=True)
    try:
        code = process.wait()
    except Stop:
        process.terminate()
        process.wait()
        raise
    if code:
        raise CannotStart("Migrations, static files or the demo failed; the reason stands above.")


def start_web(supervisor: Supervisor, var: Path, listener: socket.socket) -> None:
    """Returns when the first page was answered: the workers that start next would slow it down."""
    fd = listener.fileno()
    gunicorn = [sys.executable, "-m", "gunicorn", "trial.wsgi", "--bind", f"fd://{fd}", "-k", "gthread"]
    gunicorn += ["--threads", "16", "--graceful-timeout", "3", "--no-control-socket", "--access-logfile", "-"]
    log = var / "log" / "web.log"
    child = supervisor.add(Child("web", lambda: gunicorn, log, orphaned=signal.SIGQUIT, pass_fds=(fd,)))
    host, port = listener.getsockname()[:2]
    status = 0
    while not status:
        if not child.alive():
            raise CannotStart("The web process did not start.")
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(host, port, timeout=5)
            connection.request("GET", "/", headers={"Host": "localhost"})
            status = connection.getresponse().status
            connection.close()
        time.sleep(0.02)
    if status >= 500:
        say(f"The first page answers {status}; the reason stands in {log}")


def start_workers(supervisor: Supervisor, var: Path) -> None:
    celery = [sys.executable, "-m", "celery", "-A", "trial.celery"]
    worker = [*celery, "worker", "-c", "2", "-l", "INFO", "--without-gossip", "--without-mingle"]
    # no pid file: the lock says who runs, and a pid file is stale after kill -9
    beat = [*celery, "beat", "-l", "INFO", "--pidfile=", "-s", str(var / "celerybeat-schedule")]
    # killed outright: looking for its broker in vain it hears no other signal; the next tick redoes its work
    supervisor.add(Child("worker", lambda: worker, var / "log" / "worker.log", orphaned=signal.SIGKILL))
    supervisor.add(Child("beat", lambda: beat, var / "log" / "beat.log"))


def _announce(url: str) -> None:
    say(f"\n  {url}\n")
    with suppress(ImportError, AttributeError):
        say(str(importlib.import_module("escalation.management.commands.demo").logins()))
    say("Ctrl-C stops everything; the data stay.")


if __name__ == "__main__":
    main()
