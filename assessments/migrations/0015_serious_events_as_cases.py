"""Keep what was news of a serious event, what the authority was told of it, why a clock was not kept, and what the case
report asks beside the record.

Why: a serious event is told in hours and days, and each time must be shown to be kept (docs/domain.md, section 6). Safe
to deploy: new tables; a serious event that is stored already begins its clocks when it is said why it is serious.
Backwards: drops them.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trial.ids


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0014_grades_over_time_and_the_sponsors_view"),
        ("trial", "0018_what_whoever_acted_wrote_himself"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseDetails",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
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
                        blank=True, choices=[("yes", "Yes"), ("no", "No"), ("na", "Not applicable")], max_length=3
                    ),
                ),
                (
                    "reappeared",
                    models.CharField(
                        blank=True, choices=[("yes", "Yes"), ("no", "No"), ("na", "Not applicable")], max_length=3
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
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
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
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
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
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("event", "kind", "number"), name="caselateness_one_for_a_clock"),
                    models.CheckConstraint(condition=models.Q(("why", ""), _negated=True), name="caselateness_is_said"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseNews",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                (
                    "rev",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Number of its last change; by trigger."
                    ),
                ),
                ("voided", models.BooleanField(default=False)),
                (
                    "number",
                    models.PositiveSmallIntegerField(help_text="1 the first; unique in the case, never reused."),
                ),
                ("since", models.DateTimeField(help_text="When it was recorded.")),
                ("by_site", models.BooleanField(help_text="By the site; else by an assessment of the sponsor.")),
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
                    models.DateTimeField(help_text="When the sponsor received it; null: as it was told.", null=True),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="news", to="assessments.adverseevent"
                    ),
                ),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
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
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                (
                    "rev",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Number of its last change; by trigger."
                    ),
                ),
                ("voided", models.BooleanField(default=False)),
                ("number", models.PositiveSmallIntegerField(help_text="1, 2, 3 …; unique in the case, never reused.")),
                ("contains", models.PositiveSmallIntegerField(help_text="Number of the last news in it.")),
                ("submitted_at", models.DateTimeField()),
                ("complete", models.BooleanField(help_text="As complete as it can be: no other need follow.")),
                (
                    "reference",
                    models.CharField(blank=True, help_text="Of the authority, or of the message.", max_length=120),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
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
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("event", "number"), name="casesubmission_number_unique_in_case")
                ],
            },
        ),
        migrations.AlterField(
            model_name="adverseevent",
            name="received_at",
            field=models.DateTimeField(help_text="When the sponsor received it; null: not recorded.", null=True),
        ),
        migrations.AlterField(
            model_name="adverseevent",
            name="sent_at",
            field=models.DateTimeField(help_text="When the site told the sponsor; null: not yet.", null=True),
        ),
    ]
