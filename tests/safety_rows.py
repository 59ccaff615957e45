"""The rows of the demo's study as tests/data/safety/tables.R reads them: days counted from each first dose, day 0.

Where the demo changes on purpose, write them anew beside a running `make run`, then run the script:

    .venv/bin/python -m tests.safety_rows && Rscript tests/data/safety/tables.R
"""

import csv
import os
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from assessments.tables.rows import Drug, Event, Treated

FOLDER = Path(__file__).resolve().parent / "data" / "safety"
PATIENTS = ("number", "level", "cut", "last_dose", "stopped", "therapy", "died", "until", "ended", "cycles")
EVENTS = ("number", "patient", "term", "soc", "grade", "onset", "onset_last", "ended", "related", "serious", "history")
DOSES = ("patient", "drug", "planned", "taken", "first", "last")
START = date(2026, 1, 1)  # stands for every first dose where rows are read back

Table = Sequence[Sequence[str]]


def of_demo(code: str = "demo-srm") -> dict[str, Table]:
    """Read from the database. The days on which a patient's period ended are left to the script."""
    from assessments.exposure import queries as exposures
    from assessments.tables.queries import safety
    from patients.dosing.course import exposure
    from patients.follow_up.models import FollowUp
    from patients.models import Patient
    from trial.models import Trial
    from trial.people import access

    trial = Trial.objects.get(code=code)
    on = access.today(trial)
    found = safety(trial.pk, on)
    first = {one.number: one.first_dose for one in found.patients}
    others = FollowUp.objects.filter(trial=trial, new_therapy_on__isnull=False)
    therapy = dict(others.values_list("patient__number", "new_therapy_on"))
    numbers = dict(Patient.objects.filter(trial=trial).values_list("pk", "number"))

    def day(number: int, when: date | None) -> str:
        return "" if when is None else str((when - first[number]).days)

    patients = [
        [
            *(str(one.number), one.level, day(one.number, on), day(one.number, one.last_dose)),
            *(day(one.number, when) for when in (one.stopped, therapy.get(one.number), one.died)),
            *(day(one.number, one.until), str(int(one.ended)), str(len(one.cycles)) if one.recorded else ""),
        ]
        for one in found.patients
    ]
    events = [
        [
            *(str(one.number), str(one.patient), one.term, one.soc, str(one.grade or "")),
            *(day(one.patient, when) for when in (one.onset, one.onset_last or one.onset, one.ended)),
            *(str(int(one.related)), str(int(one.serious))),
            " ".join(f"{day(one.patient, when)}:{grade}" for when, grade in one.history or ()),
        ]
        for one in found.events
        if one.patient in first
    ]
    doses = []
    for patient, course in exposures.courses(trial.pk).items():
        of = exposures.of_course(course, on)
        for cycle in of.course.cycles if of.recorded else ():
            for drug in of.course.plans:
                one = exposure(of.course, drug, on, cycle.number)
                number = numbers[patient]
                ends = (day(number, one.first_on), day(number, one.last_on))
                doses.append([str(number), drug, str(one.planned - one.waits), str(one.taken), *ends])
    return {"patients": patients, "events": events, "doses": sorted(doses)}


def read(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def write(rows: Mapping[str, Table]) -> None:
    for name, head in {"patients": PATIENTS, "events": EVENTS, "doses": DOSES}.items():
        with (FOLDER / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([head, *rows[name]])


def stored() -> tuple[list[Treated], list[Event]]:
    """What the pure modules count, from the stored rows. The last cell of a patient's doses is that of all cycles."""

    def day(said: str) -> date | None:
        return START + timedelta(days=int(said)) if said else None

    taken: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in read("doses"):
        taken.setdefault((row["patient"], row["drug"]), []).append(row)
    drugs: dict[str, list[Drug]] = {}
    for (patient, name), given in taken.items():
        days = [int(row[end]) for row in given for end in ("first", "last") if row[end]]
        planned, took = (sum((Decimal(row[amount]) for row in given), Decimal(0)) for amount in ("planned", "taken"))
        drugs.setdefault(patient, []).append(Drug(name, planned, took, max(days) - min(days) + 1 if days else 0))
    patients = []
    for row in read("patients"):
        until = day(row["until"])
        assert until is not None
        patients.append(
            Treated(
                number=int(row["number"]), level=row["level"], first_dose=START, last_dose=day(row["last_dose"]),
                until=until, ended=row["ended"] == "1", window_ends=START + timedelta(days=27),
                stopped=day(row["stopped"]), died=day(row["died"]), cycles=[START] * int(row["cycles"] or 0),
                recorded=bool(row["cycles"]),
                drugs=drugs.get(row["number"], []),
            )
        )  # fmt: skip
    events = []
    for row in read("events"):
        onset, last = day(row["onset"]), day(row["onset_last"])
        assert onset is not None and last is not None
        steps = (step.split(":") for step in row["history"].split())
        events.append(
            Event(
                int(row["number"]), int(row["patient"]), row["term"], row["soc"],
                int(row["grade"]) if row["grade"] else None, onset, last, day(row["ended"]),
                row["related"] == "1", row["serious"] == "1", False, False,
                [(START + timedelta(days=int(on)), int(grade)) for on, grade in steps],
            )
        )  # fmt: skip
    return patients, events


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.settings")
    import django

    from trial.local.environment import find

    find()
    django.setup()
    write(of_demo())
