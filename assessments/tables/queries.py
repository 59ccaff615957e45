"""What the safety tables of a trial count: one set of queries for pages and endpoints, live and under `ledger.as_of`.

Events are read as tuples by one statement: to make a model of each of many thousands takes longer than to count them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q

from patients.dosing.course import reductions
from patients.dosing.models import CycleDoses, DoseDay
from patients.follow_up.models import FollowUp
from patients.models import DoseTaken, Patient
from trial import protocol_settings
from trial import queries as ground
from trial.clock import Today, day
from trial.dates import later
from trial.models import ProtocolVersion
from trial.protocol_settings import ProtocolSettings

from ..dlt.event import RELATED
from ..dlt.names import BILIRUBIN, HYS_LAW, kind
from ..event_words import CHANGES, Action
from ..events.models import EventGrade
from ..exposure import queries as exposures
from ..exposure.queries import OfPatient
from ..models import AdverseEvent
from . import rows
from .adverse import denominators
from .edish import Answered, Peak, Point, points
from .rows import Drug, Emergent, Event, Treated

_EVENTS = """
    SELECT e.number, p.number, CASE WHEN e.specified = '' THEN e.term ELSE e.term || ': ' || e.specified END,
        e.soc, e.grade, e.onset_on, CASE WHEN e.onset_known IS NOT NULL THEN
            (date_trunc(e.onset_known, e.onset_on) + ('1 ' || e.onset_known || ' -1 day')::interval)::date END,
        e.ended_on, {related}, e.serious, {changed}, {stopped}, NULL
    FROM assessments_adverseevent e
    JOIN patients_patient p ON p.id = e.patient_id {joins}
    WHERE e.trial_id = %(trial)s AND NOT e.voided AND NOT p.voided AND (%(site)s IS NULL OR p.site_id = %(site)s)
        AND {of_patient}
"""
# A relation that is not answered for one of the drugs counts as related (docs/domain.md, section 6): unrelated is an
# event of which that is said of each drug.
_RELATED = """
    LEFT JOIN (
        SELECT event_id FROM assessments_relation
        WHERE trial_id = %(trial)s AND NOT voided AND degree <> ALL(%(related)s) AND {of_event}
        GROUP BY event_id HAVING count(*) >= %(drugs)s) u ON u.event_id = e.id
"""
# What the event says was done about a drug, and the doses by cycle that name it.
_ACTIONS = """
    LEFT JOIN (
        SELECT event_id, bool_or(changed) AS changed, bool_or(stopped) AS stopped FROM (
            SELECT event_id, action = ANY(%(changes)s) AS changed, action = %(stopped)s AS stopped
            FROM assessments_actiontaken WHERE trial_id = %(trial)s AND NOT voided AND {of_event}
            UNION ALL SELECT event_id, true, false
            FROM patients_doseday WHERE trial_id = %(trial)s AND NOT voided AND event_id IS NOT NULL
                AND state <> %(taken)s AND {of_event}) told
        GROUP BY event_id) a ON a.event_id = e.id
"""
_CHANGED = "coalesce(e.doses_missed, false) OR e.delays_cycle_2 OR coalesce(a.changed, false)"
_OF_PATIENT = "e.patient_id = ANY(%(patients)s::uuid[])"
_OF_EVENT = f"event_id IN (SELECT e.id FROM assessments_adverseevent e WHERE {_OF_PATIENT})"


NUMBER = itemgetter(0)
_event = partial(tuple.__new__, Event)  # as Event._make, which would count the columns of each row anew


@dataclass(frozen=True)
class Safety:
    """The safety set of one reader with its events, on a day. events: of those not treated yet, too."""

    on: date
    settings: ProtocolSettings  # in force
    levels: Sequence[str]  # received by somebody, the lowest dose first
    drugs: Sequence[str]
    patients: Sequence[Treated]
    events: Sequence[Event]
    liver: Sequence[Answered]  # what was answered of Hy's law, by event
    peaks: Sequence[Peak]  # of liver tests, by event

    @cached_property
    def emergent(self) -> Sequence[Emergent]:
        return rows.all_emergent(self.events, self.patients)

    @cached_property
    def points(self) -> Sequence[Point]:
        """Of eDISH: by the peaks of treatment-emergent events."""
        counted = {one.event.number for one in self.emergent}
        return points(one for one in self.peaks if one.event in counted)

    @cached_property
    def n(self) -> Mapping[str, int]:
        return denominators(self.patients, self.levels)

    @cached_property
    def of_number(self) -> Mapping[int, Treated]:
        return {one.number: one for one in self.patients}


def safety(trial: UUID, on: date | Today, site: UUID | None = None, *, table: Collection[str] | None = None) -> Safety:
    """A flat number of queries. site: of a reader who sees its patients alone.

    on: today in the trial and at its sites, where facts of its own today may be a day ahead of the trial's and count at
    once; a date alone is that of all of them.
    table: where that of adverse events alone is asked for, by which of its FILTERS. Read is what it counts then:
    no exposure, nothing of the liver, relations and what was done about the drugs only for a filter that asks; of who
    has stopped the last dose is known all the same.
    """
    protocol = ground.protocol(trial, with_doses=False)
    ladder = [level.label for level in protocol.levels] if protocol else []
    settings = protocol.settings if protocol else ProtocolSettings()
    drugs = [drug.name for drug in ground.drugs(trial)]
    today = day(on)
    patients = _patients(trial, today, site, settings.emergent_days, exposure=table is None)
    received = {one.level for one in patients}
    levels = [label for label in ladder if label in received] + sorted(received - set(ladder))
    events = _events(trial, len(drugs), site, ("related", "dose") if table is None else table)
    liver, peaks = _liver(trial, site) if table is None else ((), ())
    return Safety(today.on, settings, levels, drugs, patients, events, liver, peaks)


def treated(trial: UUID, on: date | Today) -> list[Treated]:
    """The safety set of the whole trial, by number, without its events. on: as of `safety`."""
    protocol = ground.protocol(trial, with_doses=False)
    settings = protocol.settings if protocol else ProtocolSettings()
    return _patients(trial, day(on), None, settings.emergent_days, exposure=True)


def events(trial: UUID, patients: Collection[UUID]) -> list[Event]:
    """Every event of these patients that stands, by number: for what reads a few patients at a time."""
    return _events(trial, len(ground.drugs(trial)), None, ("related", "dose"), patients)


class _Row(NamedTuple):
    """A patient of the safety set, as PATIENT names his columns."""

    pk: UUID
    number: int
    zone: str  # of his site
    level: str
    version: UUID
    first_dose: date
    cycle_2: date | None
    stopped: date | None
    stop_reason: str
    new_therapy: date | None
    died: date | None
    cause: str | None


PATIENT = (
    *("pk", "number", "site__time_zone", "treatment_row__received_level__label", "treatment_row__protocol"),
    *("treatment_row__first_dose_on", "treatment_row__cycle2_on", "treatment_row__stopped_on"),
    *("treatment_row__stop_reason", "follow_up__new_therapy_on", "follow_up__died_on", "follow_up__death_cause"),
)


def _patients(trial: UUID, today: Today, site: UUID | None, emergent_days: int, *, exposure: bool) -> list[Treated]:
    """Whoever had a first dose, by number."""
    those = Patient.objects.filter(trial=trial, voided=False, treatment_row__voided=False)
    if site is not None:
        those = those.filter(site=site)
    rows = [_Row._make(row) for row in those.order_by("number").values_list(*PATIENT)]
    versions = ProtocolVersion.objects.filter(trial=trial).values_list("pk", "settings")
    windows = {version: protocol_settings.from_json(stored).window_days for version, stored in versions}
    courses = exposures.courses(trial, None if exposure and site is None else _recorded(trial, rows, exposure))
    totals = _totals(trial) if exposure else {}
    at = {zone: today.at(zone) for zone in {row.zone for row in rows}}
    found = []
    for row in rows:
        on, course = at[row.zone], courses.get(row.pk)
        given = exposures.of_course(course, on) if course else None
        found.append(_treated(row, windows[row.version], given, totals.get(row.pk, ()), on, emergent_days))
    return found


def _recorded(trial: UUID, rows: Sequence[_Row], exposure: bool) -> list[UUID]:
    """Whose doses by cycle are wanted: of all, or of those whose treatment is over and who have any."""
    if exposure:
        return [row.pk for row in rows]
    over = Q(patient__treatment_row__stopped_on__isnull=False) | Q(patient__follow_up__died_on__isnull=False)
    doses = CycleDoses.objects.filter(over, trial=trial, voided=False)
    return list(doses.values_list("patient", flat=True).distinct().order_by())


def _treated(
    row: _Row, window_days: int, given: OfPatient | None, totals: Sequence[Drug], on: date, emergent_days: int
) -> Treated:
    """given: his doses by cycle; totals: over the window, which hold where there are none."""
    recorded = given is not None and given.recorded
    last = _last_dose(row, given if recorded else None)
    stopped = row.stopped or row.died  # nobody is on treatment after his death
    until, ended = rows.period(
        on=on, last_dose=last, stopped=stopped, new_therapy=row.new_therapy, emergent_days=emergent_days
    )
    calendar = [row.first_dose, row.cycle_2] if row.cycle_2 else [row.first_dose]
    return Treated(
        number=row.number,
        level=row.level,
        first_dose=row.first_dose,
        last_dose=last,
        until=max(until, row.first_dose),
        ended=ended,
        window_ends=later(row.first_dose, window_days - 1),
        stopped=stopped,
        stop_reason=row.stop_reason if row.stopped else rows.DIED if row.died else "",
        died=row.died,
        cause=str(FollowUp.Cause(row.cause).label) if row.cause else "",
        cycles=[cycle.began_on for cycle in given.course.cycles if cycle.began_on <= on] if given else calendar,
        recorded=recorded,
        drugs=_drugs(given, on) if given and recorded else totals,
    )


def _last_dose(row: _Row, given: OfPatient | None) -> date | None:
    """As far as it is known: a day that is not recorded may have had a dose, so the stop is the last that there was."""
    if given is None or any(one.open_days for one in given.drugs.values()):
        return row.stopped
    return given.last_dose_on or row.stopped


def _drugs(given: OfPatient, on: date) -> list[Drug]:
    """Of what is recorded: what waits to be is neither planned nor taken."""
    return [
        Drug(name, one.planned - one.waits, one.taken, one.days, len(reductions(given.course, name, on)))
        for name, one in given.drugs.items()
    ]


def _totals(trial: UUID) -> dict[UUID, list[Drug]]:
    """What each patient took of each drug over his window."""
    found: dict[UUID, list[Drug]] = {}
    taken = DoseTaken.objects.filter(trial=trial, voided=False).order_by("drug__position")
    for patient, drug, planned, amount in taken.values_list("patient", "drug__name", "planned", "taken"):
        found.setdefault(patient, []).append(Drug(drug, planned, amount))
    return found


def _events(
    trial: UUID, drugs: int, site: UUID | None, asked: Collection[str], patients: Collection[UUID] | None = None
) -> list[Event]:
    """Every event that stands, by number. asked: "related", "dose", where these are. patients: these alone."""
    grades = _grades(trial, patients)
    related, actions = "related" in asked, "dose" in asked
    of_patient, of_event = ("true", "true") if patients is None else (_OF_PATIENT, _OF_EVENT)
    statement = _EVENTS.format(
        related="u.event_id IS NULL" if related else "NULL",
        changed=_CHANGED if actions else "NULL",
        stopped="coalesce(a.stopped, false)" if actions else "NULL",
        joins=((_RELATED if related else "") + (_ACTIONS if actions else "")).format(of_event=of_event),
        of_patient=of_patient,
    )
    given = {
        "trial": trial,
        "site": site,
        "patients": None if patients is None else list(map(str, patients)),
        "drugs": drugs,
        "related": sorted(RELATED),
        "changes": [change.value for change in CHANGES],
        "stopped": Action.STOPPED.value,
        "taken": DoseDay.State.TAKEN.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        found = list(map(_event, cursor.fetchall()))
    for place, event in enumerate(found if grades else ()):
        if history := grades.get(event.number):
            found[place] = event._replace(history=history)
    return sorted(found, key=NUMBER)


def _grades(trial: UUID, patients: Collection[UUID] | None) -> dict[int, list[tuple[date, int]]]:
    """The grades over time of each event that had more than one, by its number; one that is not given yet is none."""
    found: dict[int, list[tuple[date, int]]] = {}
    rows = EventGrade.objects.filter(trial=trial, voided=False).order_by("on")
    if patients is not None:
        rows = rows.filter(event__patient__in=patients)
    for number, on, grade in rows.values_list("event__number", "on", "grade"):
        if grade is not None:
            found.setdefault(number, []).append((on, grade))
    return found


def _liver(trial: UUID, site: UUID | None) -> tuple[list[Answered], list[Peak]]:
    """What events of liver tests answer to Hy's law, and the peaks that they hold."""
    asked = AdverseEvent.objects.filter(trial=trial, voided=False, patient__voided=False)
    if site is not None:
        asked = asked.filter(patient__site=site)
    rows = asked.filter(Q(qualifiers__has_any_keys=HYS_LAW) | Q(peak_value__isnull=False)).order_by("number")
    answers, peaks = [], []
    for event in rows.select_related("patient"):
        patient, said = event.patient.number, event.qualifiers
        if not said.keys().isdisjoint(HYS_LAW):
            answers.append(Answered(event.number, patient, *(said.get(name) for name in HYS_LAW[:2])))
        if event.peak_times is not None:
            peaks.append(Peak(event.number, patient, kind(event.term) == BILIRUBIN, event.peak_times))
    return answers, peaks
