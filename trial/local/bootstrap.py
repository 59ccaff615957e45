"""Make the virtual environment and install what is locked. Runs on the system's Python: standard library only.

Quick when nothing changed: the hash of the lock stands in the environment. What stops it is said in one sentence.
"""

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent.parent
VENV = HERE / ".venv"
PYTHON = VENV / "bin" / "python"
PROGRAM, TESTS, UV = (HERE / f"requirements{of}.txt" for of in ("", "-test", "-uv"))
CHROMIUM = Path("/usr/bin/chromium-headless-shell")


def main() -> None:
    tests = "--tests" in sys.argv[1:]
    if sys.version_info < (3, 11):  # noqa: UP036  the very thing that is checked
        sys.exit(f"Python 3.11 or newer is needed, this is {platform.python_version()}: make PYTHON=python3.12 …")
    if os.name == "nt":
        sys.exit("Windows has no wheel of the broker: use WSL, or docker compose up.")
    if list(Path("/lib").glob("ld-musl-*")):
        sys.exit("Alpine (musl) has no wheel of PostgreSQL: use a glibc system such as Debian, or docker compose up.")
    install(tests=tests)
    if tests:
        chromium()


def install(*, tests: bool) -> None:
    lock = TESTS if tests else PROGRAM
    stamp = VENV / "installed"  # one line for each lock that the environment satisfies
    wanted = fingerprint(lock)
    if PYTHON.exists() and stamp.exists() and wanted in stamp.read_text().splitlines():
        return
    if not works(PYTHON):
        make_environment()
    say(f"installing {lock.name}")
    if not with_uv(lock):
        say("uv could not install; trying pip, which is slower")
        give_it_pip()
        run([*pip(), "--require-hashes", "-r", str(lock)])
    # the lock of the tests holds all of the program's
    stamp.write_text("\n".join(fingerprint(held) for held in {lock, PROGRAM}))


def fingerprint(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()


def make_environment() -> None:
    """Without a pip of its own where this Python has one: to put one in takes longer than all that uv does."""
    without = ["--without-pip"] if importlib.util.find_spec("pip") else []
    if not without and importlib.util.find_spec("ensurepip") is None:
        version = f"python3.{sys.version_info.minor}-venv"
        sys.exit(f"This Python has no ensurepip, which a virtual environment needs: apt-get install {version}")
    say("making the virtual environment .venv")
    run([sys.executable, "-m", "venv", "--clear", *without, str(VENV)])


def pip() -> list[str]:
    """The command that installs into the environment, by its own pip or else by this Python's."""
    own = any(VENV.glob("lib/*/site-packages/pip"))
    by = [str(PYTHON), "-m", "pip"] if own else [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    return [*by, "install", "-qq", "--disable-pip-version-check", "--no-input"]


def with_uv(lock: Path) -> bool:
    """uv installs in two seconds what pip does in twenty, but knows nothing of pip's configuration.

    It compiles nothing: each module is compiled when it is first imported, and most never are.
    """
    uv = [str(PYTHON), "-m", "uv", "pip", "install", "-q", "--python", str(PYTHON), "--require-hashes", "-r", str(lock)]
    trusting = {**os.environ, "UV_SYSTEM_CERTS": "true"}  # the system's certificates, as pip does
    return (
        subprocess.run([*pip(), "--no-deps", "--require-hashes", "-r", str(UV)], check=False).returncode == 0
        and subprocess.run(uv, check=False, env=trusting).returncode == 0
    )


def give_it_pip() -> None:
    """For the slow way its own pip, which fits this Python; this Python's where it cannot be had."""
    if importlib.util.find_spec("ensurepip"):
        subprocess.run([PYTHON, "-m", "ensurepip"], check=False, capture_output=True)


def chromium() -> None:
    """Debian's Chromium without a window, where it can be had; else the browser tests say that they are skipped."""
    if CHROMIUM.exists():
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        say(f"there is no {CHROMIUM}: the browser tests are skipped, and fail where CI=true")
        return
    say("installing chromium for the browser tests")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-qqy", "--no-install-recommends", CHROMIUM.name],
    ):
        subprocess.run(command, check=False, env=quiet, stdout=subprocess.DEVNULL)


def works(python: Path) -> bool:
    # a clone that was moved, or a Python that was upgraded, leaves an environment that does not run
    return python.exists() and subprocess.run([python, "-c", ""], capture_output=True).returncode == 0


def run(command: list[str]) -> None:
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"make: this did not work: {' '.join(command)}")


def say(what: str) -> None:
    print(f"make: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
