"""REST of a patient's doses by cycle: what was planned and taken of each drug, and recording a cycle."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.count import queries as count
from assessments.count.queries import PatientFacts
from assessments.exposure import services
from assessments.exposure.services import DayChange
from patients.dosing import cycles
from patients.dosing.course import Course, exposure, reductions
from patients.dosing.models import DoseDay
from patients.queries import plain
from trial import queries as ground
from trial.api import CLOSED, KEY_HEADER, WRITES, CountField, Reading, TrialEndpoint, key_of
from trial.percentages import percent_text
from trial.refusals import Refused
from trial.roles import May

PATIENT = OpenApiParameter("patient", OpenApiTypes.UUID, OpenApiParameter.PATH)


class DayOfDoseSerializer(serializers.Serializer[Any]):
    """A day of the cycle on which the drug was not taken as planned."""

    day = serializers.IntegerField(min_value=-1000, max_value=1000, help_text="Of the cycle; 1 is its first.")
    state = serializers.ChoiceField(DoseDay.State.choices)
    taken = serializers.DecimalField(12, 4, required=False, default=Decimal(0), help_text="Over the day.")
    because = serializers.ChoiceField(DoseDay.Because.choices)
    event = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="The event behind it.")
    note = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class ExposureSerializer(Reading):
    """One drug; amounts in `unit`. Planned is whole, also of days that are held, reduced or not recorded yet."""

    drug = serializers.CharField()
    unit = serializers.CharField()
    planned = serializers.CharField()
    taken = serializers.CharField()
    intensity = serializers.CharField(allow_null=True, help_text="Taken of planned, of the days that are recorded.")
    days_taken = serializers.IntegerField()
    reduced = serializers.IntegerField(help_text="Days.")
    held = serializers.IntegerField(help_text="Days.")
    missed = serializers.IntegerField(help_text="Days.")
    open_days = serializers.IntegerField(help_text="Planned, gone by and not recorded.")
    last_on = serializers.DateField(allow_null=True, help_text="The last dose taken.")


class DrugOfAllSerializer(ExposureSerializer):
    reductions = serializers.IntegerField(help_text="How often less was given than the step before.")


class DrugOfCycleSerializer(ExposureSerializer):
    recorded_to = serializers.IntegerField(allow_null=True, help_text="Day of the cycle; null: nothing is recorded.")
    changes = DayOfDoseSerializer(many=True, help_text="All other days to `recorded_to` went as planned.")


class CycleSerializer(Reading):
    number = serializers.IntegerField()
    began_on = serializers.DateField()
    rev = serializers.IntegerField(help_text="Number of the last change of its doses; 0: none is recorded.")
    drugs = DrugOfCycleSerializer(many=True)


class CyclesSerializer(Reading):
    patient = serializers.CharField(help_text='Like "003".')
    drugs = DrugOfAllSerializer(many=True, help_text="Over every cycle begun.")
    cycles = CycleSerializer(many=True)


class NewDrugSerializer(serializers.Serializer[Any]):
    drug = serializers.CharField(max_length=120)
    changes = DayOfDoseSerializer(many=True, required=False, default=list, help_text="None: as planned.")


class NewCycleSerializer(serializers.Serializer[Any]):
    cycle = CountField()
    drugs = NewDrugSerializer(
        many=True, required=False, default=list, help_text="What is recorded of each; none: every drug as planned."
    )
    last_day = CountField(
        required=False, allow_null=True, default=None, help_text="Recorded to; null: to its last day, or to today."
    )
    rev = CountField(required=False, allow_null=True, default=None, help_text="As it was read; a later one refuses.")
    reason = serializers.CharField(
        max_length=2000, required=False, default="", allow_blank=True, help_text="Of a correction."
    )


class Cycles(TrialEndpoint):
    right = May.READ_PATIENTS
    rights = {"POST": May.RECORD_DOSING}

    @extend_schema(
        tags=["patients"],
        summary="Doses by cycle",
        parameters=[PATIENT],
        responses={200: CyclesSerializer, **CLOSED},
    )
    def get(self, request: Request, trial: UUID, patient: UUID) -> Response:
        """Of a patient of the reader's sites who had a first dose: each drug whose schedule is data, by cycle."""
        return Response(self._shown(self._find(patient)))

    @extend_schema(
        tags=["patients"],
        summary="Record the doses of a cycle",
        parameters=[PATIENT, KEY_HEADER],
        request=NewCycleSerializer,
        responses={201: CyclesSerializer, **WRITES, **CLOSED},
        examples=[
            OpenApiExample("as planned", {"cycle": 1}, request_only=True),
            OpenApiExample(
                "a day missed",
                {
                    "cycle": 2, "last_day": 28, "rev": 41, "reason": "As the diary says.",
                    "drugs": [
                        {"drug": "selinexor", "changes": [{"day": 8, "state": "missed", "because": "patient"}]}
                    ],
                },
                request_only=True,
            ),
        ],
    )  # fmt: skip
    def post(self, request: Request, trial: UUID, patient: UUID) -> Response:
        """As planned, but for the days given. What is sent of a drug replaces what was recorded of it in the cycle."""
        key = key_of(request)
        f = self._find(patient)
        assert f.course is not None
        asked = NewCycleSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        names = {drug.name: drug.pk for drug in ground.drugs(trial)}
        drugs = said.pop("drugs") or [{"drug": drug, "changes": []} for drug in f.course.plans]
        if unknown := next((one["drug"] for one in drugs if one["drug"] not in names), None):
            raise Refused(f"Drugs: {unknown} is no drug of this trial.", field="drugs")
        doses = {names[one["drug"]]: [DayChange(**day) for day in one["changes"]] for one in drugs}
        services.record_cycle(trial=trial, patient=patient, doses=doses, by=self.scope.user, key=key, **said)
        return Response(self._shown(self._find(patient)), status=201)

    def _find(self, patient: UUID) -> PatientFacts:
        found = count.one(self.scope.trial.pk, patient, self.scope.days)
        if found is None or found.course is None or not self.scope.sees(found.patient.site_id):
            raise Http404("No such patient with a first dose.")
        return found

    def _shown(self, f: PatientFacts) -> Any:
        course, today = f.course, self.scope.today_at(f.patient.site)
        assert course is not None
        rows = cycles.of_patient(f.patient.pk)
        return CyclesSerializer(
            {
                "patient": f.patient.code,
                "drugs": [
                    _exposure(course, drug, today) | {"reductions": len(reductions(course, drug, today))}
                    for drug in course.plans
                ],
                "cycles": [
                    {
                        "number": cycle.number,
                        "began_on": cycle.began_on,
                        "rev": max((row.rev for row in rows.of_cycle(cycle.number)), default=0),
                        "drugs": [
                            _exposure(course, drug, today, cycle.number)
                            | {
                                "recorded_to": said.last_day if (said := cycle.said.get(drug)) else None,
                                "changes": [said.changes[day] for day in sorted(said.changes)] if said else [],
                            }
                            for drug in course.plans
                        ],
                    }
                    for cycle in course.cycles
                ],
            }
        ).data


def _exposure(course: Course, drug: str, today: Any, only: int | None = None) -> dict[str, Any]:
    found = exposure(course, drug, today, only)
    return {
        "drug": drug,
        "unit": course.plans[drug].unit,
        "planned": plain(found.planned),
        "taken": plain(found.taken),
        "intensity": None if found.intensity is None else percent_text(found.intensity * 100),
        **{name: getattr(found, name) for name in ("days_taken", "reduced", "held", "missed", "open_days", "last_on")},
    }


urlpatterns = [path("patients/<uuid:patient>/cycles/", Cycles.as_view(), name="cycles")]
