"""Answers of the web process: cohort status beside an empty endpoint, and pages beside the list of patients.

`python -m benchmarks.answers` builds a database of its own with the demo, starts gunicorn with
two workers and asks with four clients at once, each line in turn so that all share the machine's hour. Ratios count.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any

from trial.local import embedded
from trial.local.launch import own_database, start_database
from trial.local.supervisor import Supervisor

ROOT = Path(__file__).resolve().parent.parent
CLIENTS, SECONDS, ROUNDS = 4, 3.0, 3
WARM, TURNS = 5, 40
MANY, BOUND_MANY = 2500, 1.3
BOUND_BOARD = 2


def main() -> None:
    os.environ |= {"SECRET_KEY": secrets.token_hex(), "ALLOWED_HOSTS": "localhost", "HTTPS": "0"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.answers_settings"
    supervisor = Supervisor(print)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        sockets = embedded.socket_folder(folder)
        os.environ["STATIC_ROOT"] = str(folder / "static")
        try:
            start_database(supervisor, folder, own_database(folder, sockets, embedded.NO_FSYNC))
            prepared = _prepare()
            server, port = _serve()
            try:
                _endpoints(port, prepared)
                _pages(port, prepared)
            finally:
                server.send_signal(signal.SIGINT)
                server.wait()
        finally:
            supervisor.stop()
            embedded.remove_sockets(folder)


@dataclass(frozen=True)
class Prepared:
    """A study, a token for its status, and the cookies of two auditors: of this trial alone, and of MANY besides."""

    trial: str
    code: str
    token: str
    one: str
    many: str


def _prepare() -> Prepared:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from trial import services
    from trial.models import Trial, User
    from trial.people import services as people
    from trial.people import tokens
    from trial.roles import Role

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("demo", stdout=StringIO())
    study = Trial.objects.get(code="demo-srm")
    one, administrator = (User.objects.get(email=f"{key}@demo.example") for key in ("auditor", "administrator"))
    many = people.open_account(email="many@demo.example", name="Of many", password="not used here", by=None)
    for trial in (study, *(services.create_trial(code=f"many-{k}", title="", by=administrator) for k in range(MANY))):
        people.add_member(trial=trial.pk, user=many.pk, role=Role.AUDITOR, by=administrator)
    _, secret = tokens.create(user=one, name="benchmark")
    with connections["owner"].cursor() as cursor:  # the application's role may not, and is told so by a warning alone
        cursor.execute("ANALYZE")  # as autovacuum does in a database that grew over months
    return Prepared(str(study.pk), study.code, secret, _session(one), _session(many))


def _session(person: Any) -> str:
    """The cookie of somebody who has logged in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    store = SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(person.pk), settings.AUTHENTICATION_BACKENDS[-1]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.save()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


def _serve() -> tuple[subprocess.Popen[bytes], int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "trial.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "2", "-k", "gthread", "--threads", "16", "--no-control-socket", "--log-level", "error"]
    command += ["--keep-alive", "60"]  # each line waits for the others in turn
    server = subprocess.Popen(command, cwd=ROOT)
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return server, port
        time.sleep(0.1)


def _ask(port: int, path: str, headers: dict[str, str]) -> Callable[[], tuple[int, dict[str, str]]]:
    connection = HTTPConnection("127.0.0.1", port)
    headers = {"Host": "localhost", **headers}

    def once() -> tuple[int, dict[str, str]]:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, dict(answer.headers)

    return once


def _throughput(port: int, path: str, headers: dict[str, str], expected: int) -> float:
    """Answers a second, four clients at once."""
    counts, end = [0] * CLIENTS, time.monotonic() + SECONDS

    def client(k: int) -> None:
        once = _ask(port, path, headers)
        while time.monotonic() < end:
            status, _ = once()
            assert status == expected, status
            counts[k] += 1

    threads = [threading.Thread(target=client, args=(k,)) for k in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def _endpoints(port: int, prepared: Prepared) -> None:
    bearer = {"Authorization": f"Bearer {prepared.token}"}
    status = f"/api/v1/trials/{prepared.trial}/status"
    tag = _ask(port, status, bearer)()[1]["ETag"]
    lines = {
        "empty": ("/empty/", bearer, 200),
        "status": (status, bearer, 200),
        "unchanged": (status, bearer | {"If-None-Match": tag}, 304),
    }
    found: dict[str, list[float]] = {name: [] for name in lines}
    for _ in range(ROUNDS):
        for name, asked in lines.items():
            found[name].append(_throughput(port, *asked))
    empty = median(found["empty"])
    print(f"an empty authenticated endpoint: {empty:.0f} a second")
    for name, bound in (("status", 0.40), ("unchanged", 0.80)):
        print(
            f"cohort status, {name}: {median(found[name]):.0f} a second, {median(found[name]) / empty:.2f} (>= {bound})"
        )


def _pages(port: int, prepared: Prepared) -> None:
    here = f"/trials/{prepared.code}/"
    bounds = {"response/": 1.8, "": 1.2, "patients/1/": 1.2, "audit/": 1.5}
    paths = [f"{here}{page}" for page in ("patients/", *bounds, "dashboard/")] + ["/"]
    lines = {
        (path, who): _ask(port, path, {"Cookie": cookie})
        for path in paths
        for who, cookie in (("one", prepared.one), ("many", prepared.many))
    }
    found: dict[tuple[str, str], list[float]] = {line: [] for line in lines}
    for turn in range(WARM + TURNS):
        for line, once in lines.items():
            began = time.perf_counter()
            status, _ = once()
            assert status == 200, (line, status)
            if turn >= WARM:
                found[line].append(time.perf_counter() - began)
    taken = {line: median(seconds) for line, seconds in found.items()}
    base = taken[f"{here}patients/", "one"]
    print(f"list of patients: {base * 1000:.1f} ms")
    for page, bound in bounds.items():
        mine = taken[here + page, "one"]
        print(f"{page or 'trial'}: {mine * 1000:.1f} ms, {mine / base:.2f} (<= {bound})")
    board = taken[f"{here}dashboard/", "one"] / taken[here, "one"]
    print(f"dashboard, in times of the Trial page: {board:.2f} (<= {BOUND_BOARD})")
    for path in paths:
        one, many = taken[path, "one"], taken[path, "many"]
        print(
            f"{path} for a person in {MANY} trials: {many * 1000:.1f} ms for {one * 1000:.1f}, "
            f"{many / one:.2f} (<= {BOUND_MANY})"
        )


if __name__ == "__main__":
    main()
