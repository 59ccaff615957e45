"""List what today's rules from event to count read differently from those that the decisions were made by.

Writes nothing. Who counts differently is answered like any late change: the trial's next action, at the latest the tick
of the day, marks the decisions that stood on him and holds enrolment until the committee has decided.
"""

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.dlt import version as rules
from escalation import words
from escalation.late.reread import PatientRead, Reread, reread
from escalation.situation import queries
from escalation.situation.changes import said_numbers
from trial import clock
from trial import queries as ground
from trial.models import Trial


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("trial", nargs="?", help="code of one trial; all trials when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        trials = [ledger.trial for ledger in ground.ledgers(options["trial"]) if ledger.trial]
        if options["trial"] and not trials:
            raise CommandError(f"There is no trial with the code {options['trial']}.")
        differently = sum(self._trial(trial) for trial in trials)
        self.stdout.write(
            f"{len(trials)} trials read by rules {rules.VERSION}; patients read differently: {differently}"
        )

    def _trial(self, trial: Trial) -> int:
        here = queries.situation(trial, clock.today(clock.now(simulated=trial.simulated), trial.time_zone))
        found = reread(here) if here else []
        for one in found:
            self._version(trial, one)
        return len({patient.code for one in found for patient in one.patients})

    def _version(self, trial: Trial, one: Reread) -> None:
        made = f"{trial.code}: {said_numbers(one.decisions)}, rules {one.version}"
        if not one.kept:
            self.stdout.write(f"{made}: that version is not kept here, nothing can be compared")
            return
        if not one.patients:
            self.stdout.write(f"{made}: everybody counts the same")
        for patient in one.patients:
            self._patient(made, patient)

    def _patient(self, made: str, patient: PatientRead) -> None:
        was, now = (words.OUTCOMES.get(outcome, outcome) for outcome in (patient.was, patient.now))
        counts = f"counts as {now}, before as {was}" if was != now else f"counts as {now} as before"
        self.stdout.write(f"{made}: patient {patient.code} {counts}")
        for e in patient.events:
            self.stdout.write(f"  {e.code}, {e.title}, {e.graded}: {e.now}, before {e.was}. {e.because}")
        self.stdout.write(f"  {_stood(patient.stood_in, patient.changes)}")


def _stood(stood: Sequence[int], changes: Sequence[int]) -> str:
    if not stood:
        return "No decision stood on him."
    if not changes:
        return f"Stood in {said_numbers(stood)}; the basis of none changes."
    return f"Stood in {said_numbers(stood)}; the basis of {said_numbers(changes)} changes."
