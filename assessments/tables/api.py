"""REST of the safety tables: what the Safety pages show, live or as a meeting froze it, by the same functions."""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any, ClassVar
from uuid import UUID

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from escalation.situation import queries as situations
from trial.api import CLOSED, WRONG, TrialEndpoint, check
from trial.past import asked, then
from trial.people.access import Scope
from trial.people.entry import Stamp
from trial.roles import May

from . import listings
from .adverse import ALL, FILTERS, Counts, adverse_table, fits
from .behind import SHOWS
from .beyond import lines
from .common import Record, record
from .edish import QUADRANTS, quadrants
from .forms import ONLY, EventsFilter, PatientsFilter
from .heat import heat
from .incidence import incidence
from .shapes_api import (
    SafetyAdverseSerializer,
    SafetyBeyondSerializer,
    SafetyDisplaysSerializer,
    SafetyListingsSerializer,
    SafetyPatientsSerializer,
    SafetySummarySerializer,
)
from .summary import Range, disposition, dlt_rates, exposure, overview

CUT = OpenApiParameter(
    "cut",
    OpenApiTypes.INT,
    description="Record number of a frozen cut of a meeting; left out: the record as it stands.",
)
YES = {"type": "string", "enum": ["yes"]}
ASKED = [
    OpenApiParameter(name, YES, description=f"Only events that are this: {ONLY[name].lower()}.") for name in FILTERS
]


class _Safety(TrialEndpoint):
    right = May.READ_PATIENTS
    queries: ClassVar[tuple[str, ...]] = ("cut",)

    def asked(self, table: Collection[str] | None = None) -> Record:
        """The record that is asked of, as it stands or as a meeting froze it. table: as of `queries.safety`."""
        said = self.request.query_params.getlist(CUT.name)
        if not said:
            return self._read(self.scope, self.stamp, table)
        try:
            cut = asked.cut(self.scope.trial, said)
        except ValueError as fault:
            raise ValidationError({CUT.name: [str(fault)]}) from None
        with then.read(self.scope, cut, without=then.hidden(self.scope)) as scope:
            return self._read(scope, None, table)

    def _read(self, scope: Scope, at: Stamp | None, table: Collection[str] | None) -> Record:
        """Where the table of events alone is asked for, nobody asks where the trial stands."""
        return record(scope, situations.here(scope, at) if table is None else None, table=table)


def _of(found: Record, **more: Any) -> dict[str, Any]:
    return {"number": found.number, "on": found.on, "levels": found.safety.levels, "n": found.safety.n, **more}


def _groups(lines: Mapping[str, Mapping[str, frozenset[int]]], levels: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "line": name,
            "patients": {at: [f"{n:03d}" for n in sorted(by_level.get(at, ()))] for at in (*levels, ALL)},
        }
        for name, by_level in lines.items()
    ]


def _range(found: Range | None) -> dict[str, Any] | None:
    if found is None:
        return None
    values: Mapping[str, Fraction] = {"median": found.median, "low": found.low, "high": found.high}
    return {"n": found.n, **{name: float(value) for name, value in values.items()}}


class Summary(_Safety):
    @extend_schema(
        tags=["safety"],
        summary="Safety in short",
        parameters=[CUT],
        responses={200: SafetySummarySerializer, 400: WRONG, **CLOSED},
    )
    def get(self, request: Request, trial: UUID) -> Response:
        """Overview of treatment-emergent events, treatment, DLT rates, exposure, and time on hold."""
        found = self.asked()
        safety = found.safety
        answer = _of(
            found,
            overview=_groups(overview(safety.emergent, safety.patients), safety.levels),
            treatment=_groups(disposition(safety.patients), safety.levels),
            dlt_rates=[
                {
                    "level": one.level,
                    "treated": one.treated,
                    "evaluable": one.rate.n,
                    "dlts": one.rate.x,
                    "pending": one.pending,
                    "not_evaluable": one.left_out,
                    "estimate": one.rate.estimate,
                    "lower": one.rate.lower,
                    "upper": one.rate.upper,
                }
                for one in dlt_rates(safety.patients, found.outcomes, safety.levels)
            ],
            exposure=[
                {
                    "level": one.level,
                    "n": one.n,
                    "cycles": _range(one.cycles),
                    "days": _range(one.days),
                    "dosed": {name: _range(of) for name, of in one.dosed.items()},
                    "intensity": {name: _range(of) for name, of in one.intensity.items()},
                    "reduced": {name: {"x": x, "n": n} for name, (x, n) in one.reduced.items()},
                }
                for one in exposure(safety.patients, safety.levels, safety.drugs)
            ],
            days_held=found.days_held,
            holds=[one._asdict() for one in found.holds],
            levels_held=[
                {**one._asdict(), "spells": [spell._asdict() for spell in one.spells]} for one in found.levels_held
            ],
        )
        return Response(SafetySummarySerializer(answer).data)


class AdverseEvents(_Safety):
    queries = ("cut", *FILTERS)

    @extend_schema(
        tags=["safety"],
        summary="The table of adverse events",
        parameters=[CUT, *ASKED],
        responses={200: SafetyAdverseSerializer, 400: WRONG, **CLOSED},
    )
    def get(self, request: Request, trial: UUID) -> Response:
        """Treatment-emergent events by class and term, each patient once a line at his worst grade."""
        form = EventsFilter(request.query_params)
        check(form)
        found = self.asked(form.filters)
        safety = found.safety
        events = [one for one in safety.emergent if fits(one, form.filters)]
        table = adverse_table(events, safety.patients, safety.levels)
        lines = [
            {"soc": one.soc, "term": one.term, "counts": {at: _counts(of) for at, of in one.counts.items()}}
            for one in table.lines
        ]
        answer = _of(found, emergent_days=safety.settings.emergent_days, events=len(events), lines=lines)
        return Response(SafetyAdverseSerializer(answer).data)


def _counts(of: Counts) -> dict[str, int]:
    return {"any": of.any, **of._asdict()}


class Listings(_Safety):
    @extend_schema(
        tags=["safety"],
        summary="Listings of safety",
        parameters=[CUT],
        responses={200: SafetyListingsSerializer, 400: WRONG, **CLOSED},
    )
    def get(self, request: Request, trial: UUID) -> Response:
        """Serious events, DLTs, deaths, ends of treatment, and the events that no table counts."""
        found = self.asked()
        answer = _of(
            found,
            serious=listings.serious(found.safety),
            dlts=listings.dlts(found.safety, found.dlts),
            others=listings.others(found.safety),
            deaths=listings.deaths(found.safety),
            ends_of_treatment=listings.discontinuations(found.safety),
        )
        return Response(SafetyListingsSerializer(answer).data)


class Displays(_Safety):
    @extend_schema(
        tags=["safety"],
        summary="Displays of safety as numbers",
        parameters=[CUT],
        responses={200: SafetyDisplaysSerializer, 400: WRONG, **CLOSED},
    )
    def get(self, request: Request, trial: UUID) -> Response:
        """Worst grades by cycle, the cumulative incidence of severe toxicity, and the quadrants of Hy's law."""
        found = self.asked()
        safety = found.safety
        rows = heat(safety.patients, safety.emergent, safety.settings.cycle_days)
        answer = _of(
            found,
            heat=[{"patient": row.patient.code, "level": row.patient.level, "grades": row.grades} for row in rows],
            incidence=incidence(list(found.followed.values())),
            liver=[
                {"quadrant": QUADRANTS[name], "patients": [one.code for one in of]}
                for name, of in quadrants(safety.liver).items()
            ],
            edish=safety.points,
        )
        return Response(SafetyDisplaysSerializer(answer).data)


class BeyondWindow(_Safety):
    @extend_schema(
        tags=["safety"],
        summary="Toxicity beyond the DLT window",
        parameters=[CUT],
        responses={200: SafetyBeyondSerializer, 400: WRONG, **CLOSED},
    )
    def get(self, request: Request, trial: UUID) -> Response:
        """By level and cycle: patients at risk after their window, and rates with exact intervals."""
        found = self.asked()
        answer = _of(
            found,
            lines=[
                {
                    "level": one.level,
                    "cycle": one.cycle,
                    "patients": [f"{n:03d}" for n in sorted(one.patients)],
                    "rates": [
                        {
                            "what": name,
                            "x": rate.x,
                            "n": rate.n,
                            "estimate": rate.estimate,
                            "lower": rate.lower,
                            "upper": rate.upper,
                            "patients": [f"{n:03d}" for n in sorted(who)],
                        }
                        for name, (rate, who) in one.found.items()
                    ],
                }
                for one in lines(found.beyond, found.safety.levels)
            ],
        )
        return Response(SafetyBeyondSerializer(answer).data)


class Patients(_Safety):
    queries = ("cut", *FILTERS, "show", "level", "soc", "term", "band", "reason", "cycle", "drug", "day")

    @extend_schema(
        tags=["safety"],
        summary="The patients behind a number",
        parameters=[
            CUT,
            *ASKED,
            OpenApiParameter("show", {"type": "string", "enum": list(SHOWS)}, description="What the number counts."),
            OpenApiParameter("level", OpenApiTypes.STR, description="Received; left out: all."),
            OpenApiParameter("soc", OpenApiTypes.STR),
            OpenApiParameter("term", OpenApiTypes.STR),
            OpenApiParameter(
                "band", {"type": "string", "enum": ["any", *Counts._fields]}, description="Of the worst grade."
            ),
            OpenApiParameter("reason", OpenApiTypes.STR, description="Of the end of treatment."),
            OpenApiParameter("cycle", OpenApiTypes.INT, description="Of what lies beyond the DLT window."),
            OpenApiParameter("drug", OpenApiTypes.STR, description="Of the exposure."),
            OpenApiParameter("day", OpenApiTypes.INT, description="After the first dose, of what came first by then."),
        ],
        responses={200: SafetyPatientsSerializer, 400: WRONG, **CLOSED},
    )
    def get(self, request: Request, trial: UUID) -> Response:
        """Each once, with the events that put him there."""
        found = self.asked()
        form = PatientsFilter(request.query_params, levels=found.safety.levels)
        check(form)
        answer = _of(
            found,
            patients=[
                {
                    "patient": one.patient.code,
                    "level": one.patient.level,
                    "outcome": found.outcomes.get(one.patient.number, "pending"),
                    "events": [event.event.number for event in one.events],
                    "value": None if one.value is None else float(one.value),
                }
                for one in found.behind(form.wanted)
            ],
        )
        return Response(SafetyPatientsSerializer(answer).data)


urlpatterns = [
    path("safety/", Summary.as_view(), name="safety"),
    path("safety/adverse-events/", AdverseEvents.as_view(), name="safety_adverse_events"),
    path("safety/listings/", Listings.as_view(), name="safety_listings"),
    path("safety/displays/", Displays.as_view(), name="safety_displays"),
    path("safety/beyond-window/", BeyondWindow.as_view(), name="safety_beyond_window"),
    path("safety/patients/", Patients.as_view(), name="safety_patients"),
]
