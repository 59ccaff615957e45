"""The virtual environment, really made, with one small package of the lock; from the index or its cache."""

import contextlib
import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from trial.local import bootstrap

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def lock(tmp_path_factory):
    """A lock with sqlparse alone."""
    entries = re.split(r"^(?=\S)", bootstrap.PROGRAM.read_text(), flags=re.M)
    found = tmp_path_factory.mktemp("lock") / "requirements.txt"
    found.write_text("".join(entry for entry in entries if entry.startswith("sqlparse==")))
    return found


@pytest.fixture
def environment(tmp_path, monkeypatch, lock):
    """A folder for the environment, and the lock."""
    stands_in(monkeypatch, tmp_path / ".venv", shutil.copy(lock, tmp_path))
    return tmp_path / ".venv"


@pytest.fixture(scope="module")
def installed(tmp_path_factory, lock):
    """What the first `make run` makes, and what it says."""
    venv, said = tmp_path_factory.mktemp("made") / ".venv", io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(said):
        stands_in(patch, venv, lock)
        bootstrap.install(tests=False)
        patch.setattr(subprocess, "run", None)  # the second time nothing is done
        bootstrap.install(tests=False)
    return venv, said.getvalue()


@pytest.fixture
def with_uv(environment, installed):
    """The environment as it stands before its lock is installed: with uv alone."""
    shutil.copytree(installed[0], environment, symlinks=True)
    (environment / "installed").unlink()
    for part in environment.glob("lib/python*/site-packages/sqlparse*"):
        shutil.rmtree(part)


def stands_in(patch, venv, lock):
    patch.setattr(bootstrap, "VENV", venv)
    patch.setattr(bootstrap, "PYTHON", venv / "bin" / "python")
    patch.setattr(bootstrap, "PROGRAM", Path(lock))


def imports(environment, name):
    return subprocess.run([environment / "bin" / "python", "-c", f"import {name}"], capture_output=True).returncode == 0


def test_uv_installs_what_is_locked_and_the_second_time_nothing_is_done(installed):
    venv, said = installed

    assert imports(venv, "sqlparse")
    assert said == "make: making the virtual environment .venv\nmake: installing requirements.txt\n"


def test_where_uv_cannot_pip_installs(environment, with_uv, monkeypatch, capsys):
    monkeypatch.setenv("UV_OFFLINE", "true")
    monkeypatch.setenv("UV_CACHE_DIR", str(environment.parent / "no-cache"))

    bootstrap.install(tests=False)

    assert imports(environment, "sqlparse")
    assert "uv could not install; trying pip, which is slower" in capsys.readouterr().err


def test_a_package_unlike_its_hash_is_not_installed(environment, with_uv, capsys):
    lock = bootstrap.PROGRAM
    lock.write_text(re.sub(r"sha256:\w{4}", "sha256:0000", lock.read_text()))

    with pytest.raises(SystemExit, match="this did not work"):
        bootstrap.install(tests=False)

    assert not imports(environment, "sqlparse")
    assert not (environment / "installed").exists()


def test_an_environment_that_does_not_run_is_made_anew(environment, with_uv):
    (environment / "bin" / "python").unlink()
    (environment / "bin" / "python").symlink_to(environment / "gone")

    bootstrap.install(tests=False)

    assert imports(environment, "sqlparse")


def test_a_python_without_pip_and_ensurepip_is_told_what_to_install(environment, monkeypatch):
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(SystemExit, match=f"apt-get install python3.{sys.version_info.minor}-venv"):
        bootstrap.install(tests=False)
