"""The shapes of adverse events at the REST door: as they are read, and as they are reported."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from trial.api import DayField, InstantField, PartialField, Reading

from ..dlt import event as dlt
from ..event_words import Action, Criterion, Outcome
from ..models import DltVerdict, Relation
from .liver import EVERY_UNIT


class RelationSerializer(Reading):
    drug = serializers.CharField()
    degree = serializers.ChoiceField(Relation.Degree.choices, allow_null=True, help_text="Null: not answered yet.")


class ActionSerializer(Reading):
    drug = serializers.CharField()
    action = serializers.ChoiceField(Action.choices)


class GradedSerializer(serializers.Serializer[Any]):
    on = DayField(help_text="From this day on.")
    grade = serializers.IntegerField(
        min_value=1, max_value=5, allow_null=True, help_text="Null: it waits for the investigator."
    )


class ExpectednessSerializer(Reading):
    expected = serializers.BooleanField(allow_null=True, help_text="Null: it cannot be said yet.")
    because = serializers.CharField(help_text="Which list of expected terms says so, or the sponsor's reason.")
    overruled = serializers.BooleanField(help_text="The sponsor overrules the list.")


class VerdictSerializer(Reading):
    reader = serializers.ChoiceField(DltVerdict.Reader.choices)
    by = serializers.CharField(source="by.name")
    is_dlt = serializers.BooleanField()
    criterion = serializers.CharField()
    reason = serializers.CharField()
    given_at = serializers.DateTimeField()


class EventSerializer(Reading):
    """An adverse event and what follows from it for the count."""

    id = serializers.UUIDField()
    number = serializers.IntegerField(help_text='People see "AE 14".')
    rev = serializers.IntegerField(help_text="Number of its last change.")
    patient = serializers.CharField(help_text='Like "003".')
    term = serializers.CharField(help_text="CTCAE term.")
    soc = serializers.CharField(help_text="Organ class of the term.")
    specified = serializers.CharField()
    grade = serializers.IntegerField(allow_null=True, help_text="The worst; null: it waits for the investigator.")
    steps = GradedSerializer(many=True, help_text="Its grades from the onset on; of one grade that one.")
    onset_on = PartialField(source="onset", help_text="Or 2026-03, or 2026, where the day is not known yet.")
    ended_on = serializers.DateField(allow_null=True, help_text="Null: ongoing.")
    outcome = serializers.ChoiceField(Outcome.choices, allow_null=True, help_text="Null: not said yet.")
    onset_day = serializers.IntegerField(
        allow_null=True,
        help_text="Day 1 is the first dose, the day before it -1; null: no dose yet, or the day is not known.",
    )
    lowest_value = serializers.DecimalField(12, 4, allow_null=True, help_text="Of a count, 10^9/L (CTCAE 6.0).")
    peak_value = serializers.DecimalField(12, 4, allow_null=True, help_text="Of a liver test, in `peak_unit`.")
    peak_unit = serializers.CharField(allow_null=True)
    peak_uln = serializers.DecimalField(12, 4, allow_null=True, help_text="Its upper limit of normal.")
    unusual = serializers.CharField(allow_null=True, help_text="Why an unlikely peak stands; null: it is none.")
    qualifiers = serializers.DictField(child=serializers.BooleanField(allow_null=True))
    suspected = serializers.BooleanField(help_text="The investigator asks for DLT verdicts.")
    delays_cycle_2 = serializers.BooleanField(help_text="Cycle 2 is held for it (criterion N4).")
    doses_missed = serializers.BooleanField(allow_null=True, help_text="Doses were missed for it; null: not asked.")
    serious = serializers.BooleanField()
    serious_criteria = serializers.ListField(
        child=serializers.ChoiceField(Criterion.choices), help_text="Empty of a serious event from before it was asked."
    )
    expectedness = ExpectednessSerializer()
    narrative = serializers.CharField(help_text="What happened, in the site's words.")
    aware_on = serializers.DateField(allow_null=True)
    aware_at = serializers.DateTimeField(allow_null=True, help_text="Null: only the day is known, or nothing.")
    sent_at = serializers.DateTimeField(allow_null=True, help_text="When the site told the sponsor; null: not yet.")
    reported_by = serializers.CharField()
    reported_at = serializers.DateTimeField()
    relations = RelationSerializer(many=True, help_text="By the investigator.")
    sponsor_relations = RelationSerializer(many=True, help_text="By the sponsor, beside the investigator's.")
    differing = serializers.ListField(
        child=serializers.CharField(), help_text="Drugs to which one of the two relates it and the other does not."
    )
    actions = ActionSerializer(many=True, help_text="What was done about the dose; a missing drug is not answered.")
    state = serializers.ChoiceField(["none", "open", "suspected", "dlt", "not_dlt"])
    criterion = serializers.CharField(allow_null=True, help_text="The DLT criterion that the record suggests.")
    because = serializers.CharField(help_text="Why it is, or is not, suggested.")
    verdicts = VerdictSerializer(many=True, help_text="Of the last reading; shut until both readers have answered.")
    your_turn = serializers.BooleanField(help_text="You can give a verdict on it now.")


class PeakField(serializers.DecimalField):
    def __init__(self, **more: Any) -> None:
        super().__init__(12, 4, min_value=0, required=False, allow_null=True, default=None, **more)


class ReportSerializer(serializers.Serializer[Any]):
    """An adverse event as reported. Shape is checked here; what the trial allows, by the service."""

    patient = serializers.UUIDField()
    term = serializers.CharField(max_length=150, help_text="A term of the trial's CTCAE version, exactly.")
    grade = serializers.IntegerField(
        min_value=1, max_value=5, required=False, allow_null=True, default=None,
        help_text="The worst, or with `steps` left out. A coordinator leaves it to the investigator.",
    )  # fmt: skip
    steps = GradedSerializer(
        many=True, required=False, default=list,
        help_text="Its grades over time, the first of the day of the onset; needed only where there is more than one.",
    )  # fmt: skip
    onset_on = PartialField(help_text="2026-03-14; 2026-03 or 2026 where the day is not known.")
    ended_on = DayField(required=False, allow_null=True, default=None, help_text="Null: ongoing.")
    outcome = serializers.ChoiceField(Outcome.choices, required=False, allow_null=True, default=None)
    actions = serializers.DictField(
        child=serializers.ChoiceField(Action.choices), required=False, default=dict,
        help_text="What was done about the dose, by the drug's name or id; a missing one is not answered.",
    )  # fmt: skip
    serious_criteria = serializers.ListField(
        child=serializers.ChoiceField(Criterion.choices), required=False, default=list,
        help_text="Why it is serious; a serious event has at least one.",
    )  # fmt: skip
    narrative = serializers.CharField(max_length=10_000, required=False, default="", allow_blank=True)
    aware_at = InstantField(required=False, allow_null=True, default=None, help_text="The moment of `aware_on`.")
    sent_at = InstantField(
        required=False, allow_null=True, default=None,
        help_text="When the site told the sponsor; null: not yet, see `serious-events/`.",
    )  # fmt: skip
    specified = serializers.CharField(
        max_length=200, required=False, default="", allow_blank=True, help_text='The words after "Other, specify".'
    )
    relations = serializers.DictField(
        child=serializers.ChoiceField(Relation.Degree.choices),
        required=False,
        default=dict,
        help_text="By the drug's name, as events show it, or its id; a missing one is not answered.",
    )
    qualifiers = serializers.DictField(
        child=serializers.BooleanField(allow_null=True),
        required=False,
        default=dict,
        help_text=f"Answers that the DLT criteria ask for: {', '.join(dlt.QUALIFIERS)}; null: not answered.",
    )
    lowest_value = serializers.DecimalField(
        12,
        4,
        min_value=0,
        required=False,
        allow_null=True,
        default=None,
        help_text="Of neutrophils, platelets or white cells, 10^9/L, in a trial on CTCAE 6.0: criteria go by it.",
    )
    peak_value = PeakField(help_text="Of ALT, AST or bilirubin; with `peak_unit` and `peak_uln`, or none of them.")
    peak_unit = serializers.ChoiceField(EVERY_UNIT, required=False, allow_blank=True, default="")
    peak_uln = PeakField(help_text="Upper limit of normal of the same test.")
    unusual = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="", help_text="Why an unlikely peak stands."
    )
    suspected = serializers.BooleanField(required=False, default=False, help_text="Asks for DLT verdicts.")
    delays_cycle_2 = serializers.BooleanField(required=False, default=False, help_text="Cycle 2 is held for it.")
    doses_missed = serializers.BooleanField(required=False, default=False, help_text="Doses were missed for it.")
    serious = serializers.BooleanField(required=False, default=False)
    again = serializers.BooleanField(
        required=False,
        default=False,
        help_text="A second event of the same patient, term and onset as one that is there; 409 names it without this.",
    )
    aware_on = DayField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(
        max_length=2000,
        required=False,
        default="",
        allow_blank=True,
        help_text="Why a serious event that began after the patient withdrew from study visits is recorded.",
    )

    def validate_actions(self, given: dict[str, str]) -> dict[UUID, str]:
        return self.validate_relations(given)

    def validate_relations(self, given: dict[str, str]) -> dict[UUID, str]:
        return by_drug(given, self.context["drugs"])


def by_drug(given: dict[str, str], drugs: dict[str, UUID]) -> dict[UUID, str]:
    """By the name of the drug, as events show it, or by its id."""
    by_id = {str(pk): pk for pk in drugs.values()}
    if unknown := [drug for drug in given if drug not in drugs and drug not in by_id]:
        raise serializers.ValidationError(f"{unknown[0]}: the trial's drugs are {', '.join(drugs)}.")
    return {drugs.get(drug) or by_id[drug]: said for drug, said in given.items()}
