"""Migrations, static files and the demo in one process: as three they start Django three times.

DEMO=0 leaves the demo out.
"""

import hashlib
import os
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    collect_static()
    if os.environ.get("DEMO", "1") != "0" and "demo" in get_commands():
        call_command("demo")


def collect_static() -> None:
    """Only when a source has changed: hashing and compressing all of them takes half of a second start."""
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
