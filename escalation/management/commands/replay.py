"""Play published trials patient by patient through the services, under the simulated clock (docs/published_trials.md).

Each ends with its published conclusion, or where the rule and the publication part: then the exit code is 1.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from escalation.demo import published, replay
from trial.protocol_settings import CHOICES
from trial.refusals import Refused

MOST = 10_000_000  # bytes


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="a published trial as JSON, or a list of them")
        parser.add_argument("--again", action="store_true", help="play it under a new code if it was played before")
        parser.add_argument("--variant", choices=CHOICES["variant"], default="D6", help="of the 3+3 rule; D6")

    def handle(self, *args: Any, **options: Any) -> None:
        trials = _read(options["file"])
        wrong = []
        people = replay.cast_of_replays()
        for trial in trials:
            try:
                played = replay.play(
                    trial, people, variant=options["variant"], again=options["again"], say=self.stdout.write
                )
            except Refused as refusal:
                wrong.append(f"{trial.title}: {refusal}")
                continue
            if played.parted:
                wrong.append(f"{trial.title}: {played.parted} It is left there, as trial {played.trial.code}.")
            self.stdout.write("")
        if wrong:
            raise CommandError("\n".join(wrong), returncode=1)


def _read(file: Path) -> list[published.Published]:
    try:
        with file.open("rb") as opened:
            data = opened.read(MOST + 1)
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}.") from None
    if len(data) > MOST:
        raise CommandError(f"{file}: is larger than 10 MB.")
    try:
        return published.read(data)
    except ValueError as error:
        raise CommandError(f"{file}: {error}") from None
