"""What the endpoints of the safety tables give out."""

from rest_framework import serializers

from trial.api import Reading

from .beyond import WHAT
from .edish import Point
from .listings import PatientLine


class SafetyRecordSerializer(Reading):
    """The moment that it was read of, and the denominators."""

    number = serializers.IntegerField(help_text="Of the trial's ledger.")
    on = serializers.DateField(help_text="The clinical date as read.")
    levels = serializers.ListField(child=serializers.CharField(), help_text="Received by somebody, lowest dose first.")
    n = serializers.DictField(
        child=serializers.IntegerField(), help_text='The safety set by level received; "all" of all.'
    )


class SafetyGroupSerializer(Reading):
    line = serializers.CharField()
    patients = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), help_text="By level and all, like 003."
    )


class SafetyRangeSerializer(Reading):
    n = serializers.IntegerField(help_text="Patients who have a value.")
    median = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class SafetyPartSerializer(Reading):
    x = serializers.IntegerField()
    n = serializers.IntegerField(help_text="Of whom doses are recorded by cycle.")


class SafetyExposureSerializer(Reading):
    level = serializers.CharField(help_text='Or "all".')
    n = serializers.IntegerField()
    cycles = SafetyRangeSerializer(allow_null=True, help_text="Begun.")
    days = SafetyRangeSerializer(allow_null=True, help_text="From the first dose to the last.")
    dosed = serializers.DictField(
        child=SafetyRangeSerializer(allow_null=True),
        help_text="Days from the first dose of a drug to its last, by drug.",
    )
    intensity = serializers.DictField(child=SafetyRangeSerializer(allow_null=True), help_text="Percent, by drug.")
    reduced = serializers.DictField(
        child=SafetyPartSerializer(), help_text="Patients with a dose below the step before, by drug."
    )


class SafetyRateSerializer(Reading):
    level = serializers.CharField()
    treated = serializers.IntegerField()
    evaluable = serializers.IntegerField()
    dlts = serializers.IntegerField()
    pending = serializers.IntegerField()
    not_evaluable = serializers.IntegerField()
    estimate = serializers.FloatField(allow_null=True, help_text="Null: not estimable.")
    lower = serializers.FloatField(allow_null=True, help_text="Clopper-Pearson, 95 %.")
    upper = serializers.FloatField(allow_null=True)


HOLDS = ["stop", "basis", "suspected"]


class SafetyHoldSerializer(Reading):
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True, help_text="Null: it still holds.")
    because = serializers.CharField()
    decision = serializers.IntegerField(allow_null=True, help_text="Number of the decision that lifted it.")


class SafetyLevelHoldSerializer(SafetyHoldSerializer):
    kind = serializers.ChoiceField(
        HOLDS,
        help_text="stop: of the whole trial; basis: what a decision stood on had changed; suspected: a DLT, of a "
        "patient at this level or one below.",
    )
    patient = serializers.IntegerField(allow_null=True, help_text="His number, where the reader sees him.")
    events = serializers.ListField(child=serializers.IntegerField(), help_text="Numbers, as far as they are known.")


class SafetyLevelHeldSerializer(Reading):
    level = serializers.CharField()
    days_open = serializers.IntegerField(help_text="On which a cohort of the escalation was open at it.")
    days_held = serializers.IntegerField(help_text="Of those, each once.")
    spells = SafetyLevelHoldSerializer(many=True)


class SafetySummarySerializer(SafetyRecordSerializer):
    overview = SafetyGroupSerializer(many=True)
    treatment = SafetyGroupSerializer(many=True)
    dlt_rates = SafetyRateSerializer(many=True)
    exposure = SafetyExposureSerializer(many=True)
    days_held = serializers.IntegerField()
    holds = SafetyHoldSerializer(many=True, help_text="Of the whole trial.")
    levels_held = SafetyLevelHeldSerializer(many=True)


class SafetyCountsSerializer(Reading):
    any = serializers.IntegerField(help_text="The sum of the others.")
    low = serializers.IntegerField(help_text="Grades 1 and 2.")
    high = serializers.IntegerField(help_text="Grades 3 and 4.")
    five = serializers.IntegerField(help_text="Grade 5.")
    open = serializers.IntegerField(help_text="Not graded yet.")


class SafetyLineSerializer(Reading):
    soc = serializers.CharField(help_text='"" of all events together.')
    term = serializers.CharField(help_text='"" of a class.')
    counts = serializers.DictField(
        child=SafetyCountsSerializer(), help_text="Patients by worst grade, by level and all."
    )


class SafetyAdverseSerializer(SafetyRecordSerializer):
    emergent_days = serializers.IntegerField(help_text="After the last dose, in which events are treatment-emergent.")
    events = serializers.IntegerField(help_text="That fit the filters.")
    lines = SafetyLineSerializer(many=True)


class SafetyEventLineSerializer(Reading):
    event = serializers.IntegerField(source="number", help_text='People see "AE 14".')
    patient = serializers.CharField(source="patient_code")
    level = serializers.CharField()
    term = serializers.CharField()
    grade = serializers.CharField()
    when = serializers.CharField()
    related = serializers.CharField()
    note = serializers.CharField()


class SafetyPatientLineSerializer(Reading):
    patient = serializers.CharField(source="patient_code")
    level = serializers.CharField()
    on = serializers.DateField()
    day = serializers.IntegerField()
    said = serializers.CharField(help_text="Cause of death, or reason of the end of treatment.")
    after = serializers.CharField()
    marked = serializers.BooleanField(help_text="Of a death: within 30 days of the last dose.")
    events = serializers.SerializerMethodField(help_text="Of a death: numbers of the events of grade 5.")

    def get_events(self, line: PatientLine) -> list[int]:
        return [event.number for event in line.events]


class SafetyListingsSerializer(SafetyRecordSerializer):
    serious = SafetyEventLineSerializer(many=True)
    dlts = SafetyEventLineSerializer(many=True)
    others = SafetyEventLineSerializer(many=True, help_text="Not treatment-emergent.")
    deaths = SafetyPatientLineSerializer(many=True)
    ends_of_treatment = SafetyPatientLineSerializer(many=True)


class SafetyHeatSerializer(Reading):
    patient = serializers.CharField()
    level = serializers.CharField()
    grades = serializers.ListField(
        child=serializers.IntegerField(allow_null=True),
        help_text="A cycle each; null: not followed for events any more.",
    )


class SafetyStepSerializer(Reading):
    days = serializers.IntegerField(help_text="After the first dose.")
    n_risk = serializers.IntegerField()
    n_event = serializers.IntegerField()
    n_death = serializers.IntegerField()
    n_ended = serializers.IntegerField()
    n_censored = serializers.IntegerField()
    event = serializers.FloatField(help_text="Cumulative incidence of the first event of grade 3 or higher.")
    std_err = serializers.FloatField()
    lower = serializers.FloatField(allow_null=True)
    upper = serializers.FloatField(allow_null=True)
    death = serializers.FloatField()
    ended = serializers.FloatField()


class SafetyQuadrantSerializer(Reading):
    quadrant = serializers.CharField()
    patients = serializers.ListField(child=serializers.CharField())


class SafetyPointSerializer(Reading):
    patient = serializers.CharField(source="code")
    transferase = serializers.FloatField(source="transferase.times", help_text="ALT or AST, × ULN, the higher one.")
    bilirubin = serializers.FloatField(source="bilirubin.times", help_text="× ULN.")
    events = serializers.SerializerMethodField(help_text="Numbers of the two that hold these values.")
    quadrant = serializers.CharField()

    def get_events(self, point: Point) -> list[int]:
        return [point.transferase.event, point.bilirubin.event]


class SafetyDisplaysSerializer(SafetyRecordSerializer):
    heat = SafetyHeatSerializer(many=True)
    incidence = SafetyStepSerializer(many=True)
    liver = SafetyQuadrantSerializer(many=True, help_text="As answered of the limits, values or not.")
    edish = SafetyPointSerializer(many=True, help_text="Patients with a peak of ALT or AST and one of bilirubin.")


class SafetyBehindSerializer(Reading):
    patient = serializers.CharField()
    level = serializers.CharField()
    outcome = serializers.CharField(help_text="As he counts, in the engine's words.")
    events = serializers.ListField(child=serializers.IntegerField(), help_text="Numbers of those that count here.")
    value = serializers.FloatField(allow_null=True, help_text="That he brings to a median of the exposure.")


class SafetyPatientsSerializer(SafetyRecordSerializer):
    patients = SafetyBehindSerializer(many=True)


class SafetyLaterRateSerializer(Reading):
    what = serializers.ChoiceField(list(WHAT.items()))
    x = serializers.IntegerField()
    n = serializers.IntegerField(help_text="At risk; of doses, of whom the cycle is recorded.")
    estimate = serializers.FloatField(allow_null=True, help_text="Null: not estimable.")
    lower = serializers.FloatField(allow_null=True, help_text="Exact, two-sided 95 %.")
    upper = serializers.FloatField(allow_null=True)
    patients = serializers.ListField(child=serializers.CharField())


class SafetyLaterLineSerializer(Reading):
    level = serializers.CharField(help_text='"all" of all levels.')
    cycle = serializers.IntegerField()
    patients = serializers.ListField(child=serializers.CharField(), help_text="At risk after their window.")
    rates = SafetyLaterRateSerializer(many=True)


class SafetyBeyondSerializer(SafetyRecordSerializer):
    lines = SafetyLaterLineSerializer(many=True)
