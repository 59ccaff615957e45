"""Starts the tests' own PostgreSQL and Valkey before pytest-django reads the settings, and removes them at the end.

The first process starts them in var/test-<pid>; the workers of xdist inherit their addresses, and each makes its own
database. Nothing of the developer's environment is used: no test can reach a database that holds anything.
"""

import atexit
import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from trial.local import embedded
from trial.local.launch import own_database, start_broker, start_database
from trial.local.supervisor import Supervisor

VAR = Path(__file__).resolve().parent.parent / "var"
HANDED_OVER = "ESCALATION_TEST_SERVICES"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None, object, object]:
    if HANDED_OVER not in os.environ:  # set in a worker of xdist
        start_services()
    return (yield)


def start_services() -> None:
    VAR.mkdir(exist_ok=True)
    remove_left_over()
    folder = VAR / f"test-{os.getpid()}"
    folder.mkdir()
    sockets = embedded.socket_folder(folder)
    supervisor = Supervisor(print)
    atexit.register(remove, supervisor, folder, sockets)  # not a hook of pytest: those are skipped on a wrong option
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DEBUG", "HTTPS", "ALLOWED_HOSTS", "SECOND_FACTOR"):
        os.environ.pop(name, None)

    postgres = own_database(folder, sockets, embedded.NO_FSYNC)
    assert postgres is not None
    start_database(supervisor, folder, postgres)
    postgres.execute(f"ALTER ROLE {embedded.OWNER} CREATEDB")
    postgres.execute(f"GRANT {embedded.APP} TO {embedded.OWNER} WITH SET TRUE, INHERIT FALSE")
    # for tests/snapshots.py only: nobody in an installation has this right
    postgres.execute(f"GRANT SET ON PARAMETER session_replication_role TO {embedded.OWNER}")
    start_broker(supervisor, folder, sockets)

    # pytest-django makes the test database through "default", so that alias logs in as the owner;
    # tests/conftest.py then makes it the application's role.
    os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"]
    os.environ["SECRET_KEY"] = os.environ["SECOND_FACTOR_KEYS"] = "only for tests " * 4
    os.environ["EMAIL_URL"], os.environ["BASE_URL"] = "memorymail://", "https://trials.example"
    os.environ["STATIC_STORAGE"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    os.environ["STATIC_ROOT"] = str(folder / "static")
    (folder / "static").mkdir()
    # Playwright keeps an event loop in the thread of the test, where Django would refuse the ORM
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    os.environ[HANDED_OVER] = str(folder)


def remove(supervisor: Supervisor, folder: Path, sockets: Path) -> None:
    supervisor.stop()
    shutil.rmtree(sockets, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def remove_left_over() -> None:
    """The folders of test runs that were killed; their servers died with them."""
    for folder in VAR.glob("test-*"):
        pid = int(folder.name.removeprefix("test-"))
        if pid == os.getpid() or not embedded.command_line(pid):
            embedded.remove_sockets(folder)
            shutil.rmtree(folder, ignore_errors=True)
