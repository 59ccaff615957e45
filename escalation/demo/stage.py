"""A simulated trial with its people: each step is a service, called by the person whose role it is.

The clock is set around every call, so that a trial of months is played in seconds; the audit trail keeps real time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from assessments.biomarker import services as biomarker
from assessments.biomarker.models import Assay, CutOff
from assessments.biomarker.services import ControlReading, Reading
from assessments.count import services as count
from assessments.events import services as assessments
from assessments.events.services import EventReport
from assessments.exposure import services as exposure
from assessments.models import AdverseEvent, Evaluability
from assessments.response import services as response
from assessments.response.entry import Answer
from assessments.response.follow_up import record_follow_up
from assessments.response.models import DiseaseAssessment
from assessments.review import services as review
from patients.consent import services as consents
from patients.dosing import cycle_starts
from patients.dosing import services as dosing
from patients.enrolment import services as enrolment_services
from patients.follow_up.services import Followed
from patients.models import Consent, Patient, Slot
from trial import clock, services
from trial import queries as ground
from trial.models import Notice, Trial, User
from trial.people import services as people_services
from trial.people.proof import Proof
from trial.protocol_settings import ProtocolSettings
from trial.roles import Role
from trial.services import Level

from ..decisions import services as decisions
from ..enrolment import services as enrolment
from ..meetings import services as meetings
from ..models import DataCut, Decision, Meeting
from ..protocol import services as protocol
from ..situation import queries
from ..situation.situation import Situation
from . import cast
from .cast import Person
from .doses import Changed, of_cycle

Made = TypeVar("Made")
SIMULATED: Proof = "simulated"  # the proof of these signatures: no password was asked
BETWEEN = timedelta(seconds=20)  # two acts of one day


def people(domain: str, password: str, persons: Sequence[Person] = cast.CAST) -> dict[str, User]:
    """The accounts of `persons` by key; those that are missing are opened."""
    found = {}
    for person in persons:
        email = person.email(domain)
        role = person.role if person.role is Role.ADMINISTRATOR else ""
        found[person.key] = ground.account(email) or people_services.open_account(
            email=email, name=person.name, password=password, role=role, by=None
        )
    return found


class Stage:
    """One simulated trial under its clock. `day` is its today; nothing happens after the real present."""

    def __init__(self, people: Mapping[str, User], day: date) -> None:
        self.people = people
        self._now = datetime.now(UTC)
        today = datetime.combine(self._now.date(), time(), UTC)
        self._morning = max(today, min(today + timedelta(hours=8), self._now - timedelta(hours=1))) - today
        self._acts = 0
        self.day = day
        self.trial: Trial

    def go_to(self, day: date) -> None:
        if day != self.day:
            self.day, self._acts = day, 0

    @contextmanager
    def _act(self) -> Iterator[None]:
        """The moment of the next act of the day."""
        self._acts += 1
        moment = datetime.combine(self.day, time(), UTC) + self._morning + self._acts * BETWEEN
        with clock.at(min(moment, self._now)):
            yield

    def set_up(
        self,
        *,
        levels: Sequence[Level],
        drugs: Sequence[str],
        criteria: Sequence[str],
        settings: ProtocolSettings,
        site_name: str,
        country: str = "",
        **trial: Any,
    ) -> None:
        """The trial with its two sites, its people and protocol version 1; decision 0 is still to be signed."""
        with self._act():
            self.trial = services.create_trial(simulated=True, by=None, **trial)
            self._sites = {
                code: people_services.add_site(
                    trial=self.trial.pk, code=code, name=f"{site_name} {code}", country=country, by=None
                )
                for code in ("01", "02")
            }
            for person in cast.MEMBERS:
                people_services.add_member(
                    trial=self.trial.pk,
                    user=self.people[person.key].pk,
                    role=person.role,
                    site=self._sites[person.site].pk if person.site else None,
                    principal=person.role is Role.INVESTIGATOR,
                    by=None,
                )
            self._version = protocol.write(
                trial=self.trial.pk, settings=settings, levels=levels, drugs=drugs, criteria=criteria,
                unusual="As published.", by=None,
            ).pk  # fmt: skip
        self._eligible = {criterion.pk: True for criterion in ground.criteria(self._version)}
        self.drugs = ground.drugs(self.trial.pk)

    def situation(self) -> Situation:
        here = queries.situation(self.trial, self.day)
        assert here is not None, "the protocol is written in set_up"
        return here

    def sign(self, here: Situation | None = None, cut: DataCut | None = None) -> Decision:
        """What the rule recommends, signed by a committee member and the medical monitor on one basis.

        cut: of the meeting that decides.
        """
        here = here or self.situation()
        with self._act():
            decision = decisions.decide(
                trial=self.trial.pk,
                outcome=here.recommended,
                position=here.advice.level or None,
                basis=here.basis,
                cut=cut.pk if cut else None,
                proof=SIMULATED,
                by=self.people["dsmb"],
            )
        with self._act():
            return decisions.countersign(
                trial=self.trial.pk,
                decision=decision.pk,
                basis=here.basis,
                proof=SIMULATED,
                by=self.people["monitor"],
            )

    def call(self, cut_off: date, meets_on: date) -> Meeting:
        """A meeting of the committee, called by the medical monitor."""
        with self._act():
            return meetings.call(trial=self.trial.pk, cut_off=cut_off, meets_on=meets_on, by=self.people["monitor"])

    def freeze(self, meeting: Meeting) -> DataCut:
        """The record as it stands, frozen by the statistician."""
        with self._act():
            return meetings.freeze(trial=self.trial.pk, meeting=meeting.pk, by=self.people["statistician"])

    def vote(self, cut: DataCut, member: str, outcome: str, position: int | None, reason: str) -> None:
        with self._act():
            meetings.vote(
                trial=self.trial.pk,
                cut=cut.pk,
                outcome=outcome,
                position=position,
                reason=reason,
                by=self.people[member],
            )

    def slot(self, site: str, *, wait: bool = False) -> Slot:
        with self._act():
            return enrolment.request_slot(trial=self.trial.pk, wait=wait, by=self._coordinator(site))

    def enrol(self, slot: Slot, consent: str) -> Patient:
        """Eligible by each criterion, consented, enrolled."""
        site = self._code(slot.site_id)
        with self._act():
            enrolment_services.confirm_eligibility(
                trial=self.trial.pk,
                slot=slot.pk,
                version=self._version,
                answers=self._eligible,
                by=self._investigator(site),
            )
        with self._act():
            consents.record_consent(
                trial=self.trial.pk,
                slot=slot.pk,
                kind=Consent.Kind.TRIAL,
                version=consent,
                given_on=self.day,
                by=self._coordinator(site),
            )
        with self._act():
            return enrolment.enrol(trial=self.trial.pk, slot=slot.pk, by=self._coordinator(site))

    def dose(self, patient: Patient) -> None:
        """The first dose, today."""
        with self._act():
            enrolment.first_dose(trial=self.trial.pk, patient=patient.pk, on=self.day, by=self.investigator_of(patient))

    def does(self, verb: Callable[..., Made], by: User, **said: Any) -> Made:
        """A verb of the trial by a person, at the next moment of the day."""
        with self._act():
            return verb(trial=self.trial.pk, by=by, **said)

    def report(self, patient: Patient, report: EventReport) -> AdverseEvent:
        """What is serious becomes known at this moment."""
        with self._act():
            if report.serious:
                report = replace(report, aware_at=clock.now(simulated=True))
            return assessments.report_event(
                trial=self.trial.pk, patient=patient.pk, report=report, again=True, by=self.investigator_of(patient)
            )

    def verdict(self, event: AdverseEvent, by: User, *, criterion: str, reason: str) -> None:
        """A DLT by `criterion`."""
        with self._act():
            review.give_verdict(
                trial=self.trial.pk, event=event.pk, is_dlt=True, criterion=criterion, reason=reason, by=by
            )

    def take(
        self, patient: Patient, cycle: int, changed: Sequence[Changed], planned: Mapping[str, Sequence[int]],
        event: AdverseEvent | None,
    ) -> None:  # fmt: skip
        """The doses of a cycle, as planned but for what changed. planned: days of a cycle, by drug."""
        by_name = {drug.name: drug.pk for drug in self.drugs}
        with self._act():
            exposure.record_cycle(
                trial=self.trial.pk,
                patient=patient.pk,
                cycle=cycle,
                doses=of_cycle(changed, cycle, by_name, planned, event),
                by=self._coordinator(self._code(patient.site_id)),
            )

    def stop(self, patient: Patient, reason: str, *, related: bool = False) -> None:
        """Study treatment ends today. related: for toxicity related to the study drugs."""
        with self._act():
            dosing.stop_treatment(
                trial=self.trial.pk,
                patient=patient.pk,
                on=self.day,
                stop_reason=reason,
                related=related,
                by=self.investigator_of(patient),
            )

    def begin_cycle(self, patient: Patient, number: int) -> None:
        with self._act():
            cycle_starts.start_cycle(
                trial=self.trial.pk, patient=patient.pk, number=number, on=self.day, by=self.investigator_of(patient)
            )

    def confirm(
        self, patient: Patient, state: Evaluability.State = Evaluability.State.COMPLETED, missed_because: str = ""
    ) -> None:
        with self._act():
            count.confirm_evaluability(
                trial=self.trial.pk,
                patient=patient.pk,
                state=state,
                missed_because=missed_because,
                by=self.investigator_of(patient),
            )

    def assess(self, patient: Patient, answers: Sequence[Answer]) -> DiseaseAssessment:
        """A disease assessment of today, entered by the site's coordinator."""
        with self._act():
            return response.record_assessment(
                trial=self.trial.pk,
                patient=patient.pk,
                visit_on=self.day,
                answers=answers,
                by=self._coordinator(self._code(patient.site_id)),
            )

    def judge(self, assessment: DiseaseAssessment, category: str) -> None:
        """The investigator's category; of the row as it was written."""
        with self._act():
            response.give_response(
                trial=self.trial.pk,
                assessment=assessment.pk,
                category=category,
                rev=None,
                by=self.investigator_of(assessment.patient),
            )

    def follow(self, patient: Patient, said: Followed) -> None:
        """What is known of the patient today."""
        with self._act():
            record_follow_up(
                trial=self.trial.pk,
                patient=patient.pk,
                said=said,
                by=self._coordinator(self._code(patient.site_id)),
            )

    def define_assay(
        self,
        *,
        high: tuple[Decimal, str],
        controls: Sequence[ControlReading],
        controls_lot: str,
        controls_source: str,
        **assay: Any,
    ) -> Assay:
        """The sub-study's assay with a prognostic cut-off (value, source) and external controls."""
        by, (value, source) = self.people["monitor"], high
        with self._act():
            row = biomarker.define_assay(trial=self.trial.pk, by=by, **assay)
        with self._act():
            biomarker.add_cut_off(
                trial=self.trial.pk,
                assay=row.pk,
                purpose=CutOff.Purpose.PROGNOSTIC,
                value=value,
                source=source,
                by=by,
            )
        with self._act():
            biomarker.record_controls(
                trial=self.trial.pk,
                assay=row.pk,
                kit_lot=controls_lot,
                source=controls_source,
                controls=controls,
                by=by,
            )
        return row

    def consent_to_biomarker(self, patient: Patient, version: str) -> Consent:
        with self._act():
            return consents.record_consent(
                trial=self.trial.pk,
                slot=patient.slot_id,
                kind=Consent.Kind.BIOMARKER,
                version=version,
                given_on=self.day,
                by=self._coordinator(self._code(patient.site_id)),
            )

    def withdraw(self, patient: Patient, consent: Consent, reason: str) -> None:
        """The patient takes a consent back, today."""
        with self._act():
            consents.withdraw_consent(
                trial=self.trial.pk,
                consent=consent.pk,
                on=self.day,
                reason=reason,
                by=self._coordinator(self._code(patient.site_id)),
            )

    def sample(self, patient: Patient, reading: Reading, at: time) -> None:
        """A biomarker sample of today."""
        with self._act():
            biomarker.record_sample(
                trial=self.trial.pk,
                patient=patient.pk,
                reading=reading,
                taken_on=self.day,
                taken_at=at,
                by=self._coordinator(self._code(patient.site_id)),
            )

    def end(self) -> None:
        """Nobody waits for a notice of what was played: those of this trial count as delivered, and as read."""
        now = datetime.now(UTC)
        Notice.objects.filter(trial=self.trial, done_at=None).update(done_at=now, read_at=now)

    def investigator_of(self, patient: Patient) -> User:
        return self._investigator(self._code(patient.site_id))

    def _investigator(self, site: str) -> User:
        return self._at(Role.INVESTIGATOR, site)

    def _coordinator(self, site: str) -> User:
        return self._at(Role.COORDINATOR, site)

    def _at(self, role: Role, site: str) -> User:
        return next(self.people[p.key] for p in cast.MEMBERS if (p.role, p.site) == (role, site))

    def _code(self, site: object) -> str:
        return next(code for code, row in self._sites.items() if row.pk == site)
