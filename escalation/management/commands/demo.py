"""Fill an installation with the demo: three replayed publications and the study in mid-course.

A second start does nothing.
"""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from escalation.demo import cast


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--password", default="", help="of the demo's people, instead of the well-known one")
        parser.add_argument(
            "--processes", type=int, default=os.cpu_count() or 1, help="trials that are played beside each other"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        from escalation.demo import build as demo  # `logins` is read by the launcher, in a process without models

        if demo.missing():
            if settings.HTTPS and not options["password"]:
                raise CommandError(
                    "This installation is served to others (HTTPS=1), and the demo's password is well known: "
                    "choose another one with --password."
                )
            password = options["password"] or cast.PASSWORD
            demo.build(password, processes=options["processes"], say=self.stdout.write)
            self.stdout.write(f"\n{logins(password)}")


def logins(password: str = cast.PASSWORD) -> str:
    """The demo's log-ins, a line each, for people to read."""
    lines = [f"  {email:<30} {role}" for role, email, _ in cast.logins(password)]
    return "\n".join([f"Demo log-ins, all with the password {password}", *lines])
