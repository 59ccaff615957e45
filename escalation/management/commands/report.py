"""Build a report or another paper of a trial into a file: the same bytes as of the page Reports, by the same builder.

For whoever has the shell of the installation. That it was taken out is recorded among the access events.
"""

import hashlib
from argparse import ArgumentParser
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.http import Http404

from escalation.meetings import queries as meetings
from escalation.reports import kinds, services
from trial import queries
from trial.paper import artifacts
from trial.record import access_events
from trial.refusals import Refused


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("trial", help="its code")
        parser.add_argument("--kind", default="open", help=", ".join(kinds.PAPERS))
        parser.add_argument("--cut", type=int, help="of a report: the record number of the data cut; the last one")
        parser.add_argument("--of", default="", help="number of the patient, decision or protocol version")
        parser.add_argument("--output", type=Path, help="the file; by default its own name, in this folder")

    def handle(self, *args: Any, **options: Any) -> None:
        trial = next((found.trial for found in queries.ledgers(options["trial"]) if found.trial), None)
        if trial is None:
            raise CommandError(f"There is no trial with the code {options['trial']}.")
        cuts = [cut.record for cut in meetings.cuts(trial.pk)]
        cut = options["cut"] or next(iter(cuts), None)
        if options["kind"] in kinds.REPORTS and cut not in cuts:
            there = f"There are {', '.join(map(str, cuts))}." if cuts else "A meeting freezes one; none has yet."
            raise CommandError(f"{trial.code} has no data cut of record no. {cut}. {there}")
        try:
            asked = services.wanted(trial, options["kind"], of=options["of"], cut=cut)
            wanted = artifacts.wanted(**asked)
            to: Path = options["output"] or Path(wanted.filename)
            out = BytesIO()
            artifacts.builders()[wanted.kind].build(wanted, out, self._say)
            wanted.sha256 = hashlib.sha256(out.getvalue()).hexdigest()
            begun = to.with_name(f"{to.name}.part")  # no half file under its own name
            begun.write_bytes(out.getvalue())
            begun.replace(to)
        except (Http404, Refused) as why:
            raise CommandError(str(why)) from None
        except OSError as why:
            raise CommandError(f"{options['output'] or '.'}: {why.strerror}.") from None
        access_events.record(
            access_events.FILE_TAKEN, user=None, trial=trial, detail=f"{artifacts.said(wanted)}, by manage.py report"
        )
        self.stdout.write(f"{to}: {wanted.title}, record no. {wanted.number}, SHA-256 {wanted.sha256}")

    def _say(self, percent: int, step: str) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"{percent:3} % {step}")
