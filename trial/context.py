"""The frame of every page: trial switcher, rail, alerts. A context processor, so a door: it may ask any floor."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from assessments.count.queries import PatientFacts
from assessments.events import sight
from assessments.events.facts import EventFacts
from escalation.outside import queries as outside
from escalation.protocol.draft import doses_illustrative
from escalation.situation import queries
from escalation.situation.situation import Held, Situation

from .models import User
from .past import pages
from .people import access, factor
from .people.access import Scope, Then
from .roles import May, Role


def frame(request: HttpRequest) -> dict[str, Any]:
    """`frame` for the templates; the view left its `scope` (access.enter) and maybe its `situation` on the request."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"frame": None}
    shown: dict[str, Any] = {"person": user.name, "trials": [], "sections": [], "alerts": []}
    shown["factor"] = SimpleLazyObject(lambda: factor.enrolled(user))  # asked by the pages that sign
    scope: Scope | None = getattr(request, "scope", None)
    then: Then | None = getattr(request, "then", None)
    if then is not None:
        scope = scope or then.scope
        shown["past"] = _past(request, then)
    if scope is not None:
        here: Situation | None = getattr(request, "situation", None)
        if here is None and scope.may(May.READ):
            here = queries.here(scope)
        shown |= {
            "trials": then.recent if then else access.recent(request, user),
            "trial": scope.trial,
            "audit": reverse("trial:audit", args=[scope.trial.code]) if scope.may(May.READ_AUDIT) else "",
            "role_label": scope.role_label,
            "sections": _sections(request, scope, here),
            "alerts": _alerts(scope, here) if here else [],
            "illustrative": scope.trial.illustrative or bool(here and doses_illustrative(here.protocol.levels)),
            "as_of": _as_of(request),
            "record": _record(request, scope),
        }
    return {"frame": shown}


def _past(request: HttpRequest, then: Then) -> dict[str, Any]:
    """What a page of the past says of itself, and the way back to the same page of today."""
    scope, query = then.scope, request.GET.urlencode()
    return {
        "number": scope.past,
        "cut": scope.cut.words if scope.cut else "",
        "on": scope.today,
        "at": scope.days.moment,
        "hides": then.hides,
        "today": f"{request.path}?{query}" if query else request.path,
    }


def _record(request: HttpRequest, scope: Scope) -> dict[str, Any] | None:
    """Where the record stood, for what is printed."""
    entered = getattr(request, "entered", None)
    number = scope.past if scope.past is not None else entered and entered.number
    return {"number": number, "on": scope.today} if number else None


def _as_of(request: HttpRequest) -> dict[str, Any] | None:
    """The field for another moment, on pages that can be read as of one, with what else they were asked."""
    match = request.resolver_match
    if match is None or match.view_name not in pages.READABLE:
        return None
    own = ("page", *pages.MOMENTS)
    asked = [(name, value) for name, values in request.GET.lists() if name not in own for value in values]
    return {"name": pages.AS_OF, "action": request.path, "asked": asked}


def _sections(request: HttpRequest, scope: Scope, here: Situation | None) -> list[dict[str, Any]]:
    code = scope.trial.code

    def item(name: str, view: str, label: str, icon: str, count: object = None, **more: object) -> dict[str, Any]:
        url = reverse(view, args=[code])
        current = request.path == url or (
            url != reverse("escalation:trial", args=[code]) and request.path.startswith(url)
        )
        return {"name": name, "url": url, "label": label, "icon": icon, "count": count, "current": current, **more}

    people = item("people", "trial:people", "People", "people")
    if not scope.may(May.READ):
        return [{"label": "", "items": [people]}]
    reviews = sum(e.in_review for f in here.facts for e in f.events if sight.reads(scope, f)) if here else 0
    events = sum(len(f.events) for f in here.facts if scope.sees(f.patient.site_id)) if here else 0
    slots = "" if here is None else f"{here.free} free" if here.free else "closed"
    board = item("dashboard", "escalation:dashboard", "Dashboard", "dashboard", bar=True)
    first = [
        item("trial", "escalation:trial", "Trial", "trial", bar=True),
        item("patients", "patients:list", "Patients", "patients", len(here.facts) if here else 0, bar=True),
        item("enrolment", "patients:enrolment", "Enrolment", "enrol", slots, bar=scope.role != Role.DSMB),
    ]
    safety = [
        item("events", "assessments:events", "Adverse events", "events", events),
        *([item("serious", "assessments:cases", "Serious events", "alert")] if scope.may(May.READ_PATIENTS) else []),
        item("review", "assessments:review", "DLT review", "review", reviews or None, alarm=bool(reviews), bar=True),
        item("safety", "assessments:safety", "Safety tables", "safety"),
    ]
    decision = [
        item("escalation", "escalation:escalation", "Escalation", "escalation", bar=True),
        item("meetings", "escalation:meetings", "Meetings", "meetings"),
        item("reports", "escalation:papers", "Reports", "reports"),
    ]
    if scope.role == Role.DSMB:
        first.insert(0, board)
    else:
        decision.insert(0, {**board, "bar": False})
    results = [item("biomarker", "assessments:biomarker", "Biomarker", "biomarker")]
    if scope.may(May.READ_EFFICACY):
        results.insert(0, item("efficacy", "assessments:efficacy", "Efficacy", "efficacy"))
        results.append(item("datasets", "escalation:datasets", "Data sets", "download"))
    if scope.reads_responses:
        results.insert(0, item("response", "assessments:response", "Response", "response"))
    record = [
        item("protocol", "escalation:protocol", "Protocol", "protocol"),
        item("consent", "patients:consent_forms", "Consent forms", "check"),
        people,
    ]
    if scope.may(May.READ_AUDIT):
        record.insert(0, item("audit", "trial:audit", "Audit", "audit"))
    if scope.may(May.READ_ACCESS):
        record.insert(1, item("access", "trial:trial_access", "Access", "key"))
    return [
        {"label": "", "items": first},
        {"label": "Safety", "items": safety},
        {"label": "Decision", "items": decision},
        {"label": "Results", "items": results},
        {"label": "Record", "items": record},
    ]


def _suspected(scope: Scope, f: PatientFacts, e: EventFacts) -> str:
    """The event to those who may see it; the others learn that there is one."""
    if sight.reads(scope, f):
        return f"Patient {f.patient.code}, {e.event.term.lower()} {e.event.graded}, {e.day_words}."
    return f"{f'Patient {f.patient.code}' if sight.numbered(scope, f) else 'A patient of another site'} is concerned."


def _alerts(scope: Scope, here: Situation) -> list[dict[str, str]]:
    """Alerts that matter, on every page of the trial until they are resolved."""
    code = scope.trial.code
    found = []
    for f in here.facts:
        for e in f.events:
            if e.in_review:
                level = here.protocol.level(here.protocol.position(f.level.pk) or 1).label
                found.append(
                    {
                        "kind": "amber",
                        "title": "DLT suspected",
                        "text": f"{_suspected(scope, f, e)} "
                        f"Enrolment at level {level} and above is held until it is adjudicated.",
                        "url": reverse("assessments:review", args=[code]),
                        "url_label": "Open review",
                    }
                )
    for hold in here.holds:
        if hold.kind is Held.Kind.UNREADABLE:
            found.append(
                {
                    "kind": "red",
                    "title": "Stored decision damaged",
                    "text": hold.sentence,
                    "url": reverse("escalation:decision_replay", args=[code, hold.decision]),
                    "url_label": "Compare it with the record",
                }
            )
        elif hold.kind is not Held.Kind.SUSPECTED:
            late = hold.kind is Held.Kind.BASIS
            found.append(
                {
                    "kind": "red",
                    "title": "Basis changed" if late else "Enrolment held",
                    "text": sight.veiled(hold.sentence, scope, here.facts)
                    + (f" Nobody starts at {_from(here, hold)} and above." if late else ""),
                    "url": reverse("escalation:late" if late else "escalation:escalation", args=[code]),
                    "url_label": "Open late changes" if late else "Open escalation",
                }
            )
    if any(not f.counted for f in here.facts):
        found += [
            {
                "kind": "amber",
                "title": "Review asked",
                "text": outside.asked(rate, here),
                "url": reverse("escalation:outside", args=[code]),
                "url_label": "Open expansion and backfill",
            }
            for rate in outside.reviews(here, outside.decisions(here.trial.pk))
        ]
    if here.proposed:
        found.append(
            {
                "kind": "info",
                "title": "Signature wanted",
                "text": f"Decision {here.proposed.number} waits for its signatures.",
                "url": reverse("escalation:decision", args=[code, here.proposed.number]),
                "url_label": "Open decision",
            }
        )
    return found


def _from(here: Situation, hold: Held) -> str:
    return f"level {here.protocol.level(hold.position or 1).label}"
