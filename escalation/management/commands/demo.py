"""Fill an installation with the demo: its accounts, the study in mid-course and three replayed publications.

What is there is left as it is, so it may be started again at any time; it ends with 2 where that would be of no use.
"""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from escalation.demo import cast, units
from trial.local import progress
from trial.local.progress import Progress


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--password", default="", help="of the demo's people, instead of the well-known one")
        parser.add_argument(
            "--processes", type=int, default=os.cpu_count() or 1, help="trials that are played beside each other"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        todo = units.missing()
        if todo and settings.HTTPS and not options["password"]:
            raise CommandError(
                "This installation is served to others (HTTPS=1), and the demo's password is well known: "
                "choose another one with --password.",
                returncode=2,
            )
        password = options["password"] or cast.PASSWORD
        self._note(units.so_far(todo))
        if todo:
            self._say(str(units.so_far(todo)))
            units.open_accounts(password)
        self._say(units.logins(password))
        built = units.build_missing(todo, processes=options["processes"], tell=self._tell)
        if built.left_out:
            raise CommandError(str(built), returncode=2)

    def _tell(self, so_far: Progress, came: str) -> None:
        self._note(so_far)
        self._say(f"{so_far} There now: {came}")

    def _note(self, so_far: Progress) -> None:
        if settings.DEMO_PROGRESS:
            progress.write(Path(settings.DEMO_PROGRESS), so_far)

    def _say(self, what: str) -> None:
        self.stdout.write(what)
        self.stdout.flush()
