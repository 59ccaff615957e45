"""There is no superuser: the first administrator is opened by `manage.py open_administrator`."""

from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def run_from_argv(self, argv: list[str]) -> NoReturn:
        """Whatever was given with it."""
        self.stderr.write(str(__doc__))
        raise SystemExit(1)

    def handle(self, *args: Any, **options: Any) -> NoReturn:
        raise CommandError(str(__doc__))
