"""`manage.py` in a terminal that sets nothing: beside running services it uses them; else it says what it lacks."""

import subprocess
import sys

import pytest

from tests.trial.local.launcher import ROOT, beside_the_tests, environment

# What the settings came to, and that the database answers to it.
SAYS = """
from django.conf import settings
print(settings.SECRET_KEY[:21], *(settings.DATABASES[a]["NAME"] for a in ("default", "owner")))
"""
ASKS = """
from django.db import connections
for alias in ("default", "owner"):
    cursor = connections[alias].cursor()
    cursor.execute("SELECT current_user")
    print(*cursor.fetchone())
"""


@pytest.fixture
def services(tmp_path):
    return beside_the_tests(tmp_path)


def manage(var, *arguments, **given):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**environment(var), **given},
        capture_output=True,
        text=True,
    )


def test_it_finds_the_services_and_the_key(services):
    (services / "secret-key").write_text("a key of the launcher " * 3)

    asked = manage(services, "shell", "-v", "0", "-c", SAYS + ASKS)

    assert asked.stdout.splitlines() == [
        "a key of the launcher escalation escalation", "escalation_app", "escalation_owner",
    ], asked.stderr  # fmt: skip


def test_what_the_environment_says_wins(services):
    mine = {"SECRET_KEY": "mine", "DATABASE_URL": "postgres://me@localhost/elsewhere"}

    assert manage(services, "shell", "-v", "0", "-c", SAYS, **mine).stdout == "mine elsewhere elsewhere\n"


def test_without_services_one_sentence(tmp_path):
    asked = manage(tmp_path, "verify_ledger")

    assert (asked.returncode, asked.stdout) == (1, "")
    assert asked.stderr == (
        "There is no database: start `make run` in another terminal,"
        " or set DATABASE_URL (with DATABASE_OWNER_URL and SECRET_KEY).\n"
    )


def test_the_sockets_of_a_launcher_that_was_killed_are_no_services(tmp_path):
    (tmp_path / "sockets").write_text("/tmp/escalation-that-is-gone")

    assert manage(tmp_path, "verify_ledger").stderr.startswith("There is no database: ")


def test_a_key_that_is_nowhere(tmp_path):
    asked = manage(tmp_path, "check", DATABASE_URL="postgres://me@localhost/elsewhere")

    assert asked.stderr == (
        f"SECRET_KEY is not set, and {tmp_path}/secret-key cannot be read (No such file or directory):"
        " set it, or start `make run` once.\n"
    )


def test_production_without_the_key_of_second_factors(tmp_path):
    production = {"SECRET_KEY": "mine", "DATABASE_URL": "postgres://me@localhost/elsewhere", "HTTPS": "1"}

    assert manage(tmp_path, "migrate", **production).stderr == (
        "Set SECOND_FACTOR_KEYS to a random text: the key that seals second factors.\n"
    )


def test_help_needs_nothing(tmp_path):
    assert "Available subcommands" in manage(tmp_path, "help").stdout
    assert manage(tmp_path, "--version").stdout.startswith("5.")


def test_a_python_without_django_is_told_which_one_has_it(tmp_path):
    bare = subprocess.run(
        [sys.executable, "-S", "manage.py", "help"], cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True
    )

    assert bare.stderr == "This Python has no Django: `make run` installs it; then use .venv/bin/python manage.py.\n"
