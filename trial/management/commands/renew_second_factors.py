"""Seal every second factor with the first of SECOND_FACTOR_KEYS; afterwards the other keys open nothing any more."""

from typing import Any

from django.core.management.base import BaseCommand

from trial.people import factor


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{factor.reseal()} rows are sealed with the first key now.")
