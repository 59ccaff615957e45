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


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.settings")
    gc.disable()  # it walked all models at every step of the migrations, a third of their time; this process ends soon
    django.setup()
    collecting = get_context("fork").Process(target=collect_static, args=(os.getpid(),))
    collecting.start()
    if not sys.stdin.readline():
        sys.exit("The launcher is gone.")
    call_command("migrate", verbosity=0)
    collecting.join()
    sys.exit(collecting.exitcode)


def collect_static(parent: int) -> None:
    """Only when a source has changed: hashing and compressing all of them takes half of a second start."""
    if ask := die_with_parent(signal.SIGTERM, parent):
        ask()
    note = Path(settings.STATIC_ROOT) / ".collected-from"
    sources = sources_of_static()
    if note.exists() and note.read_text() == sources:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
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
