"""REST: what all endpoints share, the endpoints of the ground floor, and the schema with its reading room.

Everything is closed by default: 401 for nobody, 404 for a trial that is not the reader's, 403 without the right.
A refusal of a service is 409 with its sentence, a reused key 422; everything else is as DRF does it.
"""

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import Http404, HttpResponseBase
from django.urls import path
from django.utils.cache import get_conditional_response, patch_vary_headers
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from escalation.protocol import effect as protocol_effect
from escalation.situation import queries as escalation

from . import dates, numbers, queries
from .models import ProtocolVersion
from .operations import rate
from .operations.requests import Pages, whole
from .people import access
from .people.access import Scope
from .people.entry import Entry, Stamp, by_person
from .problem import PROBLEM, problem, wrong
from .refusals import Again, KeyReused, Refused
from .roles import May

KEY = "Idempotency-Key"
VERSION = {"type": "integer", "minimum": 1, "maximum": numbers.LARGEST}


def answer_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler plus the two refusals of the services, as RFC 9457 has it."""
    if isinstance(error, Refused):
        status = 422 if isinstance(error, KeyReused) else 409
        there = {"there": {"id": error.row, "code": error.code}} if isinstance(error, Again) else {}
        said = problem(status, str(error), field=error.field, **there)
        return Response(said, status=status, content_type=PROBLEM)
    answer: Response | None = exception_handler(error, context)
    if answer is not None:
        is_wrong = isinstance(error, ValidationError)
        answer.data = wrong(answer.status_code, answer.data) if is_wrong else _told(answer)
        answer.content_type = PROBLEM
    return answer


def _told(answer: Response) -> dict[str, Any]:
    assert answer.data is not None
    errors: dict[str, Any] = {"errors": {}} if answer.status_code == 400 else {}  # of a body that nobody can read
    return problem(answer.status_code, str(answer.data["detail"]), **errors)


def check(form: BaseForm, named: Callable[[str], str] = str) -> None:
    """Raise ValidationError with what a form says of a query. named: its fields as the query has them."""
    if not form.is_valid():
        raise ValidationError({named(name): [str(one) for one in told] for name, told in form.errors.items()})


def key_of(request: Request) -> UUID:
    """The service's key, from the header that every write needs: sent again with it, a request changes nothing."""
    try:
        return UUID(request.headers.get(KEY, ""))
    except ValueError:
        raise ValidationError(
            {KEY: ["Send a UUID that is new for each request, and the same when you repeat it."]}
        ) from None


class DayField(serializers.DateField):
    """A date as it is sent: in the two forms that people type, no other; it is shown as 2026-03-14."""

    def to_internal_value(self, value: Any) -> date:
        try:
            return dates.read(value.strip() if isinstance(value, str) else "")
        except ValueError as fault:
            raise serializers.ValidationError(f"{str(fault)[0].upper()}{str(fault)[1:]}", code="invalid") from None


class InstantField(serializers.DateTimeField):
    """An instant as it is sent: with its offset, for a time without one is another instant elsewhere."""

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            raise serializers.ValidationError("Give the offset too, like 2026-03-14T16:30:00+01:00.", code="invalid")
        return super().enforce_timezone(value)


class CountField(serializers.IntegerField):
    """A number that something has: within what the database can hold."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": numbers.LARGEST} | more)


@extend_schema_field(OpenApiTypes.STR)
class PartialField(serializers.Field[Any, Any, str, Any]):
    """A date, or as much of it as is known: 2026-03-14, 2026-03 or 2026."""

    def to_internal_value(self, value: Any) -> dates.Partial:
        try:
            return dates.read_partial(value.strip() if isinstance(value, str) else "")
        except ValueError as fault:
            raise serializers.ValidationError(f"{str(fault)[0].upper()}{str(fault)[1:]}", code="invalid") from None

    def to_representation(self, value: Any) -> str:
        return str(value)


class Endpoint(GenericAPIView[Any]):
    """What a signed-in person or a token may ask. No form, no list of the model's columns: each says what it gives.

    queries: the names that may stand after the question mark, besides those of the pages of a list. Any other is
    refused: an answer that passes one over would be taken for what it is not.
    """

    queries: ClassVar[tuple[str, ...]] = ()

    filter_backends = ()
    pagination_class = Pages
    metadata_class = None  # the schema describes the endpoints; OPTIONS does not

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        known = (*self.queries, *(Pages.names if isinstance(self, ListAPIView) else ()))
        if others := sorted(set(request.query_params) - {*known, "format"}):
            knows = f"this address takes {', '.join(known)}" if known else "this address takes none"
            raise ValidationError({others[0]: [f"No such parameter: {knows}."]})
        if empty := [name for name, given in request.query_params.items() if name != "format" and not given]:
            raise ValidationError({name: ["Give a value, or leave the parameter out."] for name in empty})

    def finalize_response(self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]
        patch_vary_headers(answer, ["Authorization", "Cookie"])
        for name, value in rate.headers(request).items():
            answer.headers[name] = value
        return answer


class TrialEndpoint(Endpoint):
    """An endpoint of one trial. The scope is entered before any read: 404 for a stranger, 403 without the right.

    rights: what a method other than reading needs besides.
    """

    right: ClassVar[May] = May.READ
    rights: ClassVar[dict[str, May]] = {}
    scope: Scope
    stamp: Stamp | None  # where the record stood when it was entered

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        right = self.rights.get(request.method or "", self.right)
        found: Entry | None = getattr(request, "entry", None)  # read with the token
        found = found or by_person(access.person(self.request), kwargs["trial"])
        self.scope, self.stamp = access.entered(found, right), found.stamp

    def etag(self, token: str) -> str:
        """The tag of this representation, from what stands for the trial's state and the reader (docs/api.md)."""
        parts = (token, self.request.path, self.request.accepted_renderer.media_type)
        return '"' + hashlib.sha256(".".join(parts).encode()).hexdigest()[:32] + '"'

    def unchanged(self, tag: str) -> HttpResponseBase | None:
        """304 when the reader holds `tag` already; nothing has been computed for it."""
        answer = get_conditional_response(self.request._request, etag=tag)
        return tagged(answer, tag) if answer is not None else None


def tagged(answer: Any, tag: str) -> Any:
    """The tag, and leave for the reader's own store to keep the answer if it asks again before each use."""
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


# ---- serializers: explicit, read-only ----


# A shape that is only given out: every field is read-only. (A docstring here would describe every shape in the schema.)
class Reading(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for field in fields.values():
            field.read_only = True
        return fields


# Not Reading: a field that is only read is always there, by the schema. (And no docstrings here, which it would show.)
class ProblemSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(help_text="Always about:blank: the status says it all.")
    title = serializers.CharField(help_text="Of the status.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="The sentence that may be shown to a person.")
    field = serializers.CharField(allow_null=True, help_text="The input at fault, when one is.")


class ThereSerializer(Reading):
    id = serializers.UUIDField()
    code = serializers.CharField(help_text='Like "AE 12".')


class RefusalSerializer(ProblemSerializer):
    there = ThereSerializer(required=False, help_text="The row that seems to be the same, when that is why.")


class WrongSerializer(ProblemSerializer):
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), help_text="Every sentence, by name of the input."
    )


# ---- what the schema says of every endpoint ----

REFUSAL = OpenApiResponse(
    RefusalSerializer,
    "Refused: what the trial's state forbids.",
    [
        OpenApiExample(
            "refused",
            problem(409, "No slot is free at level 2: a decision is due."),
            status_codes=["409"],
        )
    ],
)
WRONG = OpenApiResponse(WrongSerializer, "The request has the wrong shape.")


def said(status: int, detail: str, sentence: str) -> OpenApiResponse:
    return OpenApiResponse(ProblemSerializer, detail, [OpenApiExample("problem", problem(status, sentence))])


NOBODY = said(
    401, "No token, or one that is unknown, expired or revoked.", "Authentication credentials were not provided."
)
FORBIDDEN = said(403, "The reader's role lacks the right.", "As Administrator you may not read this trial.")
STRANGER = said(404, "No such trial for this reader, or no such row within his sites.", "No such trial.")
CLOSED = {401: NOBODY, 403: FORBIDDEN, 404: STRANGER}
WRITES = {400: WRONG, 409: REFUSAL, 422: OpenApiResponse(RefusalSerializer, "The key was used for another request.")}
KEY_HEADER = OpenApiParameter(
    KEY,
    OpenApiTypes.UUID,
    OpenApiParameter.HEADER,
    required=True,
    description="New for each request; the same when it is repeated. The repeated one gets the first answer.",
)


class TrialSerializer(Reading):
    id = serializers.UUIDField()
    code = serializers.CharField()
    title = serializers.CharField()
    disease = serializers.CharField()
    time_zone = serializers.CharField(help_text="Of the trial's clinical date.")
    simulated = serializers.BooleanField(help_text="Played under the simulated clock, never real.")
    illustrative = serializers.BooleanField(help_text="Doses and settings are an illustration.")
    label = serializers.CharField(help_text="Said on every page: demo data, source.")  # type: ignore[assignment]


class DoseSerializer(Reading):
    drug = serializers.CharField(source="drug.name")
    amount = serializers.DecimalField(12, 4, allow_null=True, help_text="Null: published as a label only.")
    unit = serializers.CharField()
    schedule = serializers.CharField()
    per_cycle = serializers.IntegerField(allow_null=True)
    days = serializers.ListField(
        child=serializers.IntegerField(), allow_null=True, help_text="Of a cycle, 1 the first; null: words alone."
    )
    times = serializers.IntegerField(allow_null=True, help_text="How often on each of those days.")


class DoseLevelSerializer(Reading):
    id = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment]


class LadderStepSerializer(DoseLevelSerializer):
    doses = DoseSerializer(source="doses.all", many=True)


class CriterionSerializer(Reading):
    number = serializers.IntegerField()
    text = serializers.CharField()
    procedure = serializers.BooleanField(
        allow_null=True, help_text="Its answer takes a study procedure, so it follows the consent; null: it takes none."
    )


class VersionSerializer(Reading):
    number = serializers.IntegerField()
    written_on = serializers.DateField()
    in_force_from = serializers.IntegerField(help_text="Number of the trial's ledger.")
    reason = serializers.CharField()
    included_patients = serializers.SerializerMethodField(
        help_text="Numbers of the patients in the DLT window whom the amendment includes; null: not for this reader."
    )

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField(allow_null=True)))
    def get_included_patients(self, version: ProtocolVersion) -> list[int | None]:
        return [patient and patient.number for patient in self.context["included"].get(version.pk, [])]


class ProtocolSerializer(Reading):
    version = VersionSerializer()
    settings = serializers.DictField(help_text="Every setting by name (docs/domain.md, section 2); decimals as text.")
    levels = LadderStepSerializer(many=True, help_text="Lowest first: position 1, 2, 3 …")
    eligibility = CriterionSerializer(many=True)
    versions = VersionSerializer(many=True, help_text="All versions, latest first.")


# ---- endpoints ----


@extend_schema(tags=["trials"], summary="My trials", responses={200: TrialSerializer(many=True), 401: NOBODY})
class Trials(ListAPIView[Any], Endpoint):
    """The trials that the reader is a member of; an administrator sees the names of all, not their data."""

    serializer_class = TrialSerializer

    def get_queryset(self) -> Any:
        return access.trials(access.person(self.request))


class Protocol(TrialEndpoint):
    queries = ("version",)

    @extend_schema(
        tags=["trials"],
        summary="The protocol in force",
        parameters=[OpenApiParameter("version", VERSION, description="Another version than the one in force.")],
        responses={200: ProtocolSerializer, 400: WRONG, **CLOSED},
    )
    def get(self, request: Request, trial: UUID) -> Response:
        """Settings, ladder with doses, and eligibility criteria; `version` asks for an earlier one."""
        found = queries.protocol(trial, whole(request, "version", least=1))
        if found is None:
            raise Http404("No such version of the protocol.")
        shown = {
            "version": found.version,
            "settings": found.settings.as_json(),
            "levels": found.levels,
            "eligibility": queries.criteria(found.version.pk),
            "versions": queries.versions(trial),
        }
        here = escalation.here(self.scope)
        included = protocol_effect.included(self.scope, here) if here else {}
        return Response(ProtocolSerializer(shown, context={"included": included}).data)


class Schema(SpectacularAPIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The OpenAPI description of all endpoints."""
        answer: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        return answer


class Docs(SpectacularSwaggerSplitView):
    """Swagger UI: the page and its script apart, so that the strict Content-Security-Policy holds."""

    permission_classes = [IsAuthenticated]
    template_name = "trial/api_docs.html"
    url_name = "api:schema"
    title = "REST interface"


urlpatterns = [
    path("schema", Schema.as_view(), name="schema"),
    path("docs", login_required(Docs.as_view()), name="docs"),
    path("trials/", Trials.as_view(), name="trials"),
    path("trials/<uuid:trial>/protocol", Protocol.as_view(), name="protocol"),
]
