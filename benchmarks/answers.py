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
from http.client import HTTPConnection
from io import StringIO
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
CLIENTS, SECONDS, ROUNDS = 4, 3.0, 3


def main() -> None:
    from trial.local.launch import start_database
    from trial.local.supervisor import Supervisor

    os.environ |= {"SECRET_KEY": secrets.token_hex(), "ALLOWED_HOSTS": "localhost", "HTTPS": "0"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.answers_settings"
    supervisor = Supervisor(lambda said: None)
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, tempfile.TemporaryDirectory(dir="/tmp") as sockets:
        for place in (folder, sockets):
            Path(place).chmod(0o755)
        os.environ["STATIC_ROOT"] = folder
        try:
            start_database(supervisor, Path(folder), Path(sockets), ("-c", "fsync=off"))
            token, session, code, trial = _prepare()
            server, port = _serve()
            try:
                _endpoints(port, token, trial)
                _pages(port, session, code)
            finally:
                server.send_signal(signal.SIGINT)
                server.wait()
        finally:
            supervisor.stop()


def _prepare() -> tuple[str, str, str, str]:
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command

    from trial.models import Trial, User
    from trial.people import tokens

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("demo", stdout=StringIO())
    study = Trial.objects.get(code="demo-srm")
    person = User.objects.get(email="dsmb@demo.example")
    _, secret = tokens.create(user=person, name="benchmark")
    store = SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(person.pk), settings.AUTHENTICATION_BACKENDS[-1]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.save()
    return secret, f"{settings.SESSION_COOKIE_NAME}={store.session_key}", study.code, str(study.pk)


def _serve() -> tuple[subprocess.Popen[bytes], int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "trial.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "2", "-k", "gthread", "--threads", "16", "--no-control-socket", "--log-level", "error"]
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


def _endpoints(port: int, token: str, trial: str) -> None:
    bearer = {"Authorization": f"Bearer {token}"}
    status = f"/api/v1/trials/{trial}/status"
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


def _pages(port: int, session: str, code: str) -> None:
    here = f"/trials/{code}/"
    bounds = {"response/": 1.8, "": 1.2, "patients/1/": 1.2, "audit/": 1.5}
    found: dict[str, list[float]] = {path: [] for path in ("patients/", *bounds)}
    asks = {path: _ask(port, here + path, {"Cookie": session}) for path in found}
    for turn in range(45):
        for path, once in asks.items():
            began = time.perf_counter()
            status, _ = once()
            assert status == 200, (path, status)
            if turn >= 5:
                found[path].append(time.perf_counter() - began)
    base = median(found["patients/"])
    print(f"list of patients: {base * 1000:.1f} ms")
    for path, bound in bounds.items():
        print(f"{path or 'trial'}: {median(found[path]) * 1000:.1f} ms, {median(found[path]) / base:.2f} (<= {bound})")


if __name__ == "__main__":
    main()
