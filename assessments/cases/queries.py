"""Reads of cases: a flat number of queries, however many there are."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from trial.models import Drug, Trial

from ..events import expected
from ..events.models import SafetyReference
from ..models import AdverseEvent, Relation
from . import standing
from .case import Case
from .models import CaseLateness, CaseNews, CaseSubmission
from .standing import Standing


def events(trial: UUID) -> QuerySet[AdverseEvent]:
    """Those that are serious, or were."""
    return AdverseEvent.objects.filter(
        Q(serious=True) | Exists(CaseNews.objects.filter(event=OuterRef("pk"))), trial=trial
    )


def cases(trial: UUID, site: UUID | None = None) -> list[Case]:
    """Of the patients of one site or of all, by number. Events that were taken back are none."""
    found = _whole(events(trial).filter(voided=False)).order_by("number")
    return _read(trial, found.filter(patient__site=site) if site else found)


def case(trial: UUID, number: int) -> Case | None:
    """One, of a voided event too."""
    return next(iter(_read(trial, _whole(events(trial).filter(number=number)))), None)


def by_event(trial: UUID, event: UUID) -> Case | None:
    """One by the id of its event."""
    return next(iter(_read(trial, _whole(events(trial).filter(pk=event)))), None)


def read(event: AdverseEvent) -> Case:
    """The case of an event, as a verb reads it under its lock."""
    return _read(event.trial_id, _whole(events(event.trial_id).filter(pk=event.pk)))[0]


def any_open(trial: UUID) -> bool:
    return events(trial).filter(voided=False).exists()


def to_note(trial: UUID, touched: Collection[UUID] | None) -> list[tuple[AdverseEvent, Standing]]:
    """The cases among these events (None: all), with every news of them, and how each stands now."""
    found = events(trial).filter(voided=False)
    if touched is not None:
        found = found.filter(pk__in=touched)
    rows = list(_answered(found).prefetch_related(Prefetch("news", CaseNews.objects.order_by("number"))))
    if not rows:
        return []
    drugs, lists = _drugs(trial), expected.lists(trial)
    return [(row, _standing(row, drugs, lists)) for row in rows]


def last_news(event: UUID) -> CaseNews | None:
    """How the case stood last."""
    return CaseNews.objects.filter(event=event, voided=False).order_by("-number").first()


def is_news(row: CaseNews) -> bool:
    """Whether the case stands otherwise by it than by what came before."""
    earlier = (
        CaseNews.objects.filter(event=row.event_id, voided=False, number__lt=row.number).order_by("-number").first()
    )
    return earlier is None or earlier.standing != row.standing


def _answered(found: QuerySet[AdverseEvent]) -> QuerySet[AdverseEvent]:
    return found.select_related("sponsor__by").prefetch_related(
        Prefetch("relations", Relation.objects.select_related("drug")), "sponsor_relations__drug"
    )


def _whole(found: QuerySet[AdverseEvent]) -> QuerySet[AdverseEvent]:
    return (
        _answered(found)
        .select_related(
            "patient__site", "patient__treatment_row__received_level", "patient__follow_up", "reported_by", "details"
        )
        .prefetch_related(
            "actions__drug",
            "grades",
            Prefetch("news", CaseNews.objects.filter(voided=False)),
            Prefetch("submissions", CaseSubmission.objects.filter(voided=False).select_related("by")),
            Prefetch("lateness", CaseLateness.objects.filter(voided=False).select_related("by")),
        )
    )


def _read(trial: UUID, found: QuerySet[AdverseEvent]) -> list[Case]:
    rows = list(found)
    if not rows:
        return []
    zone = Trial.objects.values_list("time_zone", flat=True).get(pk=trial)
    drugs, lists = _drugs(trial), expected.lists(trial)
    return [
        Case(
            event=row,
            zone=zone,
            news=list(row.news.all()),
            submissions=list(row.submissions.all()),
            lateness={(one.kind, one.number): one for one in row.lateness.all()},
            stands=_standing(row, drugs, lists),
            drugs=list(drugs.values()),
            expected=expected.expectedness(row, lists),
        )
        for row in rows
    ]


def _drugs(trial: UUID) -> dict[UUID, str]:
    return dict(Drug.objects.filter(trial=trial, voided=False).values_list("pk", "name"))


def _standing(event: AdverseEvent, drugs: Collection[UUID], lists: Sequence[SafetyReference]) -> Standing:
    assessment = getattr(event, "sponsor", None)
    if assessment is None or assessment.voided:
        return standing.of(event, drugs, assessed=False, expected=False)
    return standing.of(event, drugs, assessed=True, expected=bool(expected.expectedness(event, lists).expected))
