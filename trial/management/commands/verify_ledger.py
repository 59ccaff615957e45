"""Verify the record: the database's guards, each ledger's chain, rows, accounts and results, the anchors."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from trial import queries
from trial.record import anchors, catalogue, verification


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--trial", help="code of one trial; all ledgers when left out")
        parser.add_argument("--anchor", help="hash of an anchor that was kept outside; it must be in the chain")

    def handle(self, *args: Any, **options: Any) -> None:
        with verification.one_moment():
            wrong = self._wrong(options["trial"], options["anchor"])
        for what in wrong:
            self.stderr.write(what)
        if wrong:
            raise CommandError(f"{len(wrong)} differences.", returncode=1)

    def _wrong(self, trial: str | None, kept: str | None) -> list[str]:
        ledgers = queries.ledgers(trial)
        if trial and not ledgers:
            raise CommandError(f"There is no trial with the code {trial}.")
        wrong = catalogue.wrong()
        for ledger in ledgers:
            name = ledger.trial.code if ledger.trial else "installation"
            found = verification.verify(ledger)
            wrong += [f"{name}: {what}" for what in found]
            self.stdout.write(f"{name}: {ledger.number} events, {'verified' if not found else f'{len(found)} wrong'}")
        wrong += anchors.verify(ledgers[0] if trial else None)
        if last := anchors.latest():
            self.stdout.write(f"anchors: {last.number}, the last {last.at:%-d %b %Y %H:%M} UTC, {last.hash}")
        if kept and not anchors.holds(kept):
            wrong.append(f"No anchor has the hash {kept}: the chain of anchors was rewritten.")
        return wrong
