"""What the launcher cannot start from: one sentence that names it and says what to do, and nothing made beside it."""

import os
import shutil
import socket
import subprocess
import sys

import pytest

from tests.trial.local.launcher import ROOT, environment
from trial.local import embedded


@pytest.fixture
def refusal(tmp_path):
    """Run the launcher with this environment: its one sentence."""

    def run(*, var=tmp_path / "var", through=(), **given):
        done = subprocess.run(
            [*through, sys.executable, "-m", "trial.local.launch"],
            cwd=ROOT,
            env={**environment(var), **given},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode, done.stdout) == (1, "")
        (sentence,) = done.stderr.splitlines()
        return sentence

    return run


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1", "8000.5", "９"])
def test_a_port_that_is_none(refusal, port):
    assert refusal(PORT=port) == f"PORT must be a whole number from 1 to 65535; it is {port!r}."


def test_a_port_in_use(refusal):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        assert refusal(PORT=str(port)) == (
            f"Port {port} of 127.0.0.1 cannot be had (Address already in use):"
            " set another PORT, or none for the first free one from 8000."
        )


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_another_machine(refusal, host):
    assert refusal(HOST=host) == f"HOST must be an address of this machine; it is {host!r}."


def test_a_folder_that_cannot_be_written_to(refusal, tmp_path):
    var = tmp_path / "var"
    var.mkdir(mode=0o555)

    sentence = refusal(through=as_a_user())

    assert sentence == (
        f"{var} cannot be written to (Permission denied): make it writable, or name another folder by ESCALATION_VAR."
    )


def test_a_folder_that_cannot_be_made(refusal, tmp_path):
    (tmp_path / "file").touch()
    var = tmp_path / "file" / "var"

    assert refusal(var=var).startswith(f"{var} cannot be written to (Not a directory): ")


def test_a_file_of_the_folder_that_cannot_be_written(refusal, tmp_path):
    lock = tmp_path / "var" / "lock"
    lock.parent.mkdir()
    lock.touch(mode=0o444)

    assert refusal(through=as_a_user()) == (
        f"{lock}: Permission denied. Mend that, or name another folder by ESCALATION_VAR."
    )


@pytest.mark.parametrize(
    ("folder", "version"),
    [("pg17", "17"), ("pg19", "19"), ("pg18", "17"), ("pg18", "19")],  # of an older program, and of a newer one
)
def test_data_of_another_version_are_named_and_no_empty_database_is_made(refusal, tmp_path, folder, version):
    data = tmp_path / "var" / folder
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text(f"{version}\n")

    assert refusal() == (
        f"{data} holds data of PostgreSQL {version}, which this program's PostgreSQL 18 cannot read:"
        " start the release of this program that wrote them, bring them over with pg_upgrade,"
        " or move the folder away to begin with an empty database."
    )
    assert [path.name for path in data.parent.glob("pg*")] == [folder]
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


def test_a_folder_with_something_else_in_it(refusal, tmp_path):
    data = tmp_path / "var" / "pg18"
    data.mkdir(parents=True)
    (data / "notes").touch()

    assert refusal() == f"{data} holds something that is no PostgreSQL database: move it away."


def test_data_of_another_user(refusal, tmp_path):
    data = tmp_path / "var" / "pg18"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("18\n")
    data.chmod(0)

    assert refusal(through=as_a_user()).startswith(f"{data} belongs to another user, probably root: ")


def test_the_data_of_this_version_and_half_a_cluster_are_no_hindrance(tmp_path):
    (tmp_path / "pg18").mkdir()
    (tmp_path / "pg18" / "PG_VERSION").write_text("18\n")
    (tmp_path / "pg18.new").mkdir()

    assert embedded.data_folder(tmp_path) == tmp_path / "pg18"


def as_a_user():
    """The command by which root is held to the rights of files as others are."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("as root, with no setpriv to leave its rights to files")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]
