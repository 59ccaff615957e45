"""Open the account of the first administrator of an installation, who opens all others on the page Accounts.

Works only while there is no other. The password is asked for twice, or read from ADMINISTRATOR_PASSWORD, or, with
--password-stdin, from the first line of the standard input.
"""

import getpass
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from trial.people import services
from trial.refusals import Refused


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", help="the person signs in with it; asked for when left out")
        parser.add_argument("--name", help="as it stands under a signature; asked for when left out")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from the standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            opened = services.open_first_administrator(
                email=options["email"] or _asked("E-mail: "),
                name=options["name"] or _asked("Name: "),
                password=_password(from_input=options["password_stdin"]),
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        except ValidationError as wrong:
            raise CommandError(f"Password: {' '.join(wrong.messages)}") from None
        self.stdout.write(f"{opened.name} is the administrator. Sign in as {opened.email} and open the other accounts.")


def _asked(what: str) -> str:
    if not sys.stdin.isatty():
        raise CommandError(f"{what.strip(': ')}: nobody is there to be asked; give --email and --name.")
    return input(what).strip()


def _password(*, from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\n")
    if given := os.environ.get("ADMINISTRATOR_PASSWORD"):
        return given
    if not sys.stdin.isatty():
        raise CommandError("Password: nobody is there to be asked; set ADMINISTRATOR_PASSWORD or use --password-stdin.")
    first, again = getpass.getpass("Password: "), getpass.getpass("Password again: ")
    if first != again:
        raise CommandError("Password: the two differ. Nothing was opened.")
    return first
