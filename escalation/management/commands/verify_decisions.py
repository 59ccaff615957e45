"""Replay every signed decision: state as of its record number, protocol, rules and engine of then, the same answer."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.dlt import version as rules
from escalation.engine import terms as engine
from escalation.replay import decision as decision_replay
from trial import queries


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--trial", help="code of one trial; all trials when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        trials = [ledger.trial for ledger in queries.ledgers(options["trial"]) if ledger.trial]
        if options["trial"] and not trials:
            raise CommandError(f"There is no trial with the code {options['trial']}.")
        replayed, wrong = 0, 0
        for trial in trials:
            for found in decision_replay.every(trial.pk):
                replayed += 1
                wrong += not found.holds
                name = f"decision {found.code} of {trial.code}"
                if found.unreadable:
                    self.stderr.write(f"{name}: stored inputs cannot be read: {found.unreadable}")
                    continue
                made = (
                    f"engine {found.engine_version}, rules {found.rules_version}, protocol version {found.protocol}, "
                    f"record no. {found.number}"
                )
                said = "replayed, the same" if found.holds else f"{len(found.differences)} different"
                self.stdout.write(f"{name}: {said} ({made})")
                if found.today is not None and found.today != found.stored:
                    self.stdout.write(f"{name}: engine {engine.VERSION} of today answers differently; no fault of it")
                if others := [row for row in found.patients_today if not row.same]:
                    who = ", ".join(str(row.name).zfill(3) for row in others)
                    self.stdout.write(f"{name}: rules {rules.VERSION} of today count {who} differently; no fault of it")
                for difference in found.differences:
                    self.stderr.write(f"{name}: {difference}")
        self.stdout.write(f"{replayed} decisions of {len(trials)} trials replayed")
        if wrong:
            raise CommandError(f"{wrong} of {replayed} decisions do not replay.", returncode=1)
