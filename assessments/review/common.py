"""What the pages of DLT reading show of an event, and of its verdicts as far as this person may see them."""

from typing import Any

from django.urls import reverse

from assessments.count.queries import PatientFacts
from assessments.events import judging, sight
from assessments.events import questions as forms
from assessments.events.facts import EventFacts
from assessments.models import AdverseEvent, DltVerdict, Relation
from trial import protocol_settings
from trial.dates import shown as shown_day
from trial.people.access import Scope


def criteria(f: PatientFacts, e: EventFacts) -> list[judging.Criterion]:
    """Met and not met by the record as it is today, under the protocol version of the first dose."""
    treatment = getattr(f.patient, "treatment", None)
    if treatment is None or e.judged is None:
        return []
    return judging.criteria(e.judged, protocol_settings.from_json(treatment.protocol.settings), e.steps)


def shown(scope: Scope, f: PatientFacts, e: EventFacts) -> dict[str, Any]:
    event = e.event
    code, sees = f.patient.code, scope.sees(f.patient.site_id)
    degrees = dict(Relation.Degree.choices)
    return {
        "code": event.code,
        "url": reverse("assessments:event", args=[scope.trial.code, event.number]) if sees else "",
        "term": event.title,
        "soc": event.soc,
        "grade": ", ".join(
            f"{step.grade or 'not given yet'}{f' from {shown_day(step.on)}' if len(event.history) > 1 else ''}"
            for step in event.history
        ),
        "graded": event.graded,
        "onset": f"{event.onset.shown}, day not known" if event.onset_known else f"{event.onset.shown}, {e.day_words}",
        "end": f"{event.ended_on:%-d %b %Y}" if event.ended_on else "",
        "window": f"{event.code} · {e.day_words}{_window(f, e)} · level {f.level.label}",
        "level": f"level {f.level.label}",
        "patient": code,
        "patient_url": reverse("patients:patient", args=[scope.trial.code, code]) if sees else "",
        "relations": [
            {"drug": drug[0].upper() + drug[1:], "words": degrees[said] if said else "not answered yet"}
            for drug, said in e.relations.items()
        ],
        "questions": questions(event),
    }


def _window(f: PatientFacts, e: EventFacts) -> str:
    """Beside the day of onset: " of the 28-day window", or that it lies outside."""
    if f.window_days is None:
        return ""
    inside = e.inside(f.window_days)
    return f" of the {f.window_days}-day window" if inside else f", outside the {f.window_days}-day window"


def questions(event: AdverseEvent) -> list[tuple[str, str]]:
    """What the criteria ask of the event, with the answers."""
    words, given = {True: "yes", False: "no", None: "not known yet"}, event.qualifiers
    value = [] if event.lowest_value is None else [("Lowest value", f"{event.lowest_value.normalize():f} × 10^9/L")]
    return value + [(text, words[given[name]]) for name, text in forms.QUESTIONS.items() if name in given]


def verdict_rows(scope: Scope, e: EventFacts) -> list[dict[str, Any]]:
    return [
        {
            "reader": v.get_reader_display(),
            "by": v.by.name,
            "at": v.given_at,
            "is_dlt": v.is_dlt,
            "criterion": v.criterion,
            "reason": v.reason,
        }
        for v in sight.verdicts(scope, e)
    ]


def why_not(scope: Scope, f: PatientFacts, e: EventFacts) -> str:
    """Why this person gives no verdict now, in words that give no other reader away."""
    if e.state in ("dlt", "not_dlt"):
        return f"{e.event.code} is adjudicated: {'a DLT' if e.state == 'dlt' else 'not a DLT'}."
    if not e.in_review:
        return f"{e.event.code} is not in DLT review."
    mine = sight.reader(scope, f, e)
    if any(v.by_id == scope.user.pk for v in e.verdicts):
        if sight.opened(e):
            return "You have answered. The first two verdicts differ; the third reader decides."
        return "You have answered. The other reader's verdict is shown when both are given."
    if mine == DltVerdict.Reader.THIRD:
        return "The third reader answers when the first two differ; their verdicts are shown then."
    if mine == DltVerdict.Reader.FIRST:
        return "The investigator's verdict of your site is given already."
    if mine == DltVerdict.Reader.SECOND:
        return "The second verdict is given already."
    return "The event waits for its readers. Their verdicts are shown when both are given."
