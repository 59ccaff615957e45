"""What the pages of events share: entering with the situation, and finding an event or a patient one may see."""

from django.http import Http404, HttpRequest

from assessments.count.queries import PatientFacts
from assessments.events import queries
from assessments.events.facts import EventFacts
from assessments.models import AdverseEvent
from escalation import common as escalation
from escalation.situation.situation import Situation
from trial.people.access import Scope
from trial.roles import May


def enter(request: HttpRequest, trial: str, right: May = May.READ_PATIENTS) -> tuple[Scope, Situation | None]:
    return escalation.enter(request, trial, right)


def all_events(here: Situation | None) -> list[tuple[PatientFacts, EventFacts]]:
    return [(f, e) for f in (here.facts if here else ()) for e in f.events]


def position(here: Situation | None, f: PatientFacts) -> int | None:
    """Of the patient's level on the ladder in force."""
    return here.protocol.position(f.level.pk) if here else None


def patient_of(scope: Scope, here: Situation | None, number: int) -> PatientFacts:
    found = next((f for f in here.facts if f.patient.number == number), None) if here else None
    if found is None or not scope.sees(found.patient.site_id):
        raise Http404("No such patient.")
    return found


def event_of(scope: Scope, here: Situation | None, number: int) -> tuple[AdverseEvent, PatientFacts]:
    event = queries.event(scope.trial.pk, number)
    if event is None or not scope.sees(event.patient.site_id):
        raise Http404("No such event.")
    return event, patient_of(scope, here, event.patient.number)
