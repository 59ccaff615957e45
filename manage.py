#!/usr/bin/env python
"""Django's command line for this project. Beside a `make run` it uses that one's services and key."""

import os
import sys

from trial.local import environment
from trial.local.embedded import CannotStart

NEED_NOTHING = {"help", "--help", "-h", "version", "--version"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.settings")
    try:
        environment.find()
    except CannotStart as why:
        if not NEED_NOTHING.intersection(sys.argv[1:2] or ["help"]):
            sys.exit(f"{why}")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError:
        sys.exit("This Python has no Django: `make run` installs it; then use .venv/bin/python manage.py.")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as why:  # what the environment lacks, said in a sentence by the settings
        sys.exit(f"{why}")


if __name__ == "__main__":
    main()
