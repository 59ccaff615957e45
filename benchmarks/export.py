"""How long an export of 100,000 adverse events takes, and how much memory. Run: python -m benchmarks.export

The data set AE in each format, by a process of its own that reads it from the database and writes the file; then the
whole export as CSV, of 500 patients, all data sets and the capsule. Bounds, of AE: 10 s; 200 MB resident at the most.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests import plugin

EVENTS = 100_000
SECONDS, MEGABYTES = 10, 200
CHILD = """
import json, resource, sys, tempfile
from time import perf_counter
import django
django.setup()
from datetime import date
from escalation.datasets import exports
from escalation.datasets.formats import lines
from escalation.datasets.package import FORMATS, about
from escalation.datasets.shape import datasets, source
from trial.models import Trial
from trial.record import ledger
trial, what = Trial.objects.get(), sys.argv[1]
begun, records = perf_counter(), 0
with tempfile.TemporaryDirectory() as folder:
    if what == "all":
        exports.to_file(trial, "csv", None, exports.Path(folder, "all.zip"), say=lambda percent, step: None)
    else:
        with ledger.standing(), tempfile.TemporaryFile() as rows, open(f"{folder}/ae", "wb") as out:
            of = source(trial, date(2027, 1, 1), sbcma=True)
            written = lines.write(next(one for one in datasets(of) if one.name == "AE"), rows)
            records = written.records
            out.writelines(FORMATS[what].pieces(written, about(of, exports.ground.events(trial.pk)[0].at, "1")))
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([records, perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""


def main() -> None:
    plugin.start_services()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks import safety

    call_command("migrate", verbosity=0)
    safety.grown(events=EVENTS)
    for what in ("json", "csv", "xpt", "all"):
        child = subprocess.run(
            [sys.executable, "-c", CHILD, what],
            cwd=Path(__file__).resolve().parent.parent, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        records, seconds, processor, megabytes = json.loads(child.stdout)
        took = f"{seconds:.1f} s ({processor:.1f} s of the processor, the start included), {megabytes:.0f} MB"
        if what == "all":
            print(f"the whole export as CSV: {took}")
            continue
        said = "met" if seconds <= SECONDS and megabytes <= MEGABYTES else "MISSED"
        print(f"AE as {what}, {records} rows: {took}; bounds {SECONDS} s, {MEGABYTES} MB: {said}")


if __name__ == "__main__":
    main()
