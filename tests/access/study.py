"""One trial with a row behind every address, all of them of the first site, made once in a process."""

import hashlib
from copy import deepcopy
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from assessments.biomarker import services as biomarker
from assessments.cases import services as cases
from assessments.cases import sponsor
from assessments.endpoints.models import EndpointRun
from assessments.events import expected
from assessments.response.models import QuestionAnswered
from assessments.review import services as review
from escalation.decisions import services as decisions
from escalation.meetings import services as meetings
from escalation.reports import services as reports
from patients.consent import services as consent
from patients.consent.models import Deviation
from patients.dosing import services as dosing
from patients.dosing.models import ClosedLevelAnswer, CycleDoses
from patients.models import Consent, Treatment
from patients.screening import services as screening
from patients.withdrawal import services as withdrawal
from tests import factories, snapshots
from tests.factories import Study
from trial import notices
from trial.models import Artifact, Drug, Membership, Notice, NoticeKind, User
from trial.people import services as people
from trial.people import tokens
from trial.record import ledger
from trial.roles import May

VERDICT = "the marrow was clear on the second look"
SCREENING = "SCR-of-site-01"


@dataclass
class Walked:
    """The study, the rows that addresses name, and the people besides its members."""

    study: Study
    rows: dict[str, Any]  # by the address's parameter
    others: dict[str, User]


_made: tuple[Walked, snapshots.Rows] | None = None


def walked() -> Walked:
    """Into an empty database."""
    global _made
    if _made is None:
        made = _new()
        _made = made, snapshots.take()
    else:
        snapshots.paste(_made[1])
    return deepcopy(_made[0])


def _new() -> Walked:
    study = factories.study().open()
    first, second, _ = study.cohort(3)
    rows: dict[str, Any] = {"patient": first}
    rows |= _meeting(study)
    rows |= _biomarker(study, first)
    assessment = study.assess(first, serum_m="3.0")
    rows |= _withdrawn(study, second)
    onset = first.treatment.first_dose_on + timedelta(days=3)
    rows["event"] = study.event(
        first, onset_on=onset, serious=True, serious_criteria=["important"], aware_on=study.today, aware_at=study.now
    )
    rows |= _case(study, rows["event"])
    with study.at():
        review.give_verdict(
            trial=study.trial.pk, event=rows["event"].pk, is_dlt=False, reason=VERDICT, by=study.investigator
        )
        rows["screening"] = screening.record_screening(
            trial=study.trial.pk, number=SCREENING, on=study.today, by=study.coordinator
        )
        rows["reference"] = expected.add_list(
            trial=study.trial.pk, version="1", in_force_on=study.today, listed={"Nausea": 3}, by=study.medical_monitor
        )
        rows["version"] = consent.add_version(
            trial=study.trial.pk, kind="trial", version="7.0", valid_from=study.today, reconsent_by=None,
            by=study.medical_monitor,
        )  # fmt: skip
        dosing.start_cycle_2(trial=study.trial.pk, patient=first.pk, on=study.today, by=study.investigator)
        dosing.stop_treatment(
            trial=study.trial.pk, patient=first.pk, on=study.today, stop_reason="Wish", by=study.investigator
        )
    rows |= _as_no_move_leaves_them(study, first, assessment)
    rows["consent"] = Consent.objects.get(slot=first.slot, kind=Consent.Kind.TRIAL)
    rows["decision"] = study.situation().in_force[0]
    rows["run"] = EndpointRun.objects.create(
        trial=study.trial, kind="efficacy", number=1, on=study.today, protocol_version=1, settings={}, result={}
    )
    rows |= {"trial": study.trial, "site": study.site, "user": study.coordinator}
    rows["membership"] = Membership.objects.get(trial=study.trial, user=study.statistician)
    notices.post(trial=None, to=[study.coordinator], key="mine", kind=NoticeKind.ACCOUNT, subject="Mine")
    rows["notice"] = Notice.objects.get(key="mine")
    rows["paper"] = built_paper(study)
    rows["token"] = tokens.create(user=study.coordinator, name="mine")[0]
    return Walked(study, rows, _others(study))


def built_paper(study: Study) -> Artifact:
    """One that everybody may have who reads the trial, as a worker left it: of no bytes."""
    asked = reports.ask(trial=study.trial.pk, kind="decision-table", by=study.dsmb)
    Artifact.objects.filter(pk=asked.pk).update(
        state="done", size=0, sha256=hashlib.sha256(b"").hexdigest(), built_at=timezone.now()
    )
    return asked


def _meeting(study: Study) -> dict[str, Any]:
    """A meeting whose outcome is proposed and waits for its second signature."""
    trial = study.trial.pk
    with study.at():
        row = meetings.call(trial=trial, cut_off=study.today, meets_on=study.today, by=study.dsmb)
        cut = meetings.freeze(trial=trial, meeting=row.pk, by=study.statistician)
        for member in (study.dsmb, study.dsmb2):
            meetings.vote(trial=trial, cut=cut.pk, outcome="escalate", position=2, reason="None.", by=member)
        decisions.decide(
            trial=trial, outcome="escalate", position=2, basis=study.situation().basis, reason="", proof="simulated",
            cut=cut.pk, by=study.dsmb,
        )  # fmt: skip
    return {"meeting": row}


def _biomarker(study: Study, patient: Any) -> dict[str, Any]:
    trial, monitor = study.trial.pk, study.medical_monitor
    with study.at():
        consent.record_consent(
            trial=trial, slot=patient.slot_id, kind=Consent.Kind.BIOMARKER, version="B 1.0", given_on=study.today,
            by=study.coordinator,
        )  # fmt: skip
        assay = biomarker.define_assay(trial=trial, name="Assay one", lower_limit=Decimal(5), by=monitor)
        cut_off = biomarker.add_cut_off(
            trial=trial, assay=assay.pk, purpose="diagnostic", value=Decimal(80), source="Paper", by=monitor
        )
        controls = biomarker.record_controls(
            trial=trial, assay=assay.pk, kit_lot="L 7", source="Blood bank",
            controls=[biomarker.ControlReading("C-1", Decimal(20))], by=monitor,
        )  # fmt: skip
        sample = biomarker.record_sample(
            trial=trial, patient=patient.pk, reading=biomarker.Reading(assay.pk, "L 7", Decimal(120)),
            taken_on=study.today, taken_at=time(8, 30), by=study.coordinator,
        )  # fmt: skip
    return {"assay": assay, "cut_off": cut_off, "control": controls[0], "sample": sample}


def _case(study: Study, event: Any) -> dict[str, Any]:
    """The event reported to the sponsor, followed up and submitted."""
    said = {"trial": study.trial.pk, "event": event.pk}
    with study.at():
        cases.report_case(at=study.now, rev=None, by=study.investigator, **said)
        news = cases.follow_up(
            said=cases.FollowUp(text="Cultures negative.", aware_at=study.now), by=study.coordinator, **said
        )
        submitted = sponsor.Submitted(at=study.now, contains=1)
        return {"news": news, "submission": sponsor.submit(said=submitted, by=study.medical_monitor, **said)}


def _withdrawn(study: Study, patient: Any) -> dict[str, Any]:
    """A withdrawal of three days ago that is entered late: an assessment of today lies after it."""
    study.assess(patient, serum_m="2.0")
    with study.at():
        row = withdrawal.record_withdrawal(
            trial=study.trial.pk, slot=patient.slot_id, covers="visits", on=study.today - timedelta(days=3),
            public_records=False, stopped_on=study.today, related=False, reason="Wish.", by=study.coordinator,
        )  # fmt: skip
    return {"withdrawal": row, "deviation": Deviation.objects.filter(patient=patient, voided=False).first()}


def _as_no_move_leaves_them(study: Study, patient: Any, assessment: Any) -> dict[str, Any]:
    """Rows whose story would be long: written in an action that asks nothing."""
    with study.at(), ledger.action(
        study.trial.pk, by=study.administrator, may=May.MANAGE_PEOPLE, verb="event.report", reason="x"
    ):  # fmt: skip
        treatment = Treatment.objects.get(patient=patient)
        treatment.held_because, treatment.held_why = "Enrolment was held.", "He had it at the pharmacy."
        treatment.save()
        ClosedLevelAnswer.objects.create(
            trial=study.trial, patient=patient, dose_level=patient.cohort.dose_level, answer="continue",
            on=study.today, because="He does well.", by=study.investigator,
        )  # fmt: skip
        CycleDoses.objects.create(
            trial=study.trial, patient=patient, cycle=1, drug=Drug.objects.filter(trial=study.trial)[0], last_day=1
        )
        answer = QuestionAnswered.objects.create(
            trial=study.trial, assessment=assessment, question="Why?", answer="As measured.", by=study.coordinator,
            answered_on=study.today,
        )  # fmt: skip
    return {"answer": answer}


def _others(study: Study) -> dict[str, User]:
    """A full member of another trial who has left this one, and one whose account was closed."""
    elsewhere, closed = factories.study().medical_monitor, study.colleague()
    with study.at():
        member = people.add_member(
            trial=study.trial.pk, user=elsewhere.pk, role="investigator", site=study.site.pk, by=study.administrator
        )
        people.end_membership(trial=study.trial.pk, membership=member.pk, reason="Moved", by=study.administrator)
    people.close_account(user=closed.pk, reason="Left the clinic", by=study.administrator)
    closed.refresh_from_db()
    return {"other_trial": elsewhere, "closed": closed}
