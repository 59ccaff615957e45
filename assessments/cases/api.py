"""REST of serious events: cases with their clocks within the reader's sites, and what is done about them."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.http import Http404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from escalation.situation import queries as situations
from trial import clock
from trial.api import (
    CLOSED,
    KEY_HEADER,
    WRITES,
    WRONG,
    CountField,
    InstantField,
    Reading,
    TrialEndpoint,
    check,
    key_of,
)
from trial.roles import May

from ..event_words import Criterion
from . import queries, services, sponsor
from .case import Case, Timed
from .clocks import Kind
from .list_forms import SortedCases
from .listed import ORDERS, SORTS, STATES
from .models import CaseDetails
from .services import Described, FollowUp
from .sponsor import Submitted

Verb = TypeVar("Verb", bound=Callable[..., Response])
KINDS = [kind.value for kind in Kind]
ANSWERS = ["", *CaseDetails.Answer.values]


class ClockSerializer(Reading):
    """A time to keep. Whether it is overdue, compare with your own clock: while `met_at` and `stopped_at` are null."""

    kind = serializers.ChoiceField(
        KINDS, help_text="site: 24 hours to the sponsor; seven, complete, fifteen: the sponsor to the authority."
    )
    number = serializers.IntegerField(help_text="Of the news that began it.")
    started_at = serializers.DateTimeField(help_text="Awareness of the site, or receipt by the sponsor (its day is 0).")
    by_day = serializers.BooleanField(help_text="Of awareness only the day is recorded: it runs from the day's start.")
    half_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(help_text="Of days: the midnight that ends the last one, in the trial's zone.")
    met_at = serializers.DateTimeField(allow_null=True)
    stopped_at = serializers.DateTimeField(allow_null=True, help_text="What it was for fell away before it was over.")
    why_late = serializers.CharField(help_text="The reason, once it is given.")


class NewsSerializer(Reading):
    id = serializers.UUIDField()
    rev = serializers.IntegerField(help_text="Number of its last change.")
    number = serializers.IntegerField()
    since = serializers.DateTimeField(help_text="When it was recorded.")
    by_site = serializers.BooleanField(help_text="Else by an assessment of the sponsor.")
    serious = serializers.BooleanField()
    fatal = serializers.BooleanField()
    life_threatening = serializers.BooleanField()
    unexpected = serializers.BooleanField()
    related_by_site = serializers.BooleanField(help_text="At least possibly; a missing answer counts as related.")
    related_by_sponsor = serializers.BooleanField()
    text = serializers.CharField()
    aware_at = serializers.DateTimeField(allow_null=True)
    reported_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField(allow_null=True)


class SubmissionSerializer(Reading):
    id = serializers.UUIDField()
    rev = serializers.IntegerField()
    number = serializers.IntegerField()
    contains = serializers.IntegerField(help_text="Number of the last news in it.")
    submitted_at = serializers.DateTimeField()
    complete = serializers.BooleanField()
    reference = serializers.CharField()


class CaseSerializer(Reading):
    """A serious event, or one that was."""

    event = serializers.UUIDField(source="event.pk")
    rev = serializers.IntegerField(source="event.rev", help_text="Of the event; the first report goes by it.")
    code = serializers.CharField(help_text='Like "SAE 14"; the event is "AE 14".')
    patient = serializers.CharField(source="patient.code", help_text='Like "003".')
    serious = serializers.BooleanField(source="event.serious")
    criteria = serializers.ListField(
        source="event.serious_criteria", child=serializers.ChoiceField(Criterion.choices), allow_null=True,
        help_text="Null: from before they were asked; such a case has no clocks.",
    )  # fmt: skip
    aware_on = serializers.DateField(source="event.aware_on", allow_null=True)
    aware_at = serializers.DateTimeField(
        source="event.aware_at",
        allow_null=True,
        help_text="Null: only the day is known, or nothing; the clock begins with the entry then.",
    )
    reported_at = serializers.DateTimeField(source="event.sent_at", allow_null=True)
    received_at = serializers.DateTimeField(source="event.received_at", allow_null=True)
    clocks = ClockSerializer(many=True)
    news = NewsSerializer(many=True)
    submissions = SubmissionSerializer(many=True)


def _clock(timed: Timed) -> dict[str, Any]:
    names = ("number", "started_at", "by_day", "half_at", "due_at", "met_at", "stopped_at")
    return {name: getattr(timed.clock, name) for name in names} | {
        "kind": timed.clock.kind.value,
        "why_late": timed.lateness.why if timed.lateness else "",
    }


def shown(case: Case) -> dict[str, Any]:
    """A case in the shape of `CaseSerializer`."""
    return {
        "event": case.event, "code": case.code, "patient": case.patient, "news": case.news,
        "submissions": case.submissions, "clocks": [_clock(timed) for timed in case.clocks],
    }  # fmt: skip


class Cases(ListAPIView[Any], TrialEndpoint):
    queries = tuple(SortedCases.base_fields)
    right = May.READ_PATIENTS
    serializer_class = CaseSerializer

    def get_queryset(self) -> Any:
        site, at = self.scope.site, clock.now(simulated=self.scope.trial.simulated)
        here = situations.here(self.scope, self.stamp)
        ladder = [level.label for level in here.protocol.levels] if here else []
        cases = queries.cases(self.scope.trial.pk, site.pk if site else None)
        asked = SortedCases(self.request.query_params.dict(), cases=cases, ladder=ladder)
        check(asked)
        order = asked.cleaned_data["sort"] or "number"
        cases = [case for case in cases if asked.fits(case, at)]
        cases.sort(key=ORDERS[order.removeprefix("-")], reverse=order.startswith("-"))
        return [shown(case) for case in cases]

    @extend_schema(
        tags=["events"],
        summary="Serious events",
        parameters=[
            OpenApiParameter("q", str, description="Words of its number, patient, site, term or narrative."),
            OpenApiParameter("level", str, description="Label of the level that the patient received."),
            OpenApiParameter("patient", str, description="By number, like 003."),
            OpenApiParameter("site", str, description="By its code."),
            OpenApiParameter(
                "state", str, enum=list(STATES),
                description="open: something is owed; due: a clock runs and is not over; late: one is over and not "
                "kept, or its reason is owed; closed: nothing is owed.",
            ),
            OpenApiParameter("criterion", str, enum=Criterion.values),
            OpenApiParameter(
                "sort", str, enum=SORTS,
                description="due: of what runs, what is over first. With -, the other way round. Left out: by number.",
            ),
        ],
        responses={200: CaseSerializer(many=True), 400: WRONG, **CLOSED},
    )  # fmt: skip
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The serious events of the reader's sites with their clocks; `due_at` is the instant to count down to."""
        return super().get(request, *args, **kwargs)


class OfCase(TrialEndpoint):
    """An endpoint of one case; a case of another site is 404."""

    def case(self, event: UUID) -> Case:
        found = queries.by_event(self.scope.trial.pk, event)
        if found is None or not self.scope.sees(found.patient.site_id):
            raise Http404("No such serious event.")
        return found

    def act(
        self, request: Request, event: UUID, shape: type[serializers.Serializer[Any]], verb: Callable[..., object]
    ) -> Response:
        """Carry out what was sent, and show the case as it stands then."""
        key, case = key_of(request), self.case(event)
        asked = shape(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        for name, rows in (("follow_up", case.follow_ups), ("submission", case.submissions)):
            if said.get(name) and said[name] not in {row.pk for row in rows}:
                raise Http404("No such row of this case.")
        verb(trial=self.scope.trial.pk, event=case.event.pk, by=self.scope.user, key=key, **said)
        return Response(CaseSerializer(shown(self.case(event))).data, status=201)


class OneCase(OfCase):
    right = May.READ_PATIENTS

    @extend_schema(
        tags=["events"],
        summary="One serious event",
        parameters=[OpenApiParameter("event", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        responses={200: CaseSerializer, **CLOSED},
    )
    def get(self, request: Request, trial: UUID, event: UUID) -> Response:
        """A case that the reader may see, by the id of its event."""
        return Response(CaseSerializer(shown(self.case(event))).data)


# ---- what is sent; `rev` and `reason` are for what is recorded already ----

REASON: dict[str, Any] = {"max_length": 2000, "required": False, "default": "", "allow_blank": True}
WHY = "Why what was recorded is changed; needed then."


class MomentSerializer(serializers.Serializer[Any]):
    at = InstantField(help_text="With its offset.")
    rev = CountField(help_text="Of the event as it was read; of the follow-up where one is named.")
    reason = serializers.CharField(**REASON, help_text=WHY)


class ReceiptSerializer(MomentSerializer):
    follow_up = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Null: the first report of the case."
    )


class FollowUpSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=8000)
    aware_at = InstantField()
    reported_at = InstantField(required=False, allow_null=True, default=None, help_text="Null: by this request.")
    follow_up = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="One to complete or correct."
    )
    rev = CountField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(**REASON, help_text=WHY)


class SubmitSerializer(serializers.Serializer[Any]):
    at = InstantField()
    contains = CountField(min_value=1, help_text="Number of the last news in it.")
    complete = serializers.BooleanField(required=False, default=False)
    reference = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    submission = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="One to correct.")
    rev = CountField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(**REASON, help_text=WHY)


class LateSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(KINDS)
    number = CountField(min_value=1)
    why = serializers.CharField(max_length=8000)
    rev = CountField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(**REASON, help_text=WHY)


class DetailsSerializer(serializers.Serializer[Any]):
    age = CountField(required=False, allow_null=True, default=None)
    sex = serializers.ChoiceField(["", *CaseDetails.Sex.values], required=False, default="")
    tests = serializers.CharField(max_length=8000, required=False, default="", allow_blank=True)
    abated = serializers.ChoiceField(ANSWERS, required=False, default="")
    reappeared = serializers.ChoiceField(ANSWERS, required=False, default="")
    concomitant = serializers.CharField(max_length=8000, required=False, default="", allow_blank=True)
    medical_history = serializers.CharField(max_length=8000, required=False, default="", allow_blank=True)
    rev = CountField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(**REASON, help_text=WHY)


def _says(summary: str, shape: type[serializers.Serializer[Any]], example: dict[str, Any]) -> Callable[[Verb], Verb]:
    return extend_schema(
        tags=["events"],
        summary=summary,
        parameters=[KEY_HEADER, OpenApiParameter("event", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        request=shape,
        responses={201: CaseSerializer, **WRITES, **CLOSED},
        examples=[OpenApiExample("sent", example, request_only=True)],
    )


NINE = "2026-03-14T09:00:00+01:00"


class Reported(OfCase):
    right = May.REPORT_EVENT

    @_says("Report a serious event to the sponsor", MomentSerializer, {"at": NINE, "rev": 41})
    def post(self, request: Request, trial: UUID, event: UUID) -> Response:
        """The site tells the sponsor: its 24 hours are kept or not by it."""
        return self.act(request, event, MomentSerializer, services.report_case)


class Receipt(OfCase):
    right = May.HANDLE_CASE

    @_says("Record the receipt of a report", ReceiptSerializer, {"at": NINE, "rev": 42})
    def post(self, request: Request, trial: UUID, event: UUID) -> Response:
        """When the sponsor received the first report, or a follow-up: day 0 of what it began."""
        return self.act(request, event, ReceiptSerializer, services.receive)


class FollowUps(OfCase):
    right = May.REPORT_EVENT

    @_says("Report a follow-up", FollowUpSerializer, {"text": "Cultures negative.", "aware_at": NINE})
    def post(self, request: Request, trial: UUID, event: UUID) -> Response:
        """What the site learned since; what changes the event itself is corrected there."""

        def verb(*, text: str, aware_at: Any, reported_at: Any, **more: Any) -> object:
            return services.follow_up(said=FollowUp(text=text, aware_at=aware_at, reported_at=reported_at), **more)

        return self.act(request, event, FollowUpSerializer, verb)


class Submissions(OfCase):
    right = May.HANDLE_CASE

    @_says("Record a report to the authority", SubmitSerializer, {"at": NINE, "contains": 1, "complete": True})
    def post(self, request: Request, trial: UUID, event: UUID) -> Response:
        """It keeps each clock whose news is in it."""

        def verb(*, at: Any, contains: int, complete: bool, reference: str, **more: Any) -> object:
            said = Submitted(at=at, contains=contains, complete=complete, reference=reference)
            return sponsor.submit(said=said, **more)

        return self.act(request, event, SubmitSerializer, verb)


class LateReasons(OfCase):
    right = May.READ_PATIENTS  # the site gives it of its own clock, the sponsor of the others: the service asks

    @_says(
        "Say why a clock was not kept", LateSerializer, {"kind": "site", "number": 1, "why": "The ward told us late."}
    )
    def post(self, request: Request, trial: UUID, event: UUID) -> Response:
        """The site says it of its own clock, the sponsor of the others."""
        return self.act(request, event, LateSerializer, sponsor.explain)


class Details(OfCase):
    right = May.REPORT_EVENT

    @_says("Say what the case report asks beside the record", DetailsSerializer, {"age": 64, "sex": "female"})
    def post(self, request: Request, trial: UUID, event: UUID) -> Response:
        """The fields of CIOMS I that the record of the event does not hold."""

        def verb(*, trial: UUID, event: UUID, by: Any, key: UUID, rev: int | None, reason: str, **said: Any) -> object:
            return services.describe(
                trial=trial, event=event, said=Described(**said), rev=rev, reason=reason, by=by, key=key
            )

        return self.act(request, event, DetailsSerializer, verb)


urlpatterns = [
    path("serious-events/", Cases.as_view(), name="serious_events"),
    path("serious-events/<uuid:event>/", OneCase.as_view(), name="serious_event"),
    path("serious-events/<uuid:event>/report/", Reported.as_view(), name="serious_event_report"),
    path("serious-events/<uuid:event>/receipt/", Receipt.as_view(), name="serious_event_receipt"),
    path("serious-events/<uuid:event>/follow-ups/", FollowUps.as_view(), name="serious_event_follow_ups"),
    path("serious-events/<uuid:event>/submissions/", Submissions.as_view(), name="serious_event_submissions"),
    path("serious-events/<uuid:event>/late-reasons/", LateReasons.as_view(), name="serious_event_late_reasons"),
    path("serious-events/<uuid:event>/details/", Details.as_view(), name="serious_event_details"),
]
