"""After a date of a patient was corrected: which of his facts contradict it now, and which want checking.

A contradiction stays until one of the two is corrected, a decision that stood on the patient until the committee has
answered. What wants checking stays until that fact is corrected, or until the site says that it was checked.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.urls import reverse

from assessments.biomarker.models import Sample
from assessments.count.queries import PatientFacts, settled
from assessments.events.facts import EventFacts
from assessments.response.models import DiseaseAssessment, Measurement
from patients import days
from patients import queries as people
from patients.dosing import cycles
from patients.dosing.models import DatesChecked
from patients.enrolment.services import granted_on
from patients.models import Consent, EligibilityAnswer
from patients.queries import Entry, History
from patients.services import mine
from trial.dates import shown, study_day
from trial.models import User
from trial.record import corrections, ledger
from trial.refusals import Refused, Stale
from trial.roles import May

from ..situation import queries
from ..situation.situation import Situation

FIRST_DOSE, CYCLE_2, ENROLMENT, CONSENT = "first dose", "first dose of cycle 2", "enrolment", "consent"


@dataclass(frozen=True, slots=True)
class Move:
    """One date as it was before the corrections that nobody has checked yet, and as it is."""

    what: str
    was: date
    now: date
    number: int  # of the last of those corrections

    @property
    def text(self) -> str:
        return f"{self.what[0].upper()}{self.what[1:]}: {shown(self.was)} → {shown(self.now)}"


@dataclass(frozen=True, slots=True)
class Item:
    """One fact. asked: whether the site may answer that it was checked and stands."""

    text: str
    url: str
    asked: bool


@dataclass(frozen=True, slots=True)
class Moved:
    moves: Sequence[Move]
    items: Sequence[Item]

    @property
    def asked(self) -> bool:
        return any(item.asked for item in self.items)

    @property
    def number(self) -> int:
        """Of the last correction that is shown."""
        return max((move.number for move in self.moves), default=0)


@dataclass(frozen=True, slots=True)
class Rows:
    """What is read of one patient: who shows the page has read most of it already."""

    f: PatientFacts
    record: History  # of at least patient, treatment and consents
    answers: Sequence[EligibilityAnswer]
    consents: Sequence[Consent]


def rows(f: PatientFacts) -> Rows:
    answers, consents = people.of_slot(f.patient.slot_id)
    treatment = getattr(f.patient, "treatment", None)
    record = people.history(f.patient.trial_id, [f.patient, treatment, *consents])
    return Rows(f, record, answers, consents)


def of(here: Situation, read: Rows) -> Moved:
    """What follows from the corrected dates of one patient. A fixed number of queries."""
    f, patient = read.f, read.f.patient
    last = DatesChecked.objects.filter(patient=patient.pk).order_by("-through").values_list("through", flat=True)
    moves = _moves(read, next(iter(last[:1]), 0))
    found = list(_contradictions(here, read))
    for move in moves:
        if move.what in AFTER:
            found += AFTER[move.what](here, f, move)
    found += [
        Item(
            f"Decision {change.decision.number} stood on this patient, who {_counts(change.was, change.now)}: the "
            "committee is asked again",
            reverse("escalation:decision", args=[here.trial.code, change.decision.number]),
            False,
        )
        for change in here.changes
        if change.patient_id == patient.pk and moves
    ]
    return Moved(moves, found)


def check(
    *, trial: UUID, patient: UUID, seen: int | None, note: str, by: User, key: UUID | None = None
) -> DatesChecked:
    """The site has looked at what wants checking after corrected dates, and it stands, with a note of how.

    seen: the number of the last correction on the person's screen.
    """
    asked = (patient, seen, note)
    with ledger.action(
        trial, by=by, may=May.RECORD_DOSING, verb="dates.check", reason=note, key=key, asked=asked
    ) as act:
        if act.earlier:
            return DatesChecked.objects.get(pk=act.earlier)
        here = queries.under(act)
        f = next(f for f in here.facts if f.patient.pk == patient)
        mine(act, f.patient.site_id)
        found = of(here, rows(f))
        if not found.asked:
            raise Refused(f"Patient {f.patient.code}: nothing wants checking any more.")
        if seen is not None and found.number > seen:
            raise Stale(
                f"Patient {f.patient.code}: another date was corrected since you opened the form. Look at the "
                "list again."
            )
        corrections.needs_reason(act, "saying that the facts stand", label="How it was checked")
        assert act.by is not None
        row = DatesChecked.objects.create(
            trial_id=trial, patient=f.patient, through=found.number, note=note.strip(), by=act.by,
            on=days.at(act, f.patient.site_id).today,
        )  # fmt: skip
        act.result(row.pk)
        return row


def _moves(read: Rows, through: int) -> list[Move]:
    patient = read.f.patient
    treatment = getattr(patient, "treatment", None)
    trial_consents = [c.pk for c in read.consents if c.kind == Consent.Kind.TRIAL]
    told = [
        (FIRST_DOSE, [treatment.pk] if treatment else [], "first_dose_on"),
        (CYCLE_2, [treatment.pk] if treatment else [], "cycle2_on"),
        (ENROLMENT, [patient.pk], "enrolled_on"),
        (CONSENT, trial_consents, "given_on"),
    ]
    return [move for what, pks, column in told for pk in pks if (move := _move(read.record, pk, what, column, through))]


def _move(record: History, row: UUID, what: str, column: str, through: int) -> Move | None:
    changed = [e for e in record.entries if e.row == row and e.event.number > through and _moved(e, column)]
    if not changed:
        return None
    assert changed[0].was is not None
    was, now = date.fromisoformat(changed[0].was[column]), date.fromisoformat(changed[-1].now[column])
    return None if was == now else Move(what, was, now, changed[-1].event.number)


def _moved(entry: Entry, column: str) -> bool:
    was, now = (entry.was or {}).get(column), entry.now.get(column)
    return bool(was and now and was != now)


def _after_first_dose(here: Situation, f: PatientFacts, move: Move) -> Iterator[Item]:
    code, window = here.trial.code, f.window_days or 0
    for e in f.events:
        if e.event.onset_known is None and e.event.rev <= move.number:
            then, now = (_place(study_day(e.event.onset_on, start), window) for start in (move.was, move.now))
            if then != now:
                day = study_day(e.event.onset_on, move.now)
                said = f"{e.event.code}, {e.event.title.lower()}, from {shown(e.event.onset_on)}"
                yield Item(f"{said}: day {day} now, {now}; it was {then}", _event(here, e), True)
    for row in DiseaseAssessment.objects.filter(patient=f.patient.pk, voided=False, rev__lte=move.number):
        if (row.visit_on <= move.was) != (row.visit_on <= move.now):
            side = "baseline now" if row.visit_on <= move.now else "after the first dose now"
            url = reverse("assessments:response_patient", args=[code, f.patient.code])
            yield Item(f"Assessment {row.code} of {shown(row.visit_on)}: {side}", url, True)
    for sample in Sample.objects.filter(patient=f.patient.pk, voided=False, rev__lte=move.number):
        if (sample.taken_on <= move.was) != (sample.taken_on <= move.now):
            side = "before the treatment" if sample.taken_on <= move.now else "under treatment"
            url = reverse("assessments:biomarker", args=[code])
            yield Item(f"sBCMA sample of {shown(sample.taken_on)}: {side} now", url, True)
    if any(dose.rev <= move.number for dose in f.doses):
        ends = f" (now until {shown(f.window_ends_on)})" if f.window_ends_on else ""
        url = reverse("patients:dosing", args=[code, f.patient.code])
        yield Item(f"Totals of doses: entered for the DLT window as it was{ends}", url, True)
    yield from _doses_of(here, f, move, 1)
    confirmed = getattr(f.patient, "evaluability", None)
    if confirmed and not confirmed.voided and confirmed.rev <= move.number and not settled(f):
        url = reverse("patients:evaluability", args=[code, f.patient.code])
        yield Item("Evaluability: confirmed for the DLT window as it was; it is asked again", url, False)


def _doses_of(here: Situation, f: PatientFacts, move: Move, cycle: int) -> Iterator[Item]:
    """Days of a cycle are counted from its first."""
    if any(row.rev <= move.number for row in cycles.of_patient(f.patient.pk).of_cycle(cycle)):
        url = reverse("patients:cycles", args=[here.trial.code, f.patient.code])
        yield Item(f"Doses of cycle {cycle}: entered by days counted from {shown(move.was)}", url, True)


def _after_cycle_2(here: Situation, f: PatientFacts, move: Move) -> Iterator[Item]:
    yield from _doses_of(here, f, move, 2)
    for e in f.events:
        if e.event.delays_cycle_2 and e.event.rev <= move.number:
            said = f"{e.event.code}, {e.event.title.lower()}: marked as delaying cycle 2"
            yield Item(f"{said}, which began on {shown(move.now)}", _event(here, e), True)


def _place(day: int, window: int) -> str:
    if day < 0:
        return "before the first dose"
    return "in the DLT window" if day <= window else "after the DLT window"


def _after_enrolment(here: Situation, f: PatientFacts, move: Move) -> Iterator[Item]:
    slot, patient = f.patient.slot, f.patient
    granted = granted_on(slot)
    if granted and move.now < granted and not patient.from_paper:
        url = reverse("patients:slot", args=[here.trial.code, slot.number])
        yield Item(f"Slot {slot.number}: granted on {shown(granted)}, after the enrolment", url, True)


AFTER: dict[str, Callable[[Situation, PatientFacts, Move], Iterator[Item]]] = {
    FIRST_DOSE: _after_first_dose,
    CYCLE_2: _after_cycle_2,
    ENROLMENT: _after_enrolment,
}


def _contradictions(here: Situation, read: Rows) -> Iterator[Item]:
    """What cannot both be, whichever of the two is wrong."""
    code, patient = here.trial.code, read.f.patient
    slot = patient.slot
    if slot.screening and slot.screening.on > patient.enrolled_on:
        url = reverse("patients:correct_screening", args=[code, slot.screening.pk])
        yield Item(
            f"Screening {slot.screening.number}: {shown(slot.screening.on)} is after the enrolment "
            f"({shown(patient.enrolled_on)})",
            url,
            False,
        )
    given = min((c.given_on for c in read.consents if c.kind == Consent.Kind.TRIAL), default=None)
    if given is None:
        return
    after = f"before the consent ({shown(given)})"
    for answer in read.answers:
        if answer.on and answer.on < given and answer.criterion.procedure:
            url = reverse("patients:correct_eligibility", args=[code, slot.number])
            yield Item(f"Criterion {answer.criterion.number}: answered by a study procedure {after}", url, False)
    early = Measurement.objects.filter(assessment__patient=patient.pk, assessment__voided=False, voided=False)
    early = early.filter(sampled_on__lt=given, baseline_until=None)
    for number, on in sorted(set(early.values_list("assessment__number", "sampled_on"))):
        url = reverse("assessments:response_patient", args=[code, patient.code])
        yield Item(f"Assessment DA {number}: a sample of {shown(on)} for the study {after}", url, False)
    for sample in Sample.objects.filter(patient=patient.pk, voided=False, taken_on__lt=given):
        url = reverse("assessments:biomarker", args=[code])
        yield Item(f"sBCMA sample of {shown(sample.taken_on)}: {after}", url, False)


def _event(here: Situation, e: EventFacts) -> str:
    return reverse("assessments:event", args=[here.trial.code, e.event.number])


def _counts(was: str, now: str) -> str:
    return f"was {was} and is {now}"
