"""Where the trial stands, in the shape that REST gives it: serializers that several endpoints share."""

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from assessments.events import sight
from patients.models import Cohort
from trial.api import DoseLevelSerializer, LadderStepSerializer, Reading
from trial.models import DoseLevel
from trial.people.access import Scope

from ..engine import reading as engine_reading
from ..engine import terms
from ..situation import queries, stagger
from ..situation.situation import Situation, with_labels
from . import firm


class TallySerializer(Reading):
    """Patients, never events, at one dose level."""

    evaluable = serializers.IntegerField(help_text="With a DLT, or with a complete window and enough drug.")
    dlts = serializers.IntegerField(help_text="Of the evaluable.")
    pending = serializers.IntegerField(help_text="Dosed, neither yet.")
    suspected = serializers.IntegerField(help_text="Of the pending: a suspected DLT.")
    replaced = serializers.IntegerField(help_text="Not evaluable.")


class LevelSerializer(LadderStepSerializer):
    position = serializers.IntegerField(help_text="1 is the lowest dose; the engine's word for a level.")
    open = serializers.BooleanField(help_text="The open cohort is treated here.")
    held = serializers.BooleanField(help_text="Nobody may start here now: see `holds`.")
    closed = serializers.BooleanField(help_text="Failed, above a failed one, or closed by the committee.")
    tally = TallySerializer()
    from_paper = serializers.IntegerField(help_text="Patients of the level who were treated outside the system.")


class PaperSerializer(Reading):
    """A decision that was taken outside the system, before the trial was brought in; never recomputed here."""

    on = serializers.DateField(source="paper_on")
    reference = serializers.CharField(source="paper_reference", help_text="The paper on which it stands.")


class CohortSerializer(Reading):
    id = serializers.UUIDField()
    number = serializers.IntegerField()
    level = DoseLevelSerializer(source="dose_level")
    places = serializers.IntegerField(help_text="Evaluable patients wanted on the level while it is open.")
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    decision = serializers.IntegerField(
        allow_null=True, help_text="Number of the decision that opened it; null: see `outside_system`."
    )
    outside_system = PaperSerializer(allow_null=True, help_text="Opened on paper; null: by a decision signed here.")
    enrolled = serializers.IntegerField()
    dosed = serializers.IntegerField()


ACTIONS = [action.value for action in terms.Action]


class EngineTallySerializer(Reading):
    level = serializers.IntegerField()
    evaluable = serializers.IntegerField()
    dlts = serializers.IntegerField()
    pending = serializers.IntegerField()
    replaced = serializers.IntegerField()


class OutsideSerializer(Reading):
    level = serializers.IntegerField()
    role = serializers.CharField()
    n = serializers.IntegerField()
    dlts = serializers.IntegerField()
    pending = serializers.IntegerField()


class ChoiceSerializer(Reading):
    action = serializers.ChoiceField(ACTIONS)
    level = serializers.IntegerField()


class BracketSerializer(Reading):
    best = ChoiceSerializer(help_text="If no pending patient has a DLT.")
    worst = ChoiceSerializer(help_text="If all of them have.")


class RecommendationSerializer(Reading):
    """The engine's answer, in the words of docs/validation.md; levels are positions on the ladder."""

    action = serializers.ChoiceField(ACTIONS)
    level = serializers.IntegerField(help_text="Where to treat next, or the level recommended; 0: none is tolerated.")
    slots = serializers.IntegerField(help_text="Patients who may start now, as far as the rule goes.")
    mtd = serializers.IntegerField(allow_null=True)
    first_intolerable_level = serializers.IntegerField(allow_null=True)
    closed_from = serializers.IntegerField(allow_null=True)
    rule = serializers.CharField()
    because = serializers.CharField()
    flags = serializers.ListField(child=serializers.ChoiceField([f.value for f in terms.Flag]))
    tallies = EngineTallySerializer(many=True)
    outside = OutsideSerializer(many=True)
    bracket = BracketSerializer(allow_null=True)
    variant = serializers.CharField()
    engine_version = serializers.CharField()


class VerdictsSerializer(Reading):
    """So many verdicts at one level that would be others: DLTs that would be none, or the other way round."""

    level = serializers.IntegerField()
    outcome = serializers.ChoiceField(["dlt", "no_dlt"], help_text="How these patients count now.")
    number = serializers.IntegerField(help_text="How many of the patients.")
    patients = serializers.ListField(child=serializers.IntegerField(), help_text="Among whom they are.")


class WaySerializer(Reading):
    verdicts = VerdictsSerializer(many=True, help_text="Together they change the recommendation; lowest level first.")
    then = ChoiceSerializer(help_text="What it would be.")


class FirmnessSerializer(Reading):
    """The fewest verdicts on evaluable patients that would change action or level; pending ones stay as they are."""

    evaluable = serializers.IntegerField(help_text="Patients in the count with a verdict.")
    fewest = serializers.IntegerField(allow_null=True, help_text="1 to 3; null: no three verdicts change it.")
    ways = WaySerializer(many=True, help_text="Every one with that many verdicts.")


class SlotsSerializer(Reading):
    free = serializers.IntegerField(help_text="Slots that may be granted now.")
    taken = serializers.IntegerField(help_text="Granted or enrolled in the open cohort, not yet dosed.")
    places_left = serializers.IntegerField(help_text="Places of the open cohort that no dosed patient fills.")
    why_closed = serializers.CharField(help_text="Why none is free, with the earliest date; empty when one is.")
    next_first_dose = serializers.DateField(
        allow_null=True, help_text="Staggered entry: no second patient of the level starts before this day."
    )


class HeldSerializer(Reading):
    sentence = serializers.CharField()
    position = serializers.IntegerField(allow_null=True, help_text="This level and above; null: the whole trial.")


class StatusSerializer(Reading):
    trial = serializers.UUIDField()
    code = serializers.CharField()
    number = serializers.IntegerField(help_text="Of the trial's ledger: it moves with every fact.")
    clinical_date = serializers.DateField(help_text="Today in the trial's time zone.")
    protocol_version = serializers.IntegerField()
    levels = LevelSerializer(many=True, help_text="Lowest first.")
    cohorts = CohortSerializer(many=True)
    recommendation = RecommendationSerializer()
    firmness = FirmnessSerializer(
        allow_null=True,
        help_text="For committee, medical monitor and statistician; null for others and for a reader with an open "
        "verdict.",
    )
    slots = SlotsSerializer()
    holds = HeldSerializer(many=True)
    decision_due = serializers.BooleanField(help_text="The recommendation needs a signed decision.")
    proposed_decision = serializers.IntegerField(allow_null=True, help_text="Signed by some, waiting for the others.")
    conclusion = serializers.IntegerField(allow_null=True, help_text="The decision that ended escalation.")
    rp2d_decision = serializers.IntegerField(allow_null=True)
    basis = serializers.CharField(help_text="What a signer sees: number.date.engine.protocol.inputs.")


def as_read(answer: Mapping[str, Any], labels: Sequence[str]) -> dict[str, Any]:
    """An answer of the engine whose sentence names the levels as people do, not by their positions."""
    return {**answer, "because": with_labels(answer["because"], labels)}


def status(scope: Scope, here: Situation, today: Situation | None = None) -> dict[str, Any]:
    """The situation that the pages show, in the shape of `StatusSerializer`. today: where `here` is of the past."""

    def read(sentence: str) -> str:
        return sight.veiled(sentence, scope, here.facts)

    closed_from = here.advice.closed_from or len(here.protocol.levels) + 1
    return {
        "trial": here.trial.pk,
        "code": here.trial.code,
        "number": here.number,
        "clinical_date": here.on,
        "protocol_version": here.protocol.version.number,
        "levels": [
            {
                "id": level.pk,
                "label": level.label,
                "doses": level.doses,
                "position": position,
                "open": position == here.position,
                "held": bool(here.held_at(position)),
                "closed": position >= closed_from,
                "tally": here.tally(position),
                "from_paper": sum(f.patient.from_paper for f in here.facts_at(position)),
            }
            for position, level in enumerate(here.protocol.levels, 1)
        ],
        "cohorts": _cohorts(here),
        "recommendation": engine_reading.as_json(here.advice) | {"because": read(here.because)},
        "firmness": firm.as_json(scope, here, today or here),
        "slots": {
            "free": here.free,
            "taken": here.taken,
            "places_left": here.places_left,
            "why_closed": read(queries.why_closed(here)),
            "next_first_dose": stagger.closed_until(here),
        },
        "holds": [{"sentence": read(hold.sentence), "position": hold.position} for hold in here.holds],
        "decision_due": here.decision_due,
        "proposed_decision": here.proposed and here.proposed.number,
        "conclusion": here.conclusion and here.conclusion.number,
        "rp2d_decision": here.rp2d and here.rp2d.number,
        "basis": here.basis,
    }


def _cohorts(here: Situation) -> list[dict[str, Any]]:
    """Every cohort: those opened on paper, then one by each decision in force that opened any."""
    levels = {d.dose_level_id: d.dose_level for d in here.in_force}
    opened = [
        (d.number, d.ending.cohort, levels[d.ending.cohort.dose_level_id]) for d in here.in_force if d.ending.cohort
    ]
    on_paper = [(None, cohort, cohort.dose_level) for cohort in here.paper]
    return [_cohort(here, *one) for one in (*on_paper, *opened)]


def _cohort(here: Situation, decision: int | None, cohort: Cohort, level: DoseLevel | None) -> dict[str, Any]:
    patients = [f for f in here.facts if f.patient.cohort_id == cohort.pk]
    return {
        "id": cohort.pk,
        "number": cohort.number,
        "dose_level": level,
        "places": cohort.places,
        "opened_at": cohort.opened_at,
        "closed_at": cohort.closed_at,
        "decision": decision,
        "outside_system": cohort if decision is None else None,
        "enrolled": len(patients),
        "dosed": sum(f.dosed for f in patients),
    }


STATUS = OpenApiExample(
    "wait",
    description="Shortened: one level, one cohort.",
    value={
        "trial": "019aaf00-0000-7000-8000-000000000001",
        "code": "demo",
        "number": 128,
        "clinical_date": "2026-03-14",
        "protocol_version": 1,
        "levels": [
            {
                "id": "019aaf00-0000-7000-8000-000000000002",
                "label": "1",
                "doses": [
                    {
                        **{"drug": "selinexor", "amount": "40.0000", "unit": "mg", "schedule": "weekly"},
                        **{"per_cycle": 4, "days": [1, 8, 15, 22], "times": 1},
                    }
                ],
                "position": 1,
                "open": True,
                "held": False,
                "closed": False,
                "tally": {"evaluable": 1, "dlts": 0, "pending": 2, "suspected": 0, "replaced": 0},
                "from_paper": 0,
            }
        ],
        "cohorts": [
            {
                "id": "019aaf00-0000-7000-8000-000000000003",
                "number": 1,
                "level": {"id": "019aaf00-0000-7000-8000-000000000002", "label": "1"},
                "places": 3,
                "opened_at": "2026-02-01T09:00:00Z",
                "closed_at": None,
                "decision": 0,
                "outside_system": None,
                "enrolled": 3,
                "dosed": 3,
            }
        ],
        "recommendation": {
            "action": "wait",
            "level": 1,
            "slots": 0,
            "mtd": None,
            "first_intolerable_level": None,
            "closed_from": None,
            "rule": "R2",
            "because": "0/1 DLT and 2 pending at level 1: wait; without a DLT among the pending expand level 1, "
            "with all of them no level is tolerated.",
            "flags": [],
            "tallies": [{"level": 1, "evaluable": 1, "dlts": 0, "pending": 2, "replaced": 0}],
            "outside": [],
            "bracket": {"best": {"action": "expand", "level": 1}, "worst": {"action": "none_tolerated", "level": 0}},
            "variant": "D6",
            "engine_version": "1",
        },
        "firmness": {
            "evaluable": 1,
            "fewest": None,
            "ways": [],
        },
        "slots": {
            "free": 0,
            "taken": 0,
            "places_left": 0,
            "why_closed": "No slot is free at level 1.",
            "next_first_dose": None,
        },
        "holds": [],
        "decision_due": False,
        "proposed_decision": None,
        "conclusion": None,
        "rp2d_decision": None,
        "basis": "128.2026-03-14.1.1.9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    },
)
