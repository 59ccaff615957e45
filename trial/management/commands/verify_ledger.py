"""Verify the audit trail: each ledger's chain, the triggers, live rows against their images, the daily anchors."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from trial import queries
from trial.record import anchors, verification


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--trial", help="code of one trial; all ledgers when left out")
        parser.add_argument("--anchor", help="hash of a daily anchor that was kept outside; it must be in the chain")

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
        only = ledgers[0] if options["trial"] else None
        wrong += anchors.verify(only)
        if last := anchors.latest():
            self.stdout.write(f"daily anchors: {last.number}, the last of {last.day:%-d %b %Y}, {last.hash}")
        if options["anchor"] and not anchors.holds(options["anchor"]):
            wrong.append(f"No daily anchor has the hash {options['anchor']}: the chain of anchors was rewritten.")
        for what in wrong:
            self.stderr.write(what)
        if wrong:
            raise CommandError(f"{len(wrong)} differences.", returncode=1)
