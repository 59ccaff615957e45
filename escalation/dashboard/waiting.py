"""What waits for a person in a trial, by role: readings, signatures, confirmations, slots. Derived on each read."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from assessments.cases import page as case_page
from assessments.cases import queries as cases
from assessments.count import queries as assessments
from assessments.count.deaths import untold
from assessments.count.queries import PatientFacts
from assessments.events import sight
from assessments.events.facts import waits_for_the_investigator
from assessments.exposure.owed import due_on, owed
from assessments.response.outstanding import Kind, outstanding
from patients import queries as patients
from patients.consent import queries as consent
from patients.consent import withdrawn
from patients.consent.models import Covers
from patients.consent.withdrawn import Withdrawn
from patients.models import Slot
from patients.withdrawal import queries as withdrawals
from trial import clock
from trial.dates import shown
from trial.people.access import Scope
from trial.roles import May

from ..meetings import queries as meetings
from ..meetings.models import Meeting
from ..meetings.rules import Stage
from ..outside import queries as outside
from ..outstanding import blocked, closed_levels, still_asked
from ..situation import queries
from ..situation.changes import said_numbers
from ..situation.situation import Situation

OF_A_ROW = {
    Kind.CATEGORY: ("Give your category", "assessments:response_investigator", May.ASSESS_RESPONSE),
    Kind.DIFFERENCE: ("Explain a difference of response", "assessments:response_resolve", May.ASSESS_RESPONSE),
    Kind.QUESTION: ("Answer a question about the values", "assessments:response_answer", May.RECORD_RESPONSE),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing to do: the page that does it, named by view and its number there."""

    text: str
    view: str
    number: int | str | UUID | None = None
    due: date | None = None
    overdue: bool = False


def things(scope: Scope, here: Situation) -> list[Waiting]:
    """Everything that waits for this person, the most urgent kind first."""
    meeting, still = meetings.open_meeting(scope.trial.pk), still_asked.patients(here)
    return [
        *_cases(scope, here),
        *_verdicts(scope, here),
        *_signatures(scope, here, meeting),
        *_meeting(scope, here, meeting),
        *_evaluability(scope, here, still),
        *_closed_levels(scope, here),
        *_slots(scope, here),
        *_eligibility(scope, here),
        *_reconsent(scope, here, still),
        *_deviations(scope, still),
        *_dosing(scope, here, still),
        *_grades(scope, here),
        *_onsets(scope, here, still),
        *_response(scope, here, still),
    ]


def _verdicts(scope: Scope, here: Situation) -> Iterator[Waiting]:
    for f in here.facts:
        for e in f.events:
            if sight.turn(scope, f, e):
                yield Waiting(
                    f"DLT verdict: patient {f.patient.code}, {e.event.title.lower()} {e.event.graded}",
                    "assessments:verdict",
                    e.event.number,
                )


def _cases(scope: Scope, here: Situation) -> Iterator[Waiting]:
    """What is to be told of serious events, and why a time was not kept. Asked only where there is one."""
    seen = [f for f in here.facts if scope.sees(f.patient.site_id)]
    if not any(e.event.serious for f in seen for e in f.events):
        return
    now = clock.now(simulated=scope.trial.simulated)
    for case in cases.cases(scope.trial.pk, scope.site.pk if scope.site else None):
        for text, on, over in case_page.waiting(scope, case, now):
            yield Waiting(f"{text}: {case.code}", "assessments:case", case.event.number, on, over)


def _signatures(scope: Scope, here: Situation, meeting: Meeting | None) -> Iterator[Waiting]:
    if not scope.may(May.SIGN_DECISION):
        return
    if here.proposed:
        signed = queries.signatures(scope.trial.pk).get(here.proposed.pk, [])
        if all(signature.user_id != scope.user.pk for signature in signed):
            number = here.proposed.number
            yield Waiting(f"Signature under decision {number}", "escalation:decision", number)
    elif here.changes:
        numbers = sorted({d.number for late in here.late for d in late.decisions})
        yield Waiting(f"Amending decision: the basis of {said_numbers(numbers)} has changed", "escalation:late")
    elif here.decision_due and meeting is None:
        opens = not (here.in_force or here.paper)
        text = "Decision 0 is due: it opens the trial" if opens else f"Decision due: {here.because}"
        yield Waiting(text, "escalation:decide")
    yield from _outside(scope, here)


def _meeting(scope: Scope, here: Situation, meeting: Meeting | None) -> Iterator[Waiting]:
    """The cut to be frozen, one's vote on the last cut, the outcome to be proposed."""
    if meeting is None:
        return
    stage, cut = meetings.stage(meeting, here), meetings.last_cut(meeting)
    name = f"meeting {meeting.number}"
    if scope.may(May.FREEZE_CUT) and stage in (Stage.COLLECTING, Stage.STALE) and not blocked.missing(here):
        yield Waiting(f"Freeze the data cut of {name}", "escalation:meeting", meeting.number, due=meeting.meets_on)
    if cut is None or stage != Stage.VOTING:
        return
    votes = meetings.in_force(cut)
    if scope.may(May.VOTE) and all(vote.member_id != scope.user.pk for vote in votes):
        yield Waiting(f"Vote in {name}", "escalation:meeting", meeting.number, due=meeting.meets_on)
    elif scope.may(May.SIGN_DECISION) and meetings.carried(votes):
        yield Waiting(f"Propose the outcome of {name}", "escalation:meeting", meeting.number, due=meeting.meets_on)


def _outside(scope: Scope, here: Situation) -> Iterator[Waiting]:
    """Reviews and signatures about patients outside the count."""
    every = outside.decisions(here.trial.pk)
    for rate in outside.reviews(here, every):
        yield Waiting(f"Review the DLT rate at level {rate.level.label}", "escalation:outside")
    waits = outside.proposed(every)
    if waits and all(signature.user_id != scope.user.pk for signature in outside.signed(waits.pk)):
        yield Waiting(f"Signature under decision {waits.code}", "escalation:outside")


def _evaluability(scope: Scope, here: Situation, still: Collection[UUID]) -> Iterator[Waiting]:
    if not scope.may(May.CONFIRM_EVALUABILITY):
        return
    for f in here.facts:
        if f.patient.pk not in still or not scope.sees(f.patient.site_id) or not assessments.confirmable(f):
            continue
        if not assessments.settled(f):
            yield Waiting(
                f"Confirm evaluability: patient {f.patient.code}",
                "patients:evaluability",
                f.patient.code,
                due=f.window_ends_on,
                overdue=bool(f.window_ends_on and f.window_ends_on < here.on),
            )


def _closed_levels(scope: Scope, here: Situation) -> Iterator[Waiting]:
    """Patients still on a level that has closed: reduce, continue or stop."""
    if not scope.may(May.DECIDE_TREATMENT):
        return
    for f in closed_levels.unanswered(here):
        if scope.sees(f.patient.site_id):
            code = f.patient.code
            text = f"Level {f.level.label} is closed: reduce, continue or stop, patient {code}"
            yield Waiting(text, "patients:closed_level", code)


def _slots(scope: Scope, here: Situation) -> Iterator[Waiting]:
    states = []
    if scope.may(May.GRANT_SLOT) and here.free:
        states.append(Slot.State.REQUESTED)
    if scope.may(May.ENROL):
        states.append(Slot.State.GRANTED)
    if not states:
        return
    for slot in patients.slots(scope.trial.pk).filter(state__in=states):
        if slot.state == Slot.State.REQUESTED:
            yield Waiting(f"Grant slot {slot.number} to site {slot.site.code}", "patients:slot", slot.number)
        elif scope.sees(slot.site_id) and slot.held_until and slot.held_until >= here.on:
            yield Waiting(f"Enrol the patient of slot {slot.number}", "patients:slot", slot.number, due=slot.held_until)


def _eligibility(scope: Scope, here: Situation) -> Iterator[Waiting]:
    """Slots of the site whose criteria are not all answered."""
    if not scope.may(May.CONFIRM_ELIGIBILITY):
        return
    for slot in patients.unanswered(scope.trial.pk, here.protocol.version.pk):
        if scope.sees(slot.site_id) and slot.held_until and slot.held_until >= here.on:
            yield Waiting(f"Confirm eligibility: slot {slot.number}", "patients:slot", slot.number, due=slot.held_until)


def _reconsent(scope: Scope, here: Situation, still: Collection[UUID]) -> Iterator[Waiting]:
    """A later version of the consent form that a patient of the site has not signed yet."""
    if not scope.may(May.RECORD_CONSENT):
        return
    for one in consent.owed(scope.trial.pk, here.today):
        patient = getattr(one.slot, "patient", None)
        if scope.sees(one.slot.site_id) and (patient is None or patient.pk in still):
            yield Waiting(
                f"Re-consent, version {one.version.version}: {one.who}",
                "patients:reconsent" if patient else "patients:slot",
                patient.code if patient else one.slot.number,
                due=one.by,
                overdue=one.late,
            )


def _deviations(scope: Scope, still: Collection[UUID]) -> Iterator[Waiting]:
    """What was done after a withdrawal that was entered late: the investigator says why."""
    if not scope.may(May.EXPLAIN_DEVIATION):
        return
    for row in withdrawals.owed(scope.trial.pk):
        if scope.sees(row.patient.site_id) and row.patient_id in still:
            text = f"Give the reason for a deviation: patient {row.patient.code}, {row.fact}"
            yield Waiting(text, "patients:deviation", row.pk)


def _dosing(scope: Scope, here: Situation, still: Collection[UUID]) -> Iterator[Waiting]:
    """First doses, and the doses of a window that is over."""
    if not scope.may(May.RECORD_DOSING):
        return
    mine = {f.patient.pk for f in here.facts if f.patient.pk in still and scope.sees(f.patient.site_id)}
    waits = [f for f in here.facts if f.outcome == "not_dosed" and f.patient.pk in mine]
    left = withdrawn.of_trial(scope.trial.pk) if waits else {}
    for f in waits:
        if not left.get(f.patient.slot_id, Withdrawn()).over(Covers.TREATMENT, scope.today_at(f.patient.site)):
            yield Waiting(f"Record the first dose: patient {f.patient.code}", "patients:first_dose", f.patient.code)
    for item in blocked.missing(here):
        if item.view in ("patients:dosing", "patients:cycles") and item.facts.patient.pk in mine:
            yield Waiting(
                f"Enter the doses taken: patient {item.facts.patient.code}", item.view, item.facts.patient.code
            )
    yield from _deaths(scope, here)
    yield from _ends(here, mine)
    yield from _cycles(scope, here, mine)


def _doses_owed(here: Situation, f: PatientFacts) -> bool:
    """Nobody owes the doses of a simulated trial that is played without."""
    return f.course is not None and (not here.trial.simulated or f.course.recorded)


def _deaths(scope: Scope, here: Situation) -> Iterator[Waiting]:
    """Deaths in a DLT window of which no event tells."""
    for f in here.facts:
        if f.died_on and untold(f.events, f.died_on, f.window_ends_on) and scope.sees(f.patient.site_id):
            who = f"patient {f.patient.code}, who died on {shown(f.died_on)} in the DLT window"
            text = f"Report the event of grade 5: {who}"
            yield Waiting(text, "assessments:report", f.patient.number)


def _ends(here: Situation, mine: Collection[UUID]) -> Iterator[Waiting]:
    """Patients who died, and of whom no end of treatment is recorded."""
    for f in here.facts:
        if f.died_on and f.patient.pk in mine and _doses_owed(here, f) and f.patient.treatment.stopped_on is None:
            text = f"Record the end of treatment: patient {f.patient.code}, who died on {shown(f.died_on)}"
            yield Waiting(text, "patients:stop", f.patient.code)


def _cycles(scope: Scope, here: Situation, mine: Collection[UUID]) -> Iterator[Waiting]:
    """Cycles that are over and whose doses are not recorded; totals of the window stand for the first one."""
    for f in here.facts:
        if f.course is None or not _doses_owed(here, f) or f.patient.pk not in mine:
            continue
        for cycle in owed(f.course, scope.today_at(f.patient.site)):
            if cycle.number > 1 or (f.taken and not f.doses):
                yield Waiting(
                    f"Confirm the doses of cycle {cycle.number}: patient {f.patient.code}",
                    "patients:cycles",
                    f.patient.code,
                    due=due_on(f.course, cycle),
                )


def _grades(scope: Scope, here: Situation) -> Iterator[Waiting]:
    """Events that a coordinator entered: grade and relation are the investigator's word, asked for the same day."""
    if not scope.may(May.GRADE_EVENT):
        return
    for f in here.facts:
        for e in f.events if scope.sees(f.patient.site_id) else ():
            if waits_for_the_investigator(e.event):
                place = f.patient.site.time_zone
                asked = clock.clinical_date(e.event.reported_at, place)
                yield Waiting(
                    f"Grade and relate: patient {f.patient.code}, {e.event.code} {e.event.title.lower()}",
                    "assessments:follow",
                    e.event.number,
                    due=asked,
                    overdue=asked < here.today.at(place),
                )


def _onsets(scope: Scope, here: Situation, still: Collection[UUID]) -> Iterator[Waiting]:
    """Onsets of which the day is not known yet: what depends on it stays suspected or pending."""
    if not scope.may(May.REPORT_EVENT):
        return
    for f in here.facts:
        for e in f.events if f.patient.pk in still and scope.sees(f.patient.site_id) else ():
            if e.event.onset_known:
                yield Waiting(
                    f"Day of onset: patient {f.patient.code}, {e.event.code}, known as {e.event.onset.shown}",
                    "assessments:correct",
                    e.event.number,
                )


def _response(scope: Scope, here: Situation, still: Collection[UUID]) -> Iterator[Waiting]:
    """Assessments that are due, and the investigator's categories and reasons."""
    if not scope.may(May.RECORD_RESPONSE) and not scope.may(May.ASSESS_RESPONSE):
        return
    mine = {f.patient.pk: f.patient for f in here.facts if f.patient.pk in still and scope.sees(f.patient.site_id)}
    for one in outstanding(scope.trial.pk, here.today):
        patient = mine.get(one.patient)
        if patient is None:
            continue
        if one.row is None and scope.may(May.RECORD_RESPONSE):
            words = "baseline assessment" if one.baseline else "disease assessment"
            words = f"Missed {words}" if one.missed else f"{words.capitalize()} due"
            yield Waiting(
                f"{words}: patient {patient.code}",
                "assessments:response_add",
                patient.code,
                due=one.planned,
                overdue=one.missed,
            )
        elif one.row and scope.may((said := OF_A_ROW[one.kind])[2]):
            what, view, _ = said
            yield Waiting(f"{what}: patient {patient.code}, {one.row.code}", view, one.row.number)
