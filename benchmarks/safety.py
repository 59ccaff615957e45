"""How fast the table of adverse events is counted, live and under a cut. Run: python -m benchmarks.safety

500 patients on five levels and 20,000 events, each with a relation to three drugs, a tenth with grades over time, a
fifth with an action on a drug. Bounds: 150 ms; under a cut 1 s; as many queries for one event as for all of them.
"""

import os
from collections.abc import Callable
from datetime import date
from statistics import median
from time import perf_counter, process_time
from typing import Any

from tests import plugin

PATIENTS, EVENTS, LEVELS = 500, 20_000, 5
LIVE, CUT, TIMES = 0.150, 1.0, 9
# Rows like those that a few legal moves left, under ids of their own, and their images: what a table and a cut read.
LIKE = 'INSERT INTO "{table}" SELECT (jsonb_populate_record(t, {changes})).* FROM "{table}" t, {among} WHERE t.id = %s'
AMONG = "generate_series(1, {}) k"
IMAGES = (
    'INSERT INTO trial_rowimage (ledger_id, number, "table", "row", image) '
    "SELECT l.id, l.number, '{table}', t.id, to_jsonb(t) FROM \"{table}\" t, trial_ledger l "
    "WHERE l.trial_id = t.trial_id AND NOT EXISTS (SELECT FROM trial_rowimage i WHERE i.row = t.id)"
)


def main() -> None:
    plugin.start_services()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.settings")
    from django.core.management import call_command

    import trial.wsgi  # noqa: F401  # as in a process of the web, whose collector leaves the program alone

    call_command("migrate", verbosity=0)
    study = grown()
    from assessments.tables.adverse import adverse_table, fits
    from assessments.tables.queries import safety
    from trial.record import ledger

    def table(*filters: str) -> Any:
        found = safety(study.trial.pk, date(2027, 1, 1), table=filters)
        events = [one for one in found.emergent if fits(one, filters)]
        return adverse_table(events, found.patients, found.levels)

    def filtered() -> Any:
        return table("related", "dose")

    def under_a_cut() -> Any:
        with ledger.as_of(study.trial.pk, ledger.number_of(study.trial.pk)):
            return table()

    live, cut = table(), under_a_cut()
    assert live == cut
    print(f"{live.n['all']} patients, {len(live.lines)} lines, {queries(table)} queries")
    for name, asked, bound in (
        ("live", table, LIVE),
        ("live, related ones that led to a dose change", filtered, LIVE),
        ("under a cut", under_a_cut, CUT),
    ):
        took, of_it = seconds(asked)
        said = "ok" if took <= bound else "TOO SLOW"
        print(
            f"table of adverse events {name}: {took * 1000:.0f} ms, of which {of_it * 1000:.0f} ms this process's own "
            f"work, bound {bound * 1000:.0f} ms, {said}"
        )


def seconds(asked: Callable[[], object]) -> tuple[float, float]:
    """On the clock, and of the processor's time of this process."""
    took = []
    for _ in range(TIMES):
        begun, worked = perf_counter(), process_time()
        asked()
        took.append((perf_counter() - begun, process_time() - worked))
    on_the_clock, of_it = zip(*took, strict=True)
    return median(on_the_clock), median(of_it)


def queries(asked: Callable[[], object]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as made:
        asked()
    return len(made)


def grown(events: int = EVENTS, patients: int = PATIENTS) -> Any:
    """A study with one patient and one event, and as many more of both as are wanted."""
    from django.db import connection, transaction

    from assessments import terms
    from assessments.models import ActionTaken, EventGrade
    from patients.models import Treatment
    from tests import factories, snapshots
    from trial.models import DoseLevel, Drug

    study = factories.study(levels=LEVELS).open()
    patient = study.dose()
    event = study.event(patient)
    study.later(1)
    drug = Drug.objects.filter(trial=study.trial).first()
    assert drug is not None
    levels = list(DoseLevel.objects.filter(trial=study.trial).values_list("pk", flat=True))
    listed = list(terms.all_terms().values())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = 0; {snapshots.AS_OWNER}")

        def like(table: str, row: Any, changes: str, *given: Any, among: str) -> None:
            cursor.execute(LIKE.format(table=table, changes=changes, among=among), [*given, row])
            tables.add(table)

        tables: set[str] = set()
        people, happened = AMONG.format(patients - 1), AMONG.format(events - 1)
        like("patients_slot", patient.slot_id, own("slot", "'number', 1000 + k"), among=people)
        like(
            "patients_patient",
            patient.pk,
            own("patient", "'number', 1000 + k, 'slot_id', md5('slot' || k)::uuid"),
            among=people,
        )
        like(
            "patients_treatment",
            Treatment.objects.get(patient=patient).pk,
            own(
                "treatment",
                "'patient_id', md5('patient' || k)::uuid, 'received_level_id', (%s::uuid[])[1 + k %% 5], "
                "'stopped_on', CASE WHEN k %% 3 = 0 THEN t.first_dose_on + 100 END, 'stop_reason', 'Progression'",
            ),
            levels,
            among=people,
        )
        like(
            "assessments_adverseevent",
            event.pk,
            own(
                "event",
                "'number', 1000 + k, 'patient_id', md5('patient' || 1 + k %% %s)::uuid, 'grade', 1 + k %% 4, "
                "'onset_on', t.onset_on + k %% 200, 'term', (%s::text[])[1 + k %% 97], 'soc', "
                "(%s::text[])[1 + k %% 97]",
            ),
            patients - 1,
            [one.term for one in listed],
            [one.soc for one in listed],
            among=happened,
        )
        for relation in event.relations.all():
            like(
                "assessments_relation",
                relation.pk,
                own(f"relation{relation.pk}", "'event_id', md5('event' || k)::uuid"),
                among=happened,
            )
        begins = "(SELECT onset_on + {} FROM assessments_adverseevent e WHERE e.id = md5('event' || k)::uuid)"
        for row, every, later in (
            (EventGrade(trial=study.trial, event=event, on=event.onset_on, grade=1), 10, f", 'on', {begins.format(0)}"),
            (EventGrade(trial=study.trial, event=event, on=study.today, grade=2), 10, f", 'on', {begins.format(9)}"),
            (ActionTaken(trial=study.trial, event=event, drug=drug, action="held"), 5, ""),
        ):
            table = row._meta.db_table
            values = {str(field.column): getattr(row, field.attname) for field in row._meta.concrete_fields}
            names = ", ".join(f'"{name}"' for name in values)
            cursor.execute(
                f'INSERT INTO "{table}" ({names}) VALUES ({", ".join(["%s"] * len(values))})', [*values.values()]
            )
            among = f"generate_series(1, {events - 1}, {every}) k"
            like(
                table,
                row.pk,
                own(f"{table}{row.pk}", f"'event_id', md5('event' || k)::uuid{later}"),
                among=among,
            )
        for table in sorted(tables):
            cursor.execute(IMAGES.format(table=table))
        cursor.execute(snapshots.AS_APPLICATION)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE; ANALYZE")  # as autovacuum does in a database that grew over months
    return study


def own(name: str, changes: str) -> str:
    """The JSON that makes another row of one: an id of its own, and these."""
    return f"jsonb_build_object('id', md5('{name}' || k)::uuid, {changes})"


if __name__ == "__main__":
    main()
