"""Events of a patient who withdrew from study visits: what began before is followed to its end, death included.

Of what begins later only a serious event that the site learned of is recorded, as an important deviation.
"""

from datetime import date

from patients.consent import withdrawn
from patients.consent.models import Covers
from patients.models import Patient
from trial.record.ledger import Act
from trial.refusals import Refused

from ..models import AdverseEvent
from .report import EventReport


def check(act: Act, patient: Patient, code: str, report: EventReport, stored: AdverseEvent | None = None) -> None:
    """Refuse an event that begins after the withdrawal, unless it is serious and the investigator says why.

    stored: the event that is corrected; whose onset stays is not asked about again, but for one recorded as serious.
    """
    if stored and stored.onset_on == report.onset_on and (report.serious or not withdrawn.in_spite(patient, code)):
        return
    since = withdrawn.of(patient.slot_id).since(Covers.VISITS, report.onset_on)
    if since and not report.serious:
        raise Refused(
            f"Onset: {report.onset_on:%-d %b %Y} is after the patient withdrew from study visits and samples on "
            f"{since:%-d %b %Y}. Only a serious event that the site learned of is recorded after it, with a reason.",
            field="onset_on",
        )
    withdrawn.allow(act, patient, Covers.VISITS, report.onset_on, fact=code, label="Onset", field="onset_on")


def asked(patient: Patient, today: date) -> bool:
    """Whether a report asks for the reason: the patient has withdrawn from study visits."""
    return withdrawn.of(patient.slot_id).over(Covers.VISITS, today) is not None
