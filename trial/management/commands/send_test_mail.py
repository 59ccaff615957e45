"""Send a mail to an account of this installation, now, and say what became of it."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from trial import mail, queries
from trial.inbox import services


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="of an open account")

    def handle(self, *args: Any, **options: Any) -> None:
        if not mail.is_set_up():
            raise CommandError("No mail is set up: set EMAIL_URL and BASE_URL (docs/operations.md).")
        person = queries.account(options["email"])
        if person is None:
            raise CommandError(f"{options['email']}: no open account has this address.")
        if error := services.send_test(to=person):
            raise CommandError(f"{_server()} did not take it: {error}")
        self.stdout.write(f"{_server()} has taken a mail to {person.email}. Look for it there, in junk mail too.")


def _server() -> str:
    return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
