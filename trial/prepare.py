"""Migrations, static files and the demo in one process: as three they start Django three times.

DEMO=0 leaves the demo out.
"""

import os

import django
from django.core.management import call_command, get_commands


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if os.environ.get("DEMO", "1") != "0" and "demo" in get_commands():
        call_command("demo")


if __name__ == "__main__":
    main()
