"""How long a report of 60 patients and 1,500 events takes, and how much memory. Run: python -m benchmarks.reports

Each kind by a process of its own that has loaded what a worker has: from the record as of the cut to the bytes of the
PDF. Bounds, of the open one: 20 s; 300 MB resident at the most, in the worker and in the process that sets the pages.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import plugin

PATIENTS, EVENTS = 60, 1_500
SECONDS, MEGABYTES = 20, 300
# The peak of a process whose parent was larger is told by its own memory alone, not by getrusage.
SETTING = """
import runpy, sys
runpy.run_path(sys.argv[1], run_name="__main__")
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
open(sys.argv[2], "w").write(peak)
"""
CHILD = """
import json, resource, sys
from time import perf_counter
from trial.celery import find_the_tasks
find_the_tasks()
from escalation.models import DataCut
from escalation.reports.build import build
from trial.models import Trial
from trial.paper import apart
apart.SCRIPT = ("-c", sys.argv[2], *apart.SCRIPT, sys.argv[3])
begun = perf_counter()
trial, cut = Trial.objects.get(), DataCut.objects.get()
found = build(trial=trial, cut=cut, kind=sys.argv[1], progress=lambda percent, step: None)
used = resource.getrusage(resource.RUSAGE_SELF)
below = resource.getrusage(resource.RUSAGE_CHILDREN)
processor = used.ru_utime + used.ru_stime + below.ru_utime + below.ru_stime
peak = int(open(sys.argv[3]).read()) / 1024
print(json.dumps([len(found), perf_counter() - begun, processor, used.ru_maxrss / 1024, peak]))
"""


def main() -> None:
    plugin.start_services()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks import safety
    from escalation.meetings import services

    call_command("migrate", verbosity=0)
    study = safety.grown(events=EVENTS, patients=PATIENTS)
    study.later(210)  # the events lie within
    services._nothing_missing = lambda here: None  # 60 patients in the window, with events that wait for their readers
    with study.at():
        meeting = services.call(
            trial=study.trial.pk, cut_off=study.today, meets_on=study.today, by=study.medical_monitor
        )
        services.freeze(trial=study.trial.pk, meeting=meeting.pk, by=study.statistician)
    for kind in ("open", "closed"):
        with tempfile.NamedTemporaryFile() as peak:
            child = subprocess.run(
                [sys.executable, "-c", CHILD, kind, SETTING, peak.name],
                cwd=Path(__file__).resolve().parent.parent, check=True, capture_output=True, text=True,
            )  # fmt: skip
        size, seconds, processor, worker, setting = json.loads(child.stdout)
        took = f"{seconds:.1f} s ({processor:.1f} s of the processor, the start included)"
        took += f", {worker:.0f} MB in the worker, {setting:.0f} MB where the pages are set"
        said = "met" if seconds <= SECONDS and max(worker, setting) <= MEGABYTES else "MISSED"
        bound = f"bounds {SECONDS} s, {MEGABYTES} MB: {said}" if kind == "open" else "no bound"
        print(f"{kind} report, {size / 1e6:.1f} MB: {took}; {bound}")


if __name__ == "__main__":
    main()
