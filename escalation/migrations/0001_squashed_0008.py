"""What the migrations up to 0008 make, in one step, for a new installation.

Safe to deploy: an installation that has the replaced ones takes it for applied; one that has some of them goes on with
the rest of them.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trial.ids
from trial.together import CreateTogether


class Migration(migrations.Migration):
    replaces = [
        ("escalation", "0001_initial"),
        ("escalation", "0002_decisions_outside_the_count"),
        ("escalation", "0003_meetings_cuts_and_votes"),
        ("escalation", "0004_late_changes_taken_back"),
        ("escalation", "0005_rules_version_of_decisions_and_cuts"),
        ("escalation", "0006_opening_of_a_running_trial"),
        ("escalation", "0007_corrections_of_an_opening"),
        ("escalation", "0008_how_later_toxicity_counted"),
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
                    name="DataCut",
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
                        ("number", models.PositiveSmallIntegerField(help_text="Of the cut, within its meeting.")),
                        (
                            "record",
                            models.PositiveIntegerField(help_text="Number of the last action that the cut contains."),
                        ),
                        ("hash", models.CharField(help_text="Of the chain at that number.", max_length=64)),
                        ("on", models.DateField(help_text="What derivations take as today.")),
                        ("at", models.DateTimeField()),
                        (
                            "basis",
                            models.CharField(
                                help_text="number.date.engine.settings.inputs, as a signer would see it.",
                                max_length=250,
                            ),
                        ),
                        ("inputs", models.JSONField(help_text="The engine's input.")),
                        ("recommendation", models.JSONField(help_text="The engine's answer to it.")),
                        (
                            "rules_version",
                            models.CharField(
                                help_text="Of the rules from event to count; null: frozen before they had one, 1.",
                                max_length=10,
                                null=True,
                            ),
                        ),
                        (
                            "frozen_by",
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
                        "ordering": ["meeting", "number"],
                    },
                ),
                migrations.CreateModel(
                    name="Decision",
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
                        ("number", models.PositiveSmallIntegerField(help_text="0 opens the trial.")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("open", "Open the trial"),
                                    ("cohort", "Cohort decision"),
                                    ("mtd", "Maximum tolerated dose"),
                                    ("rp2d", "Recommended phase 2 dose"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("stop", "Stop: no dose is tolerated"),
                                    ("hold", "Hold enrolment"),
                                    ("de_escalate", "De-escalate"),
                                    ("stay", "Stay or fill"),
                                    ("mtd", "MTD here"),
                                    ("escalate", "Escalate"),
                                    ("rp2d", "RP2D"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "position",
                            models.PositiveSmallIntegerField(help_text="Of the dose level, in `protocol`.", null=True),
                        ),
                        (
                            "basis",
                            models.CharField(
                                help_text="number.date.engine.settings.inputs, as the signer saw it.", max_length=250
                            ),
                        ),
                        ("inputs", models.JSONField(help_text="The engine's input.")),
                        ("recommendation", models.JSONField(help_text="The engine's answer to it.")),
                        ("engine_version", models.CharField(max_length=10)),
                        (
                            "rules_version",
                            models.CharField(
                                help_text="Of the rules from event to count; null: stored before they had one, 1.",
                                max_length=10,
                                null=True,
                            ),
                        ),
                        ("reason", models.TextField(blank=True)),
                        ("proposed_at", models.DateTimeField()),
                        (
                            "content",
                            models.CharField(
                                help_text="SHA-256 of all of the above: what signatures are bound to.", max_length=64
                            ),
                        ),
                        (
                            "closes",
                            models.ForeignKey(
                                help_text="Closed by the committee, beyond the counts.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="trial.doselevel",
                            ),
                        ),
                        (
                            "cut",
                            models.ForeignKey(
                                help_text="Frozen by the meeting that decided.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="escalation.datacut",
                            ),
                        ),
                        (
                            "dose_level",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="trial.doselevel",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "protocol",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="trial.protocolversion",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                        (
                            "later_toxicity",
                            models.TextField(
                                help_text="Of an RP2D: how toxicity beyond the DLT window counted. Null: not asked.",
                                null=True,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["number"],
                        "constraints": [
                            models.UniqueConstraint(fields=("trial", "number"), name="decision_number_unique_in_trial")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BasisChanged",
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
                        ("was", models.CharField(max_length=120)),
                        ("now", models.CharField(max_length=120)),
                        (
                            "position",
                            models.PositiveSmallIntegerField(help_text="Enrolment is held at this level and above."),
                        ),
                        (
                            "restored",
                            models.BooleanField(
                                help_text="The patient counts as before again; the change is taken back.", null=True
                            ),
                        ),
                        (
                            "dose_level",
                            models.ForeignKey(
                                help_text="At `position` when it was written.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="trial.doselevel",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.patient"
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                        (
                            "decision",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="changes",
                                to="escalation.decision",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("decision", "patient", "rev"), name="basischanged_once_per_action"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Ending",
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
                        ("in_force", models.BooleanField()),
                        ("reason", models.TextField(blank=True)),
                        ("at", models.DateTimeField()),
                        ("on", models.DateField()),
                        (
                            "cohort",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="opened_by",
                                to="patients.cohort",
                            ),
                        ),
                        (
                            "decision",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ending",
                                to="escalation.decision",
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
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Hold",
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
                        ("reason", models.TextField()),
                        ("since", models.DateTimeField()),
                        (
                            "cause",
                            models.CharField(
                                blank=True, help_text="What the rule saw; empty for a person's hold.", max_length=120
                            ),
                        ),
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
                            "lifted_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="escalation.decision",
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
                                condition=models.Q(("cause", ""), _negated=True),
                                fields=("trial", "cause"),
                                name="hold_once_per_cause",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Meeting",
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
                        ("number", models.PositiveSmallIntegerField()),
                        (
                            "cut_off",
                            models.DateField(
                                help_text="Data are to be entered and adjudicated until then; no cut before it."
                            ),
                        ),
                        ("meets_on", models.DateField(help_text="The planned day of the meeting.")),
                        ("called_at", models.DateTimeField()),
                        (
                            "closed_at",
                            models.DateTimeField(
                                help_text="With its decision in force, or without a decision.", null=True
                            ),
                        ),
                        ("closed_reason", models.TextField(blank=True, help_text="Why it ended without a decision.")),
                        (
                            "called_by",
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
                        "ordering": ["number"],
                        "constraints": [
                            models.UniqueConstraint(fields=("trial", "number"), name="meeting_number_unique_in_trial"),
                            models.UniqueConstraint(
                                condition=models.Q(("closed_at", None)),
                                fields=("trial",),
                                name="meeting_one_open_per_trial",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("meets_on__gte", models.F("cut_off"))),
                                name="meeting_meets_after_cut_off",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("closed_at", None), ("closed_reason", "")),
                                    ("closed_at__gte", models.F("called_at")),
                                    _connector="OR",
                                ),
                                name="meeting_closes_after_it_was_called",
                            ),
                        ],
                    },
                ),
            ]
        ),
        migrations.AddField(
            model_name="datacut",
            name="meeting",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="cuts", to="escalation.meeting"
            ),
        ),
        CreateTogether(
            [
                migrations.CreateModel(
                    name="OutsideDecision",
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
                        ("number", models.PositiveSmallIntegerField(help_text='People see "E1".')),
                        (
                            "act",
                            models.CharField(
                                choices=[("open", "Open"), ("continue", "Continue after review"), ("close", "Close")],
                                max_length=10,
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[("expansion", "expansion"), ("backfill", "backfill")], max_length=20
                            ),
                        ),
                        (
                            "places",
                            models.PositiveSmallIntegerField(
                                help_text="Patients wanted; only when a cohort is opened.", null=True
                            ),
                        ),
                        (
                            "basis",
                            models.CharField(
                                help_text="number.date.engine.settings.inputs, as the signer saw it.", max_length=250
                            ),
                        ),
                        (
                            "inputs",
                            models.JSONField(
                                help_text="Every dosed patient with role, dose level and outcome: the engine's input."
                            ),
                        ),
                        (
                            "rules_version",
                            models.CharField(
                                help_text="Of the rules from event to count; null: stored before they had one, 1.",
                                max_length=10,
                                null=True,
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("proposed_at", models.DateTimeField()),
                        (
                            "content",
                            models.CharField(
                                help_text="SHA-256 of all of the above: what signatures are bound to.", max_length=64
                            ),
                        ),
                        (
                            "dose_level",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.doselevel"
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "protocol",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="trial.protocolversion",
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
                                fields=("trial", "number"), name="outsidedecision_number_unique_in_trial"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("act", "open"), ("places__gte", 1)),
                                    models.Q(models.Q(("act", "open"), _negated=True), ("places", None)),
                                    _connector="OR",
                                ),
                                name="outsidedecision_places_when_opened",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OutsideEnding",
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
                        ("in_force", models.BooleanField()),
                        ("reason", models.TextField(blank=True)),
                        ("at", models.DateTimeField()),
                        ("on", models.DateField()),
                        (
                            "cohort",
                            models.ForeignKey(
                                help_text="Opened or closed by it.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="patients.cohort",
                            ),
                        ),
                        (
                            "decision",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ending",
                                to="escalation.outsidedecision",
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
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="PaperOpening",
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
                        ("number", models.PositiveSmallIntegerField()),
                        (
                            "levels",
                            models.JSONField(
                                help_text="In order: dose_level (id), label, on (day of the decision), reference."
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("proposed_at", models.DateTimeField()),
                        (
                            "content",
                            models.CharField(
                                help_text="SHA-256 of all of the above: what signatures are bound to.", max_length=64
                            ),
                        ),
                        (
                            "corrects",
                            models.ForeignKey(
                                help_text="The opening in force that it corrects.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="corrections",
                                to="escalation.paperopening",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "protocol",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="trial.protocolversion",
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
                                fields=("trial", "number"), name="paperopening_number_unique_in_trial"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PaperEnding",
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
                        ("in_force", models.BooleanField()),
                        ("reason", models.TextField(blank=True)),
                        ("at", models.DateTimeField()),
                        ("on", models.DateField()),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                        (
                            "opening",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ending",
                                to="escalation.paperopening",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Vote",
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
                            "outcome",
                            models.CharField(
                                blank=True, help_text="Of a decision; empty for an abstention.", max_length=20
                            ),
                        ),
                        (
                            "position",
                            models.PositiveSmallIntegerField(
                                help_text="Of the dose level, in the protocol of the cut.", null=True
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("at", models.DateTimeField()),
                        ("voided_reason", models.TextField(blank=True)),
                        (
                            "cut",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="votes",
                                to="escalation.datacut",
                            ),
                        ),
                        (
                            "member",
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
                        "ordering": ["at"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("voided", False)),
                                fields=("cut", "member"),
                                name="vote_one_in_force",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="vote_has_a_reason"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("outcome", ""), _negated=True), ("position", None), _connector="OR"
                                ),
                                name="vote_of_an_abstention_names_no_level",
                            ),
                        ],
                    },
                ),
            ]
        ),
        migrations.AddConstraint(
            model_name="datacut",
            constraint=models.UniqueConstraint(fields=("meeting", "number"), name="datacut_number_unique_in_meeting"),
        ),
    ]
