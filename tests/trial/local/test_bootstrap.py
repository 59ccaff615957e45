"""The virtual environment, really made, with one small package of the lock; from the index or its cache."""

import re
import shutil
import subprocess
import sys

import pytest

from trial.local import bootstrap

pytestmark = pytest.mark.slow


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """A folder for the environment, and a lock with sqlparse alone."""
    entries = re.split(r"^(?=\S)", bootstrap.PROGRAM.read_text(), flags=re.M)
    lock = tmp_path / "requirements.txt"
    lock.write_text("".join(entry for entry in entries if entry.startswith("sqlparse==")))
    venv = tmp_path / ".venv"
    monkeypatch.setattr(bootstrap, "VENV", venv)
    monkeypatch.setattr(bootstrap, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(bootstrap, "PROGRAM", lock)
    return venv


@pytest.fixture(scope="module")
def with_uv(tmp_path_factory):
    """An environment with uv alone: what every first installation makes before its lock."""
    made = tmp_path_factory.mktemp("made") / ".venv"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "VENV", made)
        patch.setattr(bootstrap, "PYTHON", made / "bin" / "python")
        bootstrap.make_environment()
        subprocess.run([*bootstrap.pip(), "--no-deps", "--require-hashes", "-r", str(bootstrap.UV)], check=True)
    return made


def imports(environment, name):
    return subprocess.run([environment / "bin" / "python", "-c", f"import {name}"], capture_output=True).returncode == 0


def test_uv_installs_what_is_locked_and_the_second_time_nothing_is_done(environment, monkeypatch, capsys):
    bootstrap.install(tests=False)

    assert imports(environment, "sqlparse")
    assert capsys.readouterr().err == "make: making the virtual environment .venv\nmake: installing requirements.txt\n"
    monkeypatch.setattr(subprocess, "run", None)
    bootstrap.install(tests=False)


def test_where_uv_cannot_pip_installs(environment, with_uv, monkeypatch, capsys):
    shutil.copytree(with_uv, environment, symlinks=True)
    monkeypatch.setenv("UV_OFFLINE", "true")
    monkeypatch.setenv("UV_CACHE_DIR", str(environment.parent / "no-cache"))

    bootstrap.install(tests=False)

    assert imports(environment, "sqlparse")
    assert "uv could not install; trying pip, which is slower" in capsys.readouterr().err


def test_a_package_unlike_its_hash_is_not_installed(environment, with_uv, capsys):
    shutil.copytree(with_uv, environment, symlinks=True)
    lock = bootstrap.PROGRAM
    lock.write_text(re.sub(r"sha256:\w{4}", "sha256:0000", lock.read_text()))

    with pytest.raises(SystemExit, match="this did not work"):
        bootstrap.install(tests=False)

    assert not imports(environment, "sqlparse")
    assert not (environment / "installed").exists()


def test_an_environment_that_does_not_run_is_made_anew(environment, with_uv):
    shutil.copytree(with_uv, environment, symlinks=True)
    (environment / "bin" / "python").unlink()
    (environment / "bin" / "python").symlink_to(environment / "gone")

    bootstrap.install(tests=False)

    assert imports(environment, "sqlparse")


def test_a_python_without_pip_and_ensurepip_is_told_what_to_install(environment, monkeypatch):
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(SystemExit, match=f"apt-get install python3.{sys.version_info.minor}-venv"):
        bootstrap.install(tests=False)
