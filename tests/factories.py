"""A study whose every state is reached by legal moves: the same services that the pages call.

    study = factories.study(levels=3).open()
    patient = study.enrol()
    study.dose(patient)
    study.complete(patient)

The clock is simulated (the trial says so); `study.later(days=29)` moves it.
"""

import uuid
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from assessments.count import services as count
from assessments.events import services as assessments
from assessments.events.services import EventReport
from assessments.models import AdverseEvent, Evaluability
from assessments.response import services as response
from assessments.response.entry import Answer
from assessments.response.models import DiseaseAssessment
from assessments.response.parameters import PARAMETERS
from assessments.review import services as review
from escalation.decisions import services as decisions
from escalation.enrolment import services as enrolment
from escalation.models import Decision
from escalation.protocol import services as protocol
from escalation.situation import queries
from escalation.situation.situation import Situation
from patients.consent import services as consent
from patients.dosing import services as dosing
from patients.enrolment import services as enrolment_services
from patients.models import Patient, Slot
from tests import remembered, snapshots
from trial import clock, services
from trial.models import Drug, EligibilityCriterion, Site, Trial, User
from trial.people import services as people_services
from trial.protocol_settings import ProtocolSettings
from trial.roles import Role
from trial.services import DoseOf, Level

PASSWORD = "a long pass phrase"
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
DRUGS = ("selinexor", "ruxolitinib", "methylprednisolone")
WEEKLY = {"schedule": "weekly", "per_cycle": 4, "days": (1, 8, 15, 22), "times": 1}
DAILY = {"schedule": "twice daily", "per_cycle": 56, "days": tuple(range(1, 29)), "times": 2}
IN_WORDS = {"schedule": "as told"}


def person(name: str, role: str = "") -> User:
    return people_services.open_account(
        email=f"{name}-{uuid.uuid4().hex[:6]}@example.org",
        name=name.capitalize(),
        password=PASSWORD,
        role=role,
        by=None,
    )


def answers(on: Any, **said: Any) -> list[Answer]:
    """Answers of one visit from plain values, all sampled on one day, in canonical units."""
    found = []
    for name, value in said.items():
        parameter = name.rstrip("_")
        if value == "not done":
            found.append(Answer(parameter=parameter, sampled_on=on, state="not_done"))
        elif isinstance(value, str) and value.startswith("<"):
            unit = PARAMETERS[parameter].unit
            found.append(
                Answer(parameter=parameter, sampled_on=on, state="below_limit", entered=Decimal(value[1:]), unit=unit)
            )
        elif isinstance(value, str) and value in PARAMETERS[parameter].answers:
            found.append(Answer(parameter=parameter, sampled_on=on, answer=value))
        else:
            found.append(
                Answer(parameter=parameter, sampled_on=on, entered=Decimal(value), unit=PARAMETERS[parameter].unit)
            )
    return found


def ladder(levels: int) -> list[Level]:
    return [
        Level(str(k), [DoseOf(drug, Decimal(10 * k), "mg", "weekly", 4) for drug in DRUGS])
        for k in range(1, levels + 1)
    ]


@dataclass
class Study:
    trial: Trial
    site: Site
    other_site: Site
    administrator: User
    coordinator: User
    investigator: User
    other_coordinator: User
    other_investigator: User
    medical_monitor: User
    dsmb: User
    dsmb2: User
    statistician: User
    monitor: User
    auditor: User
    now: datetime = START

    def at(self) -> Any:
        """The study's time, for a block of services."""
        return clock.at(self.now)

    def later(self, days: int) -> "Study":
        self.now += timedelta(days=days)
        return self

    @property
    def today(self) -> Any:
        return clock.clinical_date(self.now, self.trial.time_zone)

    def today_at(self, site: Site) -> Any:
        """By the site's own calendar: facts are dated by it."""
        return clock.clinical_date(self.now, site.time_zone)

    def situation(self) -> Situation:
        here = queries.situation(self.trial, clock.today(self.now, self.trial.time_zone))
        assert here is not None
        return here

    @remembered.move
    def write_protocol(self, levels: int = 3, **settings: Any) -> "Study":
        with self.at():
            protocol.write(
                trial=self.trial.pk,
                settings=ProtocolSettings(**settings),
                levels=ladder(levels),
                drugs=DRUGS,
                criteria=["Relapsed or refractory multiple myeloma", "18 years or older"],
                unusual="As the test says.",
                by=self.medical_monitor,
            )
        return self

    @remembered.move
    def schedule(self, *schedules: Any, **settings: Any) -> "Study":
        """An amendment that gives the schedule of each drug as data: 10, 20, 30 mg of each at levels 1, 2, 3.

        settings: other than before.
        """
        of = list(zip(DRUGS, schedules, strict=True))
        levels = [Level(str(k), [DoseOf(drug, Decimal(10 * k), "mg", **said) for drug, said in of]) for k in (1, 2, 3)]
        with self.at():
            protocol.write(
                trial=self.trial.pk,
                settings=replace(self.situation().protocol.settings, **settings),
                levels=levels,
                drugs=DRUGS,
                criteria=["18 years or older"],
                reason="The schedule as data.",
                by=self.medical_monitor,
            )
        return self

    @remembered.move
    def sign(self, outcome: str = "", position: int | None = None, reason: str = "") -> Decision:
        """The committee decides as the engine recommends, or as told, with both signatures."""
        with self.at():
            here = self.situation()
            if not outcome:
                outcome, position = here.recommended, here.advice.level or None
            decision = decisions.decide(
                trial=self.trial.pk,
                outcome=outcome,
                position=position,
                basis=here.basis,
                reason=reason,
                proof="simulated",
                by=self.dsmb,
            )
            return decisions.countersign(
                trial=self.trial.pk,
                decision=decision.pk,
                basis=self.situation().basis,
                proof="simulated",
                by=self.medical_monitor,
            )

    @remembered.move
    def open(self) -> "Study":
        """Decision 0."""
        self.sign()
        return self

    def colleague(self) -> User:
        """A second investigator of the first site."""
        made = person("Colleague")
        with self.at():
            people_services.add_member(
                trial=self.trial.pk, user=made.pk, role="investigator", site=self.site.pk, by=self.administrator
            )
        return made

    @remembered.move
    def slot(self, by: User | None = None) -> Slot:
        with self.at():
            return enrolment.request_slot(trial=self.trial.pk, by=by or self.coordinator)

    @remembered.move
    def ready(self, slot: Slot, answered_on: Any = None) -> Slot:
        """Eligible and consented; answered_on: the day of the answers, today unless told otherwise."""
        with self.at():
            version = self.situation().protocol.version
            here = slot.site_id == self.site.pk
            criteria = EligibilityCriterion.objects.filter(version=version)
            enrolment_services.confirm_eligibility(
                trial=self.trial.pk,
                slot=slot.pk,
                version=version.pk,
                answers={criterion.pk: True for criterion in criteria},
                on=answered_on,
                by=self.investigator if here else self.other_investigator,
            )
            consent.record_consent(
                trial=self.trial.pk,
                slot=slot.pk,
                version="1.0",
                given_on=self.today_at(slot.site),
                by=self.coordinator if here else self.other_coordinator,
            )
        return slot

    @remembered.move
    def enrol(self, by: User | None = None) -> Patient:
        """A patient enrolled, not yet dosed."""
        slot = self.ready(self.slot(by))
        with self.at():
            return enrolment.enrol(trial=self.trial.pk, slot=slot.pk, by=by or self.coordinator)

    @remembered.move
    def dose(self, patient: Patient | None = None) -> Patient:
        """The first dose, today; of a new patient when none is given."""
        patient = patient or self.enrol()
        with self.at():
            on = self.today_at(patient.site)
            enrolment.first_dose(trial=self.trial.pk, patient=patient.pk, on=on, by=self._doctor(patient))
        return patient

    @remembered.move
    def event(self, patient: Patient, **report: Any) -> AdverseEvent:
        """An adverse event, today, grade 4 platelets related to the first drug unless told otherwise."""
        drugs = list(Drug.objects.filter(trial=self.trial))
        said: dict[str, Any] = {
            "term": "Platelet count decreased",
            "grade": 4,
            "onset_on": self.today_at(patient.site),
            "relations": {drug.pk: "possible" if k == 0 else "unrelated" for k, drug in enumerate(drugs)},
            "qualifiers": {},
            "serious_criteria": ["hospitalisation"] if report.get("serious") else [],
        }
        if report.get("grade") == 5:
            said |= {"serious": True, "serious_criteria": ["death"]}
        with self.at():
            return assessments.report_event(
                trial=self.trial.pk,
                patient=patient.pk,
                report=EventReport(**(said | report)),
                again=True,
                by=self._doctor(patient),
            )

    @remembered.move
    def verdict(self, event: AdverseEvent, by: User, is_dlt: bool = True) -> None:
        with self.at():
            review.give_verdict(
                trial=self.trial.pk,
                event=event.pk,
                is_dlt=is_dlt,
                criterion="H3" if is_dlt else "",
                reason="As reported.",
                by=by,
            )

    @remembered.move
    def dlt(self, patient: Patient) -> AdverseEvent:
        """A DLT that both readers agree on."""
        event = self.event(patient)
        self.verdict(event, self._doctor(patient))
        self.verdict(event, self.medical_monitor)
        return event

    @remembered.move
    def take_doses(self, patient: Patient, taken: int = 100) -> None:
        with self.at():
            dosing.record_dosing(
                trial=self.trial.pk,
                patient=patient.pk,
                doses={drug.pk: (Decimal(100), Decimal(taken)) for drug in Drug.objects.filter(trial=self.trial)},
                unusual="Taken before the day on which it is told.",
                by=self._doctor(patient),
            )

    @remembered.move
    def confirm(self, patient: Patient, state: str = Evaluability.State.COMPLETED, missed_because: str = "") -> None:
        """missed_because: why doses are short; another cause than toxicity unless told otherwise."""
        with self.at():
            count.confirm_evaluability(
                trial=self.trial.pk,
                patient=patient.pk,
                state=state,
                missed_because=missed_because or Evaluability.Missed.OTHER,
                by=self._doctor(patient),
            )

    @remembered.move
    def complete(self, *who: Patient) -> None:
        """All doses taken, the window over (the clock moves if it must), no DLT confirmed."""
        for patient in who:
            self.take_doses(patient)
        first = max(patient.treatment.first_dose_on for patient in who)
        days = self.situation().protocol.settings.window_days
        if (left := days - (self.today - first).days) > 0:
            self.later(left)
        for patient in who:
            self.confirm(patient)

    @remembered.move
    def cohort(self, size: int = 3, dlts: int = 0) -> list[Patient]:
        """`size` patients dosed at the open level, the first `dlts` with a DLT, the others completed."""
        who = [self.dose() for _ in range(size)]
        self.later(3)
        for patient in who[:dlts]:
            self.dlt(patient)
        if who[dlts:]:
            self.complete(*who[dlts:])
        return who

    @remembered.move
    def assess(self, patient: Patient, by: User | None = None, visit_on: Any = None, **said: Any) -> DiseaseAssessment:
        """A disease assessment, today: serum_m=Decimal("1.2"), ife_serum="negative", urine_m="not done" …"""
        with self.at():
            return response.record_assessment(
                trial=self.trial.pk,
                patient=patient.pk,
                visit_on=visit_on or self.today,
                answers=answers(visit_on or self.today, **said),
                by=by or (self.coordinator if patient.site_id == self.site.pk else self.other_coordinator),
            )

    @remembered.move
    def judge(self, assessment: DiseaseAssessment, category: str, reason: str = "") -> None:
        """The site's investigator gives his category."""
        with self.at():
            response.give_response(
                trial=self.trial.pk,
                assessment=assessment.pk,
                category=category,
                rev=None,
                reason=reason,
                by=self._doctor(assessment.patient),
            )

    def _doctor(self, patient: Patient) -> User:
        return self.investigator if patient.site_id == self.site.pk else self.other_investigator


_made: dict[str, tuple[Study, snapshots.Rows]] = {}


def study(levels: int = 3, **settings: Any) -> Study:
    """A trial with two sites, a person in each role and a written protocol; decision 0 is still to be signed.

    The first one of a test is made by the services once a process; the next test gets the same rows again.
    """
    if not snapshots.empty():
        return _new_study(levels, **settings)
    key = repr((levels, sorted(settings.items())))
    known = key in _made
    if not known:
        made = _new_study(levels, **settings)
        _made[key] = made, snapshots.take()
    made, rows = _made[key]
    found = deepcopy(made)
    remembered.begin(found, key, rows if known else {})
    return found


def _new_study(levels: int, **settings: Any) -> Study:
    administrator = person("administrator", Role.ADMINISTRATOR)
    names = ("coordinator", "investigator", "other_coordinator", "other_investigator", "medical_monitor")
    people = {name: person(name) for name in (*names, "dsmb", "dsmb2", "statistician", "monitor", "auditor")}
    with clock.at(START):
        trial = services.create_trial(  # "ff" is one letter in some fonts: on paper it must stay what it is
            code=f"t-ff{uuid.uuid4().hex[:6]}", title="A test trial", simulated=True, by=administrator
        )
        site = people_services.add_site(trial=trial.pk, code="01", name="First clinic", by=administrator)
        other = people_services.add_site(trial=trial.pk, code="02", name="Second clinic", by=administrator)
        for name, role, where, more in (
            ("coordinator", Role.COORDINATOR, site, {}),
            ("investigator", Role.INVESTIGATOR, site, {"principal": True}),
            ("other_coordinator", Role.COORDINATOR, other, {}),
            ("other_investigator", Role.INVESTIGATOR, other, {"principal": True}),
            ("medical_monitor", Role.MEDICAL_MONITOR, None, {}),
            ("dsmb", Role.DSMB, None, {}),
            ("dsmb2", Role.DSMB, None, {}),
            ("statistician", Role.STATISTICIAN, None, {}),
            ("monitor", Role.MONITOR, None, {}),
            ("auditor", Role.AUDITOR, None, {}),
        ):
            people_services.add_member(
                trial=trial.pk,
                user=people[name].pk,
                role=role,
                site=where.pk if where else None,
                by=administrator,
                **more,
            )
    made = Study(trial=trial, site=site, other_site=other, administrator=administrator, **people)
    return made.write_protocol(levels, **settings)
