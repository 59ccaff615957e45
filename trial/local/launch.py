"""`make run`: everything on one machine, in one terminal, stopped by Ctrl-C. The data stay under var/.

The environment may say DATABASE_URL (with DATABASE_OWNER_URL) and REDIS_URL, and then no database or broker is
started; HOST and PORT; DEMO=0; ESCALATION_VAR, another folder than var/.
"""

import errno
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn

from .. import processes
from . import address, embedded, environment
from .embedded import CannotStart, Postgres, Valkey
from .supervisor import Child, Supervisor

NOT_OURS = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC)  # what the machine refuses, no fault of the program
Handler = Callable[[int, FrameType | None], NoReturn] | signal.Handlers


class Stop(BaseException):
    """Ctrl-C or SIGTERM."""


def say(what: str) -> None:
    print(what, flush=True)


def main() -> None:
    os.chdir(environment.HERE)
    try:
        var = environment.folder()
        environment.check_writable(var)
        run(var)
    except CannotStart as why:
        sys.exit(str(why))
    except OSError as why:
        if why.errno not in NOT_OURS:
            raise
        sys.exit(f"{why.filename or 'The disk'}: {why.strerror}. Mend that, or name another folder by ESCALATION_VAR.")


def run(var: Path) -> None:
    wanted = address.wanted()
    _on_stop(_stop)
    supervisor = Supervisor(say)
    lock = hold(var)
    sockets = embedded.socket_folder(var)
    try:
        listener, url = address.listen(lock, wanted)
        environment.make(var)
        os.environ.setdefault("BASE_URL", url.rstrip("/"))
        postgres = own_database(var, sockets)
        with preparing() as finish:
            start_database(supervisor, var, postgres)
            start_broker(supervisor, var, sockets)
            finish()
        start_web(supervisor, var, listener)
        _announce(url)
        start_demo(supervisor, var)
        start_workers(supervisor, var)
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


def hold(var: Path) -> IO[str]:
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


def own_database(var: Path, sockets: Path, options: tuple[str, ...] = ()) -> Postgres | None:
    """The cluster under var/, still to be started, with its addresses set; None where DATABASE_URL names another."""
    if os.environ.get("DATABASE_URL"):
        return None
    embedded.check_machine()
    postgres = Postgres(embedded.data_folder(var), sockets / "pg", options)
    environment.use_database(postgres)
    return postgres


def start_database(supervisor: Supervisor, var: Path, postgres: Postgres | None) -> None:
    if postgres is None:
        return
    postgres.initialise()
    log = var / "log" / "database.log"
    child = Child("database", postgres.command, log, signal.SIGINT, signal.SIGINT, postgres.clear_stale)
    supervisor.add(child)
    postgres.ready(child.alive)


def start_broker(supervisor: Supervisor, var: Path, sockets: Path) -> None:
    if os.environ.get("REDIS_URL"):
        return
    valkey = Valkey(var / "valkey", sockets / "valkey")
    child = supervisor.add(Child("broker", valkey.command, var / "log" / "broker.log"))
    valkey.ready(child.alive)
    os.environ["REDIS_URL"] = valkey.url


@contextmanager
def preparing() -> Iterator[Callable[[], None]]:
    """Begin what a start needs once. It is to be told when the database is there: its imports take as long as that.

    Gives what tells it, and waits for it.
    """
    death = processes.die_with_parent(signal.SIGTERM)
    # its own session: Ctrl-C ends it through us, after the database has been told nothing yet
    process = subprocess.Popen(
        [sys.executable, "-m", "trial.local.prepare"],
        stdin=subprocess.PIPE,
        text=True,
        preexec_fn=death,
        start_new_session=True,
    )

    def finish() -> None:
        process.communicate("go on\n")
        if process.returncode:
            raise CannotStart("Migrations or static files failed; the reason stands above.")

    try:
        yield finish
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def start_web(supervisor: Supervisor, var: Path, listener: socket.socket) -> None:
    """Returns when the first page was answered: the workers that start next would slow it down."""
    fd = listener.fileno()
    gunicorn = [sys.executable, "-m", "gunicorn", "trial.wsgi", "--bind", f"fd://{fd}", "-k", "gthread"]
    # loaded once, then forked: the second worker costs no time, and one that was killed is there again at once
    gunicorn += ["--workers", "2", "--preload", "--threads", "16", "--graceful-timeout", "3"]
    gunicorn += ["--no-control-socket", "--access-logfile", "-"]
    gunicorn += ["--logger-class", "trial.access_log.AccessLog"]
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


def start_demo(supervisor: Supervisor, var: Path) -> None:
    """It says itself how far it is and, as soon as they work, its log-ins."""
    if not environment.demo_wanted():
        say("No demo. An empty installation gets its first account by .venv/bin/python manage.py open_administrator")
    else:
        demo = [sys.executable, str(environment.HERE / "manage.py"), "demo"]
        log = var / "log" / "demo.log"
        supervisor.add(Child("demo", lambda: demo, log, terminal=True, over=frozenset({0, 2})))


def _announce(url: str) -> None:
    say(f"\n  {url}\n")
    say("Ctrl-C stops everything; the data stay.")


if __name__ == "__main__":
    main()
