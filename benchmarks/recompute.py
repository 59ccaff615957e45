"""How fast endpoints are recomputed. Run: python -m benchmarks.recompute [TRIALS], 1,000 unless told otherwise.

Bounds: 1,000 trials of 30 patients by two worker processes in 5 minutes; one trial, after the import, in
100 ms on an idle machine.
A run is of one trial, one cut and one set of settings; a worker carries out both sets of a trial together.
One trial is played through the services on a database of its own; the others have its record under their own names.
Measured are runs of efficacy, from a data cut to the stored result.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from tests import plugin

UUID_TEXT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ROOT = Path(__file__).resolve().parent.parent
LEVELS, VISITS = 10, 6  # three patients a level
WARM, BOUND_ONE = 20, 0.100
WORKERS, BOUND_ALL, ALL = 2, 300, 1000
WORKER = """
import sys
import django
django.setup()
from assessments.endpoints import queue
from assessments.endpoints.tasks import ANALYSES
from trial.celery import spare_the_imports
spare_the_imports()
print("ready", flush=True)
sys.stdin.readline()
while queue.work_one(ANALYSES):
    pass
"""


def main(trials: int) -> None:
    plugin.start_services()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    copies = copied(played(), trials + 2 * WARM)
    for name, sets, some in (
        ("one run, the protocol's settings", 1, copies[:WARM]),
        ("one trial, every set of settings", 2, copies[WARM : 2 * WARM]),
    ):
        one, worked = one_by_one(some, sets)
        said = "ok" if one <= BOUND_ONE else "TOO SLOW"
        print(
            f"{name}: {one * 1000:.0f} ms, {worked * 1000:.0f} ms of them the worker's own work; "
            f"bound {BOUND_ONE * 1000:.0f} ms, {said}"
        )
    took = by_workers(copies[2 * WARM :])
    bound = BOUND_ALL * trials / ALL
    said = "ok" if took <= bound else "TOO SLOW"
    print(f"{trials} trials by {WORKERS} workers: {took:.1f} s, bound {bound:.0f} s, {said}")


def played() -> Any:
    """A trial of 30 treated patients who are assessed once a month."""
    from tests import factories

    study = factories.study(levels=LEVELS).open()
    visits: dict[Any, int] = {}
    for _ in range(LEVELS):
        who = [study.dose() for _ in range(3)]
        visits |= dict.fromkeys(who, 0)
        for patient in who:
            study.assess(patient, serum_m="3.0", urine_m="90")
        study.complete(*who)
        for patient, seen in visits.items():
            if seen < VISITS:
                serum = 3 - Decimal("0.4") * (patient.number % 7) + Decimal("0.2") * seen  # some respond, some progress
                study.assess(patient, serum_m=str(max(serum, Decimal("0.2"))), urine_m="90")
                visits[patient] += 1
        study.later(2)
        study.sign()
    return study.trial


def copied(trial: Any, number: int) -> list[Any]:
    """As many trials with the same record: its rows under ids of their own, without images: no run reads them."""
    from django.db import connection

    from tests import snapshots
    from trial import ids
    from trial.models import Ledger, Trial
    from trial.record import ledger

    own = {model._meta.db_table: model.LEDGER for model in ledger.audited_models() if model.LEDGER}
    rows = {table: said for table, said in snapshots.take().items() if table in own}
    old = [row for said in rows.values() for row in said]
    text = json.dumps(rows)
    number_now, head = ledger.head_of(trial.pk)
    found = []
    for k in range(number):
        new = {row: str(ids.new()) for row in old}
        snapshots.paste(json.loads(renamed(text, new).replace(trial.code, f"copy-{k}")))
        copy = Trial.objects.get(pk=new[str(trial.pk)])
        Ledger.objects.create(trial_id=copy.pk, number=number_now, head=head)
        found.append(copy)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE; ANALYZE")  # as autovacuum does in a database that grew over months
    return found


def renamed(text: str, new: dict[str, str]) -> str:
    return UUID_TEXT.sub(lambda seen: new.get(seen[0], seen[0]), text)


def wanted(trials: list[Any]) -> None:
    from django.utils import timezone

    from assessments.endpoints.models import Kind, RunRequest

    RunRequest.objects.all().delete()
    RunRequest.objects.bulk_create(
        RunRequest(trial=trial, kind=Kind.EFFICACY, number=1, why="night", next_try_at=timezone.now())
        for trial in trials
    )


def one_by_one(trials: list[Any], sets: int) -> tuple[float, float]:
    """Seconds of one trial, and the processor's of the worker among them; medians.

    sets: 1 for the protocol's settings alone, which is one run; 2 as the worker does it, both sensitivity ones besides.
    """
    from assessments.endpoints import queue
    from assessments.endpoints.models import Kind
    from assessments.endpoints.settings_sets import PRIMARY
    from assessments.endpoints.tasks import ANALYSES
    from trial.celery import spare_the_imports

    spare_the_imports()
    analyses = ANALYSES
    if sets == 1:
        analyses = {Kind.EFFICACY: replace(ANALYSES[Kind.EFFICACY], sets=lambda settings: {PRIMARY: settings})}
    wanted(trials)
    took, worked = [], []
    for _ in trials:
        begun, before = perf_counter(), process_time()
        assert queue.work_one(analyses)
        took.append(perf_counter() - begun)
        worked.append(process_time() - before)
    return median(took), median(worked)


def by_workers(trials: list[Any]) -> float:
    """Seconds until nothing waits any more, the workers' imports left out."""
    from assessments.endpoints import settings_sets
    from assessments.endpoints.models import EndpointRun, RunRequest

    before = EndpointRun.objects.count()
    wanted(trials)
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(WORKERS)
    ]
    for worker in workers:
        assert worker.stdout and worker.stdout.readline() == "ready\n"
    begun = perf_counter()
    for worker in workers:
        assert worker.stdin
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        assert worker.wait() == 0
    took = perf_counter() - begun
    assert not RunRequest.objects.filter(done_at=None).exists()
    assert EndpointRun.objects.count() - before == len(settings_sets.NAMES) * len(trials)
    return took


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ALL)
