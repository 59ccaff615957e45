"""Write all data sets of a trial to a file: live, or of a cut of its record; with dictionary, manifest and capsule.

The file is the one that the page Datasets and REST hand out. A live export names the last action that is in it. Beside
it, `verify_ledger` checks the record itself, whose own export is the page Audit's.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from escalation.datasets import exports
from trial import queries
from trial.refusals import Refused


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("trial", help="code of the trial")
        parser.add_argument("--cut", type=int, metavar="N", help="number of the last action in it; the record as it is")
        parser.add_argument("--format", default="csv", help="json (CDISC Dataset-JSON), csv or xpt; csv when left out")
        parser.add_argument("--output", type=Path, metavar="FILE", help="TRIAL-datasets-N-FORMAT.zip when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        ledgers = queries.ledgers(options["trial"])
        if not ledgers or ledgers[0].trial is None:
            raise CommandError(f"There is no trial with the code {options['trial']}.")
        try:
            written = exports.to_file(
                ledgers[0].trial, options["format"], options["cut"], options["output"], say=self._say
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        except OSError as fault:
            raise CommandError(f"The file cannot be written: {fault}") from None
        self.stdout.write(f"{written.path}: {written.said}")

    def _say(self, percent: int, step: str) -> None:
        self.stderr.write(f"{percent:3} % {step}")
