"""`make backup` and `make restore FILE=…` of the installation under var/: one file of data, and its keys in one apart.

Whoever has the keys can sign sessions and open second factors, so they do not lie beside the data that is copied away.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from ..local import embedded, environment, launch
from ..local.embedded import CannotStart, Postgres
from ..local.supervisor import Supervisor

NAME = "escalation-{}.tar.gz"


def main() -> None:
    os.umask(0o077)
    var = environment.folder()
    try:
        if os.environ.get("DATABASE_URL"):
            raise CannotStart("DATABASE_URL names a database of your own: back it up as docs/operations.md says.")
        environment.check_writable(var)
        match sys.argv[1:]:
            case ["backup"]:
                print(_told(make(var)))
            case ["restore", file] if file:
                print(restore(var, Path(file)))
            case _:
                sys.exit("make backup, or make restore FILE=var/backups/….tar.gz")
    except (CannotStart, OSError) as why:
        sys.exit(str(why))


def _told(made: Path) -> str:
    return f"{made}\n{keys_of(made)} holds the keys: keep it elsewhere than the data."


def keys_of(backup: Path) -> Path:
    return backup.with_name(backup.name.removesuffix(".tar.gz") + ".keys")


def make(var: Path) -> Path:
    """Copy the database as it stands, running or not, check the copy, and return its file."""
    folder = var / "backups"
    folder.mkdir(exist_ok=True)
    for left in folder.glob(".half-*"):
        shutil.rmtree(left)  # of one that was killed
    with tempfile.TemporaryDirectory(prefix=".half-", dir=folder) as half, _server(var) as sockets:
        data = Path(half) / "data"
        where = ["--host", str(sockets), "--username", "postgres", "--no-password"]
        _run("pg_basebackup", *where, "--pgdata", str(data), "--checkpoint=fast", "--wal-method=stream")
        _run("pg_verifybackup", "--quiet", str(data))
        file = Path(half) / NAME.format(f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}")
        with tarfile.open(file, "w:gz", compresslevel=1) as archive:
            archive.add(data, arcname=".")
        made = folder / file.name
        keys = {name: (var / key).read_text() for name, key in environment.KEYS.items() if (var / key).exists()}
        _write(keys_of(made), json.dumps(keys))
        file.chmod(0o600)
        file.rename(made)
    return made


@contextmanager
def _server(var: Path) -> Iterator[Path]:
    """The folder of the database's socket: of a `make run` that is up, or of one started for this alone."""
    noted = embedded.noted_sockets(var)
    if noted and environment.answers(Postgres(var, noted / "pg").socket):
        yield noted / "pg"
        return
    data = embedded.data_folder(var)
    if embedded.version_of(data) is None:
        raise CannotStart(f"There is no database in {data} yet: nothing to back up.")
    with launch.hold(var) as lock:
        sockets, supervisor = embedded.socket_folder(var), Supervisor(print)
        try:
            launch.start_database(supervisor, var, Postgres(data, sockets / "pg"))
            yield sockets / "pg"
        finally:
            supervisor.stop()
            embedded.remove_sockets(var)
            lock.truncate(0)


def restore(var: Path, file: Path) -> str:
    """Put the data of a backup in place of those of the installation, which are kept beside; what was done, in words.

    Refuses while the installation runs, and a backup that is damaged or of another PostgreSQL.
    """
    if not file.is_file():
        raise CannotStart(f"There is no file {file}.")
    with launch.hold(var):
        data = var / f"pg{embedded.major()}"
        half = Path(tempfile.mkdtemp(prefix=f"{data.name}.new-", dir=var))
        try:
            _unpack(file, half)
            if (version := embedded.version_of(half)) != embedded.major():
                raise CannotStart(f"{file} is of PostgreSQL {version}, this program has {embedded.major()}.")
            _run("pg_verifybackup", "--quiet", str(half))
            _hand_over(half)
            aside = _aside(data)
            half.rename(data)
        finally:
            shutil.rmtree(half, ignore_errors=True)
        said = [
            f"Restored {file}. Start it by `make run`, check it by `manage.py verify_ledger` and `verify_decisions`."
        ]
        said += [f"The data of before are kept in {aside}."] if aside else []
        return "\n".join([*said, *_restore_keys(var, file)])


def _unpack(file: Path, to: Path) -> None:
    try:
        with tarfile.open(file) as archive:
            archive.extractall(to, filter="data")
    except (tarfile.TarError, EOFError, OSError) as why:
        raise CannotStart(f"{file} cannot be read: {why}") from None


def _hand_over(data: Path) -> None:
    """To the user that PostgreSQL runs as, and to nobody else."""
    for path in (data, *data.rglob("*")):
        embedded.give_to_postgres(path)
    data.chmod(0o700)


def _aside(path: Path) -> Path | None:
    """Out of the way, not away."""
    if not path.exists():
        return None
    if path.is_dir():
        Postgres(path, path).clear_stale()
    kept = path.with_name(f"{path.name}.before-{datetime.now(UTC):%Y-%m-%dT%H%M%S.%fZ}")
    path.rename(kept)
    return kept


def _restore_keys(var: Path, file: Path) -> Iterator[str]:
    try:
        keys: dict[str, str] = json.loads(keys_of(file).read_text())
    except FileNotFoundError:
        yield f"{keys_of(file)} is not there, so the keys stay as they are: with other ones no second factor opens."
        return
    for name, text in keys.items():
        path = var / environment.KEYS[name]
        with suppress(FileNotFoundError):
            if path.read_text() == text:
                continue
        aside = _aside(path)
        _write(path, text)
        yield f"{path} is that of the backup{f'; the one of before is {aside}' if aside else ''}."


def _write(path: Path, text: str) -> None:
    """For its owner alone."""
    path.touch(mode=0o600)
    path.write_text(text)


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(embedded.binaries() / program), *arguments], capture_output=True, text=True, check=False, cwd="/"
    )
    if done.returncode:
        raise CannotStart(f"{program} failed: {done.stderr.strip()}")


if __name__ == "__main__":
    main()
