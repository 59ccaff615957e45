"""What a start needs once: migrations and static files. In one process: as two they start Django twice.

The static files need no database and most of a core, so they are collected beside the rest. The launcher starts this
before the database and says on standard input when that is there.
"""

import gc
import hashlib
import os
import signal
import sys
from multiprocessing import get_context
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from ..processes import die_with_parent
from . import environment


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.settings")
    gc.disable()  # it walked all models at every step of the migrations, a third of their time; this process ends soon
    django.setup()
    collecting = get_context("fork").Process(target=_collect_beside, args=(os.getpid(),))
    collecting.start()
    if not sys.stdin.readline():
        sys.exit("The launcher is gone.")
    call_command("migrate", verbosity=0)
    collecting.join()
    sys.exit(collecting.exitcode)


def _collect_beside(parent: int) -> None:
    if ask := die_with_parent(signal.SIGTERM, parent):
        ask()
    collect_static()


def collect_static() -> None:
    """Only when a source has changed: hashing and compressing all of them takes half of a second start."""
    root = Path(settings.STATIC_ROOT)
    note = root / ".collected-from"
    sources = sources_of_static()
    if note.exists() and note.read_text() == sources:
        return
    # files without a note were left by a kill: half a file looks up to date. A folder of somebody's own is not cleared.
    half = root == environment.folder() / "static" and root.exists() and not note.exists()
    note.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=half)
    note.write_text(sources)


def sources_of_static() -> str:
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda found: found[0]):
            file = Path(storage.path(path))
            digest.update(f"{file} {file.stat().st_mtime_ns} {file.stat().st_size}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
