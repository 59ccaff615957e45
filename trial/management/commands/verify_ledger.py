"""Verify the audit trail: the chain of every ledger, the triggers, and live rows against their last images."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from trial import queries, verification


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--trial", help="code of one trial; all ledgers when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        ledgers = queries.ledgers(options["trial"])
        if options["trial"] and not ledgers:
            raise CommandError(f"There is no trial with the code {options['trial']}.")
        wrong = verification.guards()
        for ledger in ledgers:
            name = ledger.trial.code if ledger.trial else "installation"
            found = verification.verify(ledger)
            wrong += [f"{name}: {what}" for what in found]
            self.stdout.write(f"{name}: {ledger.number} events, {'verified' if not found else f'{len(found)} wrong'}")
        for what in wrong:
            self.stderr.write(what)
        if wrong:
            raise CommandError(f"{len(wrong)} differences.", returncode=1)
