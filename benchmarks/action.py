"""What one action costs: its statements, and its time in round trips of `SELECT 1`. Run: python -m benchmarks.action

The published trial of 24 patients is replayed on a database of its own, after once to warm up. Between its steps
`SELECT 1` is timed, through Django's cursor like every statement, so that both have the same hour of the machine.
"""

import os
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

from tests import plugin

STATEMENTS, TRIPS = 20, 200  # bounds, an action on average
ROUNDS, ASKED = 3, 50


class Trips:
    """`SELECT 1` a few times for each line that the replay prints."""

    def __init__(self) -> None:
        self.asked, self.seconds = 0, 0.0

    def __call__(self, line: str) -> None:
        from django.db import connection

        begun = perf_counter()
        for _ in range(ASKED):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
                cursor.fetchone()
        self.asked += ASKED
        self.seconds += perf_counter() - begun


def main() -> None:
    plugin.start_services()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    played()
    rounds = [played() for _ in range(ROUNDS)]
    statements = rounds[0][0]
    print(f"{statements:.1f} statements an action, bound {STATEMENTS}, {said(statements <= STATEMENTS)}")
    for _, action, trip in rounds:
        print(f"{action * 1000:.1f} ms an action, SELECT 1 {trip * 1e6:.0f} µs: {action / trip:.0f} round trips")
    trips = median(action / trip for _, action, trip in rounds)
    print(f"{trips:.0f} round trips an action, the median; bound {TRIPS}, {said(trips <= TRIPS)}")


def played() -> tuple[float, float, float]:
    """Statements and seconds of an action, on average, and seconds of a round trip."""
    from django.conf import settings
    from django.db import connection

    from escalation.demo import replay
    from escalation.demo.published import read
    from trial.models import Ledger

    (published,) = [
        trial
        for trial in read((settings.BASE_DIR / "docs" / "published_trials.json").read_bytes())
        if sum(cohort.n for cohort in trial.cohorts) == 24
    ]
    people, trips, statements = replay.cast_of_replays(), Trips(), 0

    def counted(execute: Callable[..., Any], *statement: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*statement)

    begun = perf_counter()
    with connection.execute_wrapper(counted):
        trial = replay.play(published, people, again=True, say=trips).trial
    seconds = perf_counter() - begun - trips.seconds
    actions = Ledger.objects.get(trial=trial).number
    return (statements - trips.asked) / actions, seconds / actions, trips.seconds / trips.asked


def said(met: bool) -> str:
    return "met" if met else "MISSED"


if __name__ == "__main__":
    main()
