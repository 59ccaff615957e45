"""Verbs of a cycle's doses: as planned in one step, or with the days that went otherwise, and taking them back.

They stand here and not with their tables, for a held or reduced dose names the adverse event behind it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from patients import days
from patients.consent import withdrawn
from patients.consent.models import Covers
from patients.dosing import cycles
from patients.dosing.course import Course, Cycle, Plan, last_taken
from patients.dosing.models import CycleDoses, DoseDay
from patients.dosing.services import treated
from patients.follow_up import queries as follow_up
from patients.models import Treatment
from patients.queries import plain
from trial.models import Drug, User
from trial.record import corrections, ledger
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May

from ..models import AdverseEvent

State, Because = DoseDay.State, DoseDay.Because


@dataclass(frozen=True, slots=True)
class DayChange:
    """A day of the cycle on which a drug was not taken as planned. taken: over the day, in the unit of the dose."""

    day: int
    state: str
    taken: Decimal = Decimal(0)
    because: str = ""
    event: UUID | None = None
    note: str = ""


def record_cycle(
    *,
    trial: UUID,
    patient: UUID,
    cycle: int,
    doses: Mapping[UUID, Sequence[DayChange]],
    last_day: int | None = None,
    rev: int | None = None,
    reason: str = "",
    by: User,
    key: UUID | None = None,
) -> Treatment:
    """What was taken of each drug named (id) in a cycle: as planned, but for the days given.

    last_day: to which day of the cycle that is said; None: to its last one, or as far as it has gone. rev: the greatest
    of the cycle's rows on the person's screen, 0 for none. reason: of a correction, or why drug was taken after the
    patient withdrew from treatment.
    """
    asked = (
        patient, cycle, rev, reason, last_day,
        sorted((str(drug), *(repr(change) for change in said)) for drug, said in doses.items()),
    )  # fmt: skip
    with ledger.action(
        trial, by=by, may=May.RECORD_DOSING, verb="cycle.record", reason=reason, key=key, asked=asked
    ) as act:
        row = treated(act, patient)
        if act.earlier:
            return row
        entry = _Entry(act, row, cycle, rev)
        drugs = list(Drug.objects.filter(pk__in=doses, trial=trial))
        if not drugs or len(drugs) != len(doses):
            raise Refused("Drugs: name at least one drug of this trial.", field="drugs")
        wrote = [entry.write(drug, doses[drug.pk], last_day) for drug in drugs]
        if not any(wrote):
            raise Refused(f"Cycle {cycle}: this is recorded already.")
        entry.after_withdrawal()
        act.result(row.pk)
        return row


def take_cycle_back(
    *, trial: UUID, patient: UUID, cycle: int, rev: int | None, reason: str, by: User, key: UUID | None = None
) -> Treatment:
    """Take the doses of a cycle back that were entered for another patient. rev: as of `record_cycle`."""
    asked = (patient, cycle, rev, reason)
    with ledger.action(
        trial, by=by, may=May.RECORD_DOSING, verb="cycle.takeback", reason=reason, key=key, asked=asked
    ) as act:
        row = treated(act, patient)
        if act.earlier:
            return row
        of = {"patient": row.patient_id, "cycle": cycle, "voided": False}
        stored = [*CycleDoses.objects.filter(**of), *DoseDay.objects.filter(**of)]
        if not stored:
            raise Refused(f"Cycle {cycle}: no doses are recorded, so there is nothing to take back.")
        for one in stored:
            corrections.check(act, one, f"Cycle {cycle}", seen=rev, reason_for="taking doses back")
        for one in stored:
            one.voided = True
            one.save()
        act.result(row.pk)
        return row


class _Entry:
    """One cycle of one patient as it is written, under the lock."""

    def __init__(self, act: Act, row: Treatment, cycle: int, rev: int | None) -> None:
        self.act, self.row, self.rev = act, row, rev
        self.course: Course = cycles.course_of(row)
        found = self.course.cycle(cycle)
        if found is None:
            raise Refused(f"Cycle {cycle} has not begun.", field="cycle")
        self.cycle: Cycle = found
        self.today = days.at(act, row.patient.site_id).today
        of = {"patient": row.patient_id, "cycle": cycle, "voided": False}
        self.doses = {dose.drug_id: dose for dose in CycleDoses.objects.filter(**of)}
        self.days: dict[UUID, dict[int, DoseDay]] = {}
        for day in DoseDay.objects.filter(**of):
            self.days.setdefault(day.drug_id, {})[day.day] = day
        events = AdverseEvent.objects.filter(patient=row.patient_id, voided=False)
        self.events = {event.pk: event for event in events}

    def write(self, drug: Drug, said: Sequence[DayChange], last_day: int | None) -> bool:
        """Store one drug; whether anything differs from what is stored."""
        plan = self.course.plans.get(drug.name)
        if plan is None:
            raise Refused(
                f"{drug.name}: its schedule is words alone, so no day of a cycle is planned. Record the totals of the "
                "window.",
                field="drugs",
            )
        wanted = self._wanted(drug, plan, said)
        last = self._last(drug, last_day, wanted)
        stored, rows = self.doses.get(drug.pk), self.days.get(drug.pk, {})
        gone = [row for day, row in rows.items() if day not in wanted]
        other = [row for day, row in rows.items() if day in wanted and _columns(row) != _columns(wanted[day])]
        new = [day for day in wanted if day not in rows]
        if stored and stored.last_day == last and not (gone or other or new):
            return False
        if stored:
            corrects = gone or other or last < stored.last_day or any(day <= stored.last_day for day in new)
            for row in (stored, *rows.values()):
                why = "a correction" if corrects else ""
                corrections.check(
                    self.act, row, f"Cycle {self.cycle.number}, {drug.name}", seen=self.rev, reason_for=why
                )
        of = {
            "trial_id": self.act.trial_id,
            "patient_id": self.row.patient_id,
            "cycle": self.cycle.number,
            "drug": drug,
        }
        kept = stored or CycleDoses(**of)
        kept.last_day = last
        kept.save()
        for row in gone:
            row.voided = True
            row.save()
        for row in other:
            for name, value in _columns(wanted[row.day]).items():
                setattr(row, name, value)
            row.save()
        DoseDay.objects.bulk_create(DoseDay(**of, day=day, **_columns(wanted[day])) for day in new)
        return True

    def after_withdrawal(self) -> None:
        """Drug taken after the patient withdrew from treatment is recorded all the same, as an important deviation."""
        taken = last_taken(cycles.course_of(self.row), self.cycle.number)
        if taken:
            fact = f"doses of cycle {self.cycle.number}"
            withdrawn.allow(
                self.act,
                self.row.patient,
                Covers.TREATMENT,
                taken,
                fact=fact,
                label="Last dose taken",
                field="last_day",
            )

    def _last(self, drug: Drug, asked: int | None, wanted: Mapping[int, DayChange]) -> int:
        """To which day of the cycle the drug is recorded now."""
        end, why = self._end()
        reach = self.cycle.day(end)
        if reach < 1:
            raise Refused(f"{drug.name}: no day of cycle {self.cycle.number} has gone by yet; {why}.", field="cycle")
        if asked is not None and not 1 <= asked <= max(reach, 1):
            on = self.cycle.on(asked) if asked >= 1 else None
            said = f"{on:%-d %b %Y} is after {why}" if on else "is no day of the cycle"
            raise Refused(
                f"Recorded to: day {asked}, {said}." if on else f"Recorded to: day {asked} {said}.", field="last_day"
            )
        last = asked or min(self.course.cycle_days, reach)
        return max([last, *wanted])

    def _end(self) -> tuple[date, str]:
        """The last day of which anything can be said, and what it is."""
        died = follow_up.died_on(self.row.patient)
        following = self.course.cycle(self.cycle.number + 1)
        ends = [(self.today, "today")]
        if self.row.stopped_on:
            ends.append((self.row.stopped_on, "the end of treatment"))
        if died:
            ends.append((died, "the patient's death"))
        if following:
            ends.append((following.began_on - timedelta(days=1), f"the last day before cycle {following.number}"))
        return min(ends)

    def _wanted(self, drug: Drug, plan: Plan, said: Sequence[DayChange]) -> dict[int, DayChange]:
        """The days by number, each as the rules allow; a day as planned says nothing of its own."""
        found: dict[int, DayChange] = {}
        for change in said:
            if change.day in found:
                raise Refused(f"{drug.name}: day {change.day} is named twice.", field="day")
            self._on_a_day(drug, change)
            if self._state(drug, plan, change):
                found[change.day] = change
        return found

    def _on_a_day(self, drug: Drug, change: DayChange) -> None:
        number = self.cycle.number
        if change.day < 1:
            before = "the first dose" if number == 1 else f"cycle {number} began"
            raise Refused(f"{drug.name}: day {change.day} is before {before}.", field="day")
        on, (end, why) = self.cycle.on(change.day), self._end()
        if on > end:
            raise Refused(
                f"{drug.name}: day {change.day} ({on:%-d %b %Y}) is after {why} ({end:%-d %b %Y}).", field="day"
            )

    def _state(self, drug: Drug, plan: Plan, change: DayChange) -> bool:
        """Whether the day differs from what was planned; refused by name where it cannot be."""
        due = plan.daily if change.day in plan.days else Decimal(0)
        what = f"{drug.name}, day {change.day}"
        if change.state not in State.values:
            raise Refused(f"{what}: say taken, reduced, held or missed.", field="state")
        if change.state == State.TAKEN and change.taken == due and due:
            return False
        amounts = f"{plain(change.taken)} of {plain(due)} {plan.unit}"
        if change.state != State.TAKEN and not due:
            raise Refused(f"{what}: nothing is planned on it, so nothing can be {change.state}.", field="state")
        if change.taken < 0 or (change.state == State.HELD and change.taken):
            raise Refused(
                f"{what}: of a dose that was {change.state} {plain(change.taken)} cannot be taken.", field="taken"
            )
        if change.state == State.TAKEN and change.taken <= due:
            raise Refused(f"{what}: {amounts} is less than planned: say reduced, held or missed.", field="taken")
        if change.state in (State.REDUCED, State.MISSED) and change.taken >= due:
            raise Refused(f"{what}: {amounts} is not less than planned.", field="taken")
        if change.state == State.REDUCED and not change.taken:
            raise Refused(f"{what}: reduced to nothing is held or missed.", field="taken")
        self._because(drug, what, plan, change)
        return True

    def _because(self, drug: Drug, what: str, plan: Plan, change: DayChange) -> None:
        if change.because not in Because.values:
            more = "more than planned" if change.state == State.TAKEN else change.state
            raise Refused(
                f"{what}: say why it was {more}: an adverse event, the patient, or another reason.", field="because"
            )
        event = self.events.get(change.event) if change.event else None
        if (change.because == Because.ADVERSE_EVENT) != (event is not None):
            raise Refused(
                f"{what}: name the adverse event of this patient."
                if change.because == Because.ADVERSE_EVENT
                else f"{what}: an event is named of a change for an adverse event alone.",
                field="event",
            )
        on = self.cycle.on(change.day)
        if event is not None and event.onset_on > on:
            raise Refused(
                f"{what}: {event.code} began on {event.onset_on:%-d %b %Y}, after that day ({on:%-d %b %Y}).",
                field="event",
            )
        if change.because == Because.OTHER and not change.note.strip():
            raise Refused(f"{what}: another reason needs its words.", field="note")
        if change.state == State.REDUCED and not change.note.strip() and change.taken not in cycles.steps(drug):
            raise Refused(
                f"{what}: {plain(change.taken)} {plan.unit} is no step of this drug in the protocol; say in the words "
                "why it was given.",
                field="note",
            )


def _columns(said: DayChange | DoseDay) -> dict[str, object]:
    event = said.event_id if isinstance(said, DoseDay) else said.event
    return {
        "state": said.state, "taken": said.taken, "because": said.because, "event_id": event, "note": said.note.strip(),
    }  # fmt: skip
