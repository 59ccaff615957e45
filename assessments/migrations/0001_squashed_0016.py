"""What the migrations up to 0016 make, in one step, for a new installation.

Safe to deploy: an installation that has the replaced ones takes it for applied; one that has some of them goes on with
the rest of them. The trigger comes from the replaced one, word for word.
"""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trial.ids
from trial.together import CreateTogether

consent = import_module("assessments.migrations.0003_sample_needs_consent")


class Migration(migrations.Migration):
    replaces = [
        ("assessments", "0001_initial"),
        ("assessments", "0002_biomarker_substudy"),
        ("assessments", "0003_sample_needs_consent"),
        ("assessments", "0004_disease_assessments"),
        ("assessments", "0005_endpoint_runs"),
        ("assessments", "0006_biomarker_runs"),
        ("assessments", "0007_missed_doses"),
        ("assessments", "0008_lowest_value_of_a_count"),
        ("assessments", "0009_questions_about_an_assessment"),
        ("assessments", "0010_baseline_from_before_the_consent"),
        ("assessments", "0011_onset_known_in_part"),
        ("assessments", "0012_why_an_unlikely_value_stands"),
        ("assessments", "0013_seal_what_was_computed"),
        ("assessments", "0014_grades_over_time_and_the_sponsors_view"),
        ("assessments", "0015_serious_events_as_cases"),
        ("assessments", "0016_peak_of_a_liver_test"),
    ]

    initial = True

    dependencies = [
        ("patients", "0001_squashed_0022"),
        ("trial", "0018_what_whoever_acted_wrote_himself"),
        ("trial", "__first__"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="AdverseEvent",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        (
                            "number",
                            models.PositiveIntegerField(
                                help_text='People see "AE 14"; unique in the trial, never reused.'
                            ),
                        ),
                        ("term", models.CharField(max_length=150)),
                        ("soc", models.CharField(max_length=120)),
                        (
                            "specified",
                            models.CharField(blank=True, help_text='The words after "Other, specify".', max_length=200),
                        ),
                        (
                            "grade",
                            models.PositiveSmallIntegerField(
                                help_text="The worst of its history. Null: it waits for the investigator.", null=True
                            ),
                        ),
                        ("onset_on", models.DateField(help_text="Its earliest day, where the day is not known.")),
                        (
                            "onset_known",
                            models.CharField(
                                help_text="month or year: how much of the onset is known. Null: the day.",
                                max_length=5,
                                null=True,
                            ),
                        ),
                        ("ended_on", models.DateField(blank=True, null=True)),
                        (
                            "lowest_value",
                            models.DecimalField(
                                decimal_places=4,
                                help_text="Of the count, 10^9/L: criteria under CTCAE 6.0 go by it.",
                                max_digits=12,
                                null=True,
                            ),
                        ),
                        (
                            "qualifiers",
                            models.JSONField(
                                default=dict, help_text="Answers that DLT criteria ask for: true, false or null."
                            ),
                        ),
                        (
                            "round",
                            models.PositiveSmallIntegerField(
                                default=1, help_text="Of reading; a changed event is read again."
                            ),
                        ),
                        (
                            "suspected",
                            models.BooleanField(default=False, help_text="The investigator asks for DLT verdicts."),
                        ),
                        (
                            "delays_cycle_2",
                            models.BooleanField(
                                default=False, help_text="Cycle 2 is held for it: criterion N4 looks at it."
                            ),
                        ),
                        (
                            "doses_missed",
                            models.BooleanField(
                                help_text="Doses of the window were missed for it: criterion N4 looks at it. Null: not asked yet.",
                                null=True,
                            ),
                        ),
                        ("serious", models.BooleanField(default=False)),
                        ("aware_on", models.DateField(blank=True, null=True)),
                        ("reported_at", models.DateTimeField()),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="events",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "reported_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                        (
                            "aware_at",
                            models.DateTimeField(
                                help_text="The moment of that day; null: only the day is known.", null=True
                            ),
                        ),
                        (
                            "narrative",
                            models.TextField(help_text="What happened, in the site's words. Never a name.", null=True),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("recovered", "Recovered"),
                                    ("recovering", "Recovering"),
                                    ("recovered_sequelae", "Recovered with sequelae"),
                                    ("not_recovered", "Not recovered"),
                                    ("fatal", "Fatal"),
                                    ("unknown", "Unknown"),
                                ],
                                help_text="Null: not answered yet, or not asked then.",
                                max_length=20,
                                null=True,
                            ),
                        ),
                        (
                            "received_at",
                            models.DateTimeField(
                                help_text="When the sponsor received it; null: not recorded.", null=True
                            ),
                        ),
                        (
                            "sent_at",
                            models.DateTimeField(help_text="When the site told the sponsor; null: not yet.", null=True),
                        ),
                        (
                            "serious_criteria",
                            models.JSONField(
                                help_text="Why it is serious, of words.Criterion; empty: it is not. Null: from before it was asked.",
                                null=True,
                            ),
                        ),
                        (
                            "peak_value",
                            models.DecimalField(
                                decimal_places=4,
                                help_text="Of the liver test, in `peak_unit`. Null: not recorded.",
                                max_digits=12,
                                null=True,
                            ),
                        ),
                        ("peak_unit", models.CharField(max_length=10, null=True)),
                        (
                            "peak_uln",
                            models.DecimalField(
                                decimal_places=4,
                                help_text="Upper limit of normal of that test, in the same unit.",
                                max_digits=12,
                                null=True,
                            ),
                        ),
                        (
                            "unusual",
                            models.CharField(
                                help_text="Why an unlikely peak stands; null: it is none.", max_length=300, null=True
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["number"],
                        "constraints": [
                            models.UniqueConstraint(fields=("trial", "number"), name="event_number_unique_in_trial"),
                            models.CheckConstraint(
                                condition=models.Q(("grade__range", (1, 5))), name="event_grade_1_to_5"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("onset_known", None),
                                    models.Q(("onset_known", "month"), ("onset_on__day", 1)),
                                    models.Q(("onset_known", "year"), ("onset_on__day", 1), ("onset_on__month", 1)),
                                    _connector="OR",
                                ),
                                name="event_onset_known_is_earliest_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("lowest_value", None), ("lowest_value__gte", 0), _connector="OR"),
                                name="event_lowest_value_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_on", None), ("ended_on__gte", models.F("onset_on")), _connector="OR"
                                ),
                                name="event_ends_after_onset",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("serious_criteria__isnull", True),
                                    models.Q(("serious", True), models.Q(("serious_criteria", []), _negated=True)),
                                    models.Q(("serious", False), ("serious_criteria", [])),
                                    _connector="OR",
                                ),
                                name="event_serious_by_a_criterion",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("outcome", None),
                                    (
                                        "outcome__in",
                                        [
                                            "recovered",
                                            "recovering",
                                            "recovered_sequelae",
                                            "not_recovered",
                                            "fatal",
                                            "unknown",
                                        ],
                                    ),
                                    _connector="OR",
                                ),
                                name="event_outcome_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("outcome", None),
                                    models.Q(("outcome__in", ("recovered", "recovered_sequelae")), _negated=True),
                                    ("ended_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="event_over_has_its_end",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("outcome", None),
                                    models.Q(("outcome", "fatal"), _negated=True),
                                    ("grade", None),
                                    ("grade", 5),
                                    _connector="OR",
                                ),
                                name="event_fatal_is_grade_5",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("aware_at", None), ("aware_on__isnull", False), _connector="OR"),
                                name="event_aware_on_its_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("sent_at", None),
                                    ("aware_at", None),
                                    ("sent_at__gte", models.F("aware_at")),
                                    _connector="OR",
                                ),
                                name="event_sent_after_aware",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("received_at", None),
                                    ("sent_at", None),
                                    ("received_at__gte", models.F("sent_at")),
                                    _connector="OR",
                                ),
                                name="event_received_after_sent",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("peak_uln", None), ("peak_unit", None), ("peak_value", None)),
                                    models.Q(("peak_uln__gt", 0), ("peak_unit__isnull", False), ("peak_value__gt", 0)),
                                    _connector="OR",
                                ),
                                name="event_peak_whole",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Assay",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "lower_limit",
                            models.DecimalField(
                                decimal_places=4,
                                help_text="ng/mL; what is less is stored as below the limit.",
                                max_digits=12,
                            ),
                        ),
                        (
                            "normal_below",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                help_text="ng/mL; published, with its source.",
                                max_digits=12,
                                null=True,
                            ),
                        ),
                        ("source", models.CharField(blank=True, max_length=300)),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["name"],
                        "constraints": [
                            models.UniqueConstraint(fields=("trial", "name"), name="assay_name_unique_in_trial"),
                            models.CheckConstraint(
                                condition=models.Q(("lower_limit__gt", 0)), name="assay_limit_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("normal_below", None),
                                    models.Q(("normal_below__gt", 0), models.Q(("source", ""), _negated=True)),
                                    _connector="OR",
                                ),
                                name="assay_reference_has_source",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Control",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        ("kit_lot", models.CharField(max_length=60)),
                        ("dilution", models.PositiveIntegerField(default=1, help_text="1 is undiluted, 100 is 1:100.")),
                        ("below_limit", models.BooleanField(default=False)),
                        (
                            "value",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                help_text="ng/mL, dilution taken into account.",
                                max_digits=12,
                                null=True,
                            ),
                        ),
                        (
                            "unusual",
                            models.CharField(
                                help_text="Why an unlikely number stands; null: it is none.", max_length=300, null=True
                            ),
                        ),
                        ("code", models.CharField(help_text="As its source names it; never a name.", max_length=40)),
                        ("source", models.CharField(max_length=300)),
                        (
                            "assay",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="assessments.assay"
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["code"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("below_limit", True), ("value", None)),
                                    models.Q(("below_limit", False), ("value__gt", 0)),
                                    _connector="OR",
                                ),
                                name="control_value_or_below_limit",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("dilution__gte", 1)), name="control_dilution_from_one"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("voided", False)),
                                fields=("trial", "assay", "code"),
                                name="control_code_once_per_assay",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("source", ""), _negated=True), name="control_has_source"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CutOff",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        (
                            "purpose",
                            models.CharField(
                                choices=[
                                    ("diagnostic", "diagnostic: myeloma or not"),
                                    ("prognostic", "prognostic: high or low"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "value",
                            models.DecimalField(
                                decimal_places=4, help_text="ng/mL; at or above it is high.", max_digits=12
                            ),
                        ),
                        ("source", models.CharField(max_length=300)),
                        (
                            "assay",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cut_offs",
                                to="assessments.assay",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["purpose", "value"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("voided", False)),
                                fields=("assay", "purpose", "value"),
                                name="cutoff_once_per_assay",
                            ),
                            models.CheckConstraint(condition=models.Q(("value__gt", 0)), name="cutoff_positive"),
                            models.CheckConstraint(
                                condition=models.Q(("source", ""), _negated=True), name="cutoff_has_source"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DiseaseAssessment",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        (
                            "number",
                            models.PositiveIntegerField(
                                help_text='People see "DA 14"; unique in the trial, never reused.'
                            ),
                        ),
                        ("visit_on", models.DateField(help_text="Each measurement has the date of its own sample.")),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="disease_assessments",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["visit_on", "number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("trial", "number"), name="diseaseassessment_number_unique_in_trial"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("voided", False)),
                                fields=("patient", "visit_on"),
                                name="diseaseassessment_one_a_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DifferenceResolved",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        (
                            "category",
                            models.CharField(
                                choices=[
                                    ("sCR", "sCR"),
                                    ("CR", "CR"),
                                    ("VGPR", "VGPR"),
                                    ("PR", "PR"),
                                    ("MR", "MR"),
                                    ("SD", "SD"),
                                    ("PD", "PD"),
                                    ("NE", "NE"),
                                ],
                                help_text="The investigator's.",
                                max_length=4,
                            ),
                        ),
                        (
                            "derived",
                            models.CharField(
                                choices=[
                                    ("sCR", "sCR"),
                                    ("CR", "CR"),
                                    ("VGPR", "VGPR"),
                                    ("PR", "PR"),
                                    ("MR", "MR"),
                                    ("SD", "SD"),
                                    ("PD", "PD"),
                                    ("NE", "NE"),
                                ],
                                max_length=4,
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("resolved_on", models.DateField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                        (
                            "assessment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="resolutions",
                                to="assessments.diseaseassessment",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["rev"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("category", models.F("derived")), _negated=True),
                                name="difference_is_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="difference_has_reason"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DltVerdict",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        (
                            "round",
                            models.PositiveSmallIntegerField(
                                default=1, help_text="A changed event is read again in a new round."
                            ),
                        ),
                        (
                            "reader",
                            models.CharField(
                                choices=[
                                    ("first", "Investigator"),
                                    ("second", "Second reader"),
                                    ("third", "Third reader"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("is_dlt", models.BooleanField()),
                        ("criterion", models.CharField(blank=True, max_length=4)),
                        ("reason", models.TextField()),
                        ("given_at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="verdicts",
                                to="assessments.adverseevent",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["round", "given_at"],
                        "constraints": [
                            models.UniqueConstraint(fields=("event", "round", "reader"), name="verdict_one_per_reader"),
                            models.UniqueConstraint(
                                fields=("event", "round", "by"), name="verdict_readers_are_different_people"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EndpointRun",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("efficacy", "Efficacy"), ("biomarker", "Biomarker")], max_length=20
                            ),
                        ),
                        ("number", models.PositiveIntegerField(help_text="Of the trial's ledger: the cut.")),
                        ("on", models.DateField(help_text="The clinical date of the cut.")),
                        (
                            "cut_hash",
                            models.CharField(help_text="Of the ledger's chain at that number.", max_length=64),
                        ),
                        ("protocol_version", models.PositiveSmallIntegerField()),
                        ("settings_name", models.CharField(help_text="primary, sensitivity …", max_length=40)),
                        ("settings", models.JSONField()),
                        ("settings_hash", models.CharField(max_length=64)),
                        ("result", models.JSONField()),
                        ("computed_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["trial", "kind", "settings_name", "-number"], name="endpointrun_latest"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("trial", "number", "settings_hash", "kind"), name="endpointrun_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Evaluability",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("completed", "No DLT, evaluable"),
                                    ("not_evaluable", "Not evaluable, to be replaced"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("confirmed_on", models.DateField()),
                        (
                            "missed_because",
                            models.CharField(
                                choices=[("toxicity", "Related toxicity"), ("other", "Another cause")],
                                help_text="Why doses are short; null when they are not.",
                                max_length=20,
                                null=True,
                            ),
                        ),
                        (
                            "simulated",
                            models.BooleanField(
                                default=False, help_text="Confirmed without dosing, in a simulated trial only."
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "patient",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="evaluability",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("missed_because", None),
                                    ("missed_because__in", ["toxicity", "other"]),
                                    _connector="OR",
                                ),
                                name="evaluability_missed_because_known",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="InvestigatorResponse",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        (
                            "category",
                            models.CharField(
                                choices=[
                                    ("sCR", "sCR"),
                                    ("CR", "CR"),
                                    ("VGPR", "VGPR"),
                                    ("PR", "PR"),
                                    ("MR", "MR"),
                                    ("SD", "SD"),
                                    ("PD", "PD"),
                                    ("NE", "NE"),
                                ],
                                max_length=4,
                            ),
                        ),
                        ("comment", models.CharField(blank=True, max_length=300)),
                        ("given_on", models.DateField()),
                        (
                            "assessment",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="investigator",
                                to="assessments.diseaseassessment",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("category__in", ["sCR", "CR", "VGPR", "PR", "MR", "SD", "PD", "NE"])
                                ),
                                name="investigatorresponse_category_known",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Measurement",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        (
                            "parameter",
                            models.CharField(
                                choices=[
                                    ("serum_m", "Serum M-protein"),
                                    ("ife_serum", "Serum immunofixation"),
                                    ("kappa", "Kappa"),
                                    ("lambda", "Lambda"),
                                    ("ratio", "Kappa/lambda ratio"),
                                    ("urine_m", "Urine M-protein"),
                                    ("ife_urine", "Urine immunofixation"),
                                    ("marrow_pc", "Marrow plasma cells"),
                                    ("marrow_clonal", "Clonal plasma cells in marrow"),
                                    ("spd", "Plasmacytomas, sum of products of diameters"),
                                    ("lesions", "Number of plasmacytomas"),
                                    ("longest_diameter", "Longest diameter"),
                                    ("short_axis", "Short axis"),
                                    ("new_lesion", "New lesion"),
                                    ("calcium", "Calcium, corrected"),
                                    ("circulating_pc_percent", "Circulating plasma cells, share"),
                                    ("circulating_pc_per_ul", "Circulating plasma cells, count"),
                                ],
                                max_length=30,
                            ),
                        ),
                        ("sampled_on", models.DateField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("value", "measured"),
                                    ("below_limit", "below the limit"),
                                    ("not_done", "not done"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "entered",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                help_text="As entered; below the limit, the limit.",
                                max_digits=12,
                                null=True,
                            ),
                        ),
                        ("unit", models.CharField(blank=True, help_text="Of the entered value.", max_length=20)),
                        (
                            "canonical",
                            models.DecimalField(
                                blank=True,
                                decimal_places=8,
                                help_text="The entered value in the rule's unit.",
                                max_digits=20,
                                null=True,
                            ),
                        ),
                        (
                            "answer",
                            models.CharField(
                                blank=True,
                                help_text="Of what is no number: negative, positive, yes, no.",
                                max_length=20,
                            ),
                        ),
                        (
                            "baseline_until",
                            models.DateField(
                                help_text="Of standard of care before the consent: the last first dose whose baseline it may be.",
                                null=True,
                            ),
                        ),
                        (
                            "unusual",
                            models.CharField(
                                help_text="Why an unlikely value stands; null: it is none.", max_length=300, null=True
                            ),
                        ),
                        (
                            "assessment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="measurements",
                                to="assessments.diseaseassessment",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["assessment", "parameter"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("baseline_until", None),
                                    ("baseline_until__gte", models.F("sampled_on")),
                                    _connector="OR",
                                ),
                                name="measurement_baseline_after_sample",
                            ),
                            models.UniqueConstraint(
                                fields=("assessment", "parameter"), name="measurement_one_per_parameter"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("answer", ""), ("canonical", None), ("entered", None), ("state", "not_done")
                                    ),
                                    models.Q(
                                        ("answer", ""),
                                        ("canonical__gt", 0),
                                        ("canonical__isnull", False),
                                        ("entered__gt", 0),
                                        ("entered__isnull", False),
                                        ("state", "below_limit"),
                                    ),
                                    models.Q(
                                        ("answer", ""),
                                        ("canonical__gte", 0),
                                        ("canonical__isnull", False),
                                        ("entered__gte", 0),
                                        ("entered__isnull", False),
                                        ("state", "value"),
                                    ),
                                    models.Q(
                                        ("canonical", None),
                                        ("entered", None),
                                        ("state", "value"),
                                        models.Q(("answer", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="measurement_says_one_thing",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="QuestionAnswered",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        ("question", models.TextField()),
                        ("answer", models.TextField()),
                        ("answered_on", models.DateField()),
                        (
                            "assessment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="answers",
                                to="assessments.diseaseassessment",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["rev"],
                        "constraints": [
                            models.UniqueConstraint(fields=("assessment", "question"), name="question_answered_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("question", ""), _negated=True), models.Q(("answer", ""), _negated=True)
                                ),
                                name="question_is_answered",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Relation",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        (
                            "degree",
                            models.CharField(
                                choices=[
                                    ("unrelated", "No"),
                                    ("unlikely", "Unlikely"),
                                    ("possible", "Possibly"),
                                    ("probable", "Probably"),
                                    ("definite", "Definitely"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "drug",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.drug"
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="relations",
                                to="assessments.adverseevent",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["drug__position"],
                        "constraints": [
                            models.UniqueConstraint(fields=("event", "drug"), name="relation_one_per_drug")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RunRequest",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("efficacy", "Efficacy"), ("biomarker", "Biomarker")], max_length=20
                            ),
                        ),
                        (
                            "number",
                            models.PositiveIntegerField(
                                help_text="Of the trial's ledger when asked; of the cut once done."
                            ),
                        ),
                        (
                            "why",
                            models.CharField(
                                choices=[("facts", "facts changed"), ("night", "nightly"), ("hand", "asked for")],
                                max_length=10,
                            ),
                        ),
                        ("requested_at", models.DateTimeField(auto_now_add=True)),
                        ("next_try_at", models.DateTimeField()),
                        ("started_at", models.DateTimeField(null=True)),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("last_error", models.TextField(blank=True)),
                        ("done_at", models.DateTimeField(null=True)),
                        ("dead_at", models.DateTimeField(null=True)),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("dead_at", None), ("done_at", None)),
                                fields=["next_try_at"],
                                name="runrequest_due",
                            ),
                            models.Index(fields=["trial", "kind", "-number"], name="runrequest_latest"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("dead_at", None), ("done_at", None)),
                                fields=("trial", "kind"),
                                name="runrequest_one_open",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Sample",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        ("kit_lot", models.CharField(max_length=60)),
                        ("dilution", models.PositiveIntegerField(default=1, help_text="1 is undiluted, 100 is 1:100.")),
                        ("below_limit", models.BooleanField(default=False)),
                        (
                            "value",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                help_text="ng/mL, dilution taken into account.",
                                max_digits=12,
                                null=True,
                            ),
                        ),
                        (
                            "unusual",
                            models.CharField(
                                help_text="Why an unlikely number stands; null: it is none.", max_length=300, null=True
                            ),
                        ),
                        ("taken_on", models.DateField(help_text="In the site's calendar.")),
                        ("taken_at", models.TimeField(help_text="On the site's clock.")),
                        (
                            "assay",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="assessments.assay"
                            ),
                        ),
                        (
                            "consent",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.consent"
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="biomarker_samples",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["taken_on", "taken_at"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("below_limit", True), ("value", None)),
                                    models.Q(("below_limit", False), ("value__gt", 0)),
                                    _connector="OR",
                                ),
                                name="sample_value_or_below_limit",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("dilution__gte", 1)), name="sample_dilution_from_one"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("voided", False)),
                                fields=("patient", "assay", "taken_on", "taken_at"),
                                name="sample_once_a_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ActionTaken",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        (
                            "action",
                            models.CharField(
                                choices=[
                                    ("none", "Dose not changed"),
                                    ("held", "Held"),
                                    ("reduced", "Reduced"),
                                    ("stopped", "Stopped"),
                                    ("not_applicable", "Not applicable"),
                                    ("unknown", "Unknown"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "drug",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.drug"
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="actions",
                                to="assessments.adverseevent",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["drug__position"],
                        "constraints": [
                            models.UniqueConstraint(fields=("event", "drug"), name="actiontaken_one_per_drug"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("action__in", ["none", "held", "reduced", "stopped", "not_applicable", "unknown"])
                                ),
                                name="actiontaken_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EventGrade",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        ("on", models.DateField()),
                        ("grade", models.PositiveSmallIntegerField(null=True)),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grades",
                                to="assessments.adverseevent",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["on"],
                        "constraints": [
                            models.UniqueConstraint(fields=("event", "on"), name="eventgrade_one_a_day"),
                            models.CheckConstraint(
                                condition=models.Q(("grade", None), ("grade__range", (1, 5)), _connector="OR"),
                                name="eventgrade_1_to_5",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SafetyReference",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        ("version", models.CharField(max_length=40)),
                        ("in_force_on", models.DateField()),
                        (
                            "terms",
                            models.JSONField(
                                help_text="CTCAE terms, each with the highest grade that is expected, or null for any."
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-in_force_on"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("voided", False)),
                                fields=("trial", "version"),
                                name="safetyreference_version_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("voided", False)),
                                fields=("trial", "in_force_on"),
                                name="safetyreference_one_a_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SponsorAssessment",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        (
                            "expected",
                            models.BooleanField(
                                help_text="What the sponsor says against the list of expected terms; null: as the list has it.",
                                null=True,
                            ),
                        ),
                        ("because", models.TextField(blank=True, help_text="Why the list is overruled.")),
                        ("comment", models.TextField(blank=True)),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "event",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sponsor",
                                to="assessments.adverseevent",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("expected", None), models.Q(("because", ""), _negated=True), _connector="OR"
                                ),
                                name="sponsorassessment_overrules_with_reason",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SponsorRelation",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        (
                            "degree",
                            models.CharField(
                                choices=[
                                    ("unrelated", "No"),
                                    ("unlikely", "Unlikely"),
                                    ("possible", "Possibly"),
                                    ("probable", "Probably"),
                                    ("definite", "Definitely"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "drug",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.drug"
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sponsor_relations",
                                to="assessments.adverseevent",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["drug__position"],
                        "constraints": [
                            models.UniqueConstraint(fields=("event", "drug"), name="sponsorrelation_one_per_drug"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("degree__in", ["unrelated", "unlikely", "possible", "probable", "definite"])
                                ),
                                name="sponsorrelation_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseDetails",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        ("age", models.PositiveSmallIntegerField(help_text="In years, at the onset.", null=True)),
                        (
                            "sex",
                            models.CharField(
                                blank=True,
                                choices=[("female", "Female"), ("male", "Male"), ("other", "Other or not known")],
                                max_length=10,
                            ),
                        ),
                        ("tests", models.TextField(blank=True, help_text="Relevant tests and laboratory data.")),
                        (
                            "abated",
                            models.CharField(
                                blank=True,
                                choices=[("yes", "Yes"), ("no", "No"), ("na", "Not applicable")],
                                max_length=3,
                            ),
                        ),
                        (
                            "reappeared",
                            models.CharField(
                                blank=True,
                                choices=[("yes", "Yes"), ("no", "No"), ("na", "Not applicable")],
                                max_length=3,
                            ),
                        ),
                        ("concomitant", models.TextField(blank=True, help_text="Other drugs with their dates.")),
                        ("medical_history", models.TextField(blank=True)),
                        (
                            "event",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="details",
                                to="assessments.adverseevent",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("age", None), ("age__range", (18, 120)), _connector="OR"),
                                name="casedetails_age",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseLateness",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("site", "site"),
                                    ("seven", "seven"),
                                    ("complete", "complete"),
                                    ("fifteen", "fifteen"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField()),
                        ("why", models.TextField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lateness",
                                to="assessments.adverseevent",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("event", "kind", "number"), name="caselateness_one_for_a_clock"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("why", ""), _negated=True), name="caselateness_is_said"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseNews",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        (
                            "number",
                            models.PositiveSmallIntegerField(
                                help_text="1 the first; unique in the case, never reused."
                            ),
                        ),
                        ("since", models.DateTimeField(help_text="When it was recorded.")),
                        (
                            "by_site",
                            models.BooleanField(help_text="By the site; else by an assessment of the sponsor."),
                        ),
                        ("serious", models.BooleanField()),
                        ("fatal", models.BooleanField()),
                        ("life_threatening", models.BooleanField()),
                        ("unexpected", models.BooleanField()),
                        (
                            "related_by_site",
                            models.BooleanField(help_text="At least possibly; a missing answer counts as related."),
                        ),
                        ("related_by_sponsor", models.BooleanField(help_text="The same in the sponsor's view.")),
                        ("text", models.TextField(blank=True, help_text="What a follow-up report tells.")),
                        (
                            "aware_at",
                            models.DateTimeField(
                                help_text="When the site became aware of it; of a follow-up report.", null=True
                            ),
                        ),
                        (
                            "reported_at",
                            models.DateTimeField(
                                help_text="When the site told the sponsor; null: as it was recorded.", null=True
                            ),
                        ),
                        (
                            "received_at",
                            models.DateTimeField(
                                help_text="When the sponsor received it; null: as it was told.", null=True
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="news",
                                to="assessments.adverseevent",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["number"],
                        "constraints": [
                            models.UniqueConstraint(fields=("event", "number"), name="casenews_number_unique_in_case"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("aware_at", None), ("received_at", None), ("reported_at", None)),
                                    models.Q(("by_site", True), ("number__gt", 1)),
                                    _connector="OR",
                                ),
                                name="casenews_instants_of_follow_ups_alone",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("aware_at", None),
                                    ("reported_at", None),
                                    ("reported_at__gte", models.F("aware_at")),
                                    _connector="OR",
                                ),
                                name="casenews_reported_after_aware",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("received_at", None),
                                    ("reported_at", None),
                                    ("received_at__gte", models.F("reported_at")),
                                    _connector="OR",
                                ),
                                name="casenews_received_after_reported",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseSubmission",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        (
                            "number",
                            models.PositiveSmallIntegerField(help_text="1, 2, 3 …; unique in the case, never reused."),
                        ),
                        ("contains", models.PositiveSmallIntegerField(help_text="Number of the last news in it.")),
                        ("submitted_at", models.DateTimeField()),
                        ("complete", models.BooleanField(help_text="As complete as it can be: no other need follow.")),
                        (
                            "reference",
                            models.CharField(
                                blank=True, help_text="Of the authority, or of the message.", max_length=120
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="submissions",
                                to="assessments.adverseevent",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("event", "number"), name="casesubmission_number_unique_in_case"
                            )
                        ],
                    },
                ),
            ]
        ),
        migrations.RunSQL(consent.FORWARDS, consent.BACKWARDS),
    ]
