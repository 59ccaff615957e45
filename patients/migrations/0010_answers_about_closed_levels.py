"""What the investigator decides for each patient still on a dose level that closed: reduce, continue, stop.

Why: docs/domain.md, section 5. Safe to deploy: adds a table; who is on a closed level now is asked.
Backwards: drops it.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trial.ids


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0009_withdrawals"),
        ("trial", "0007_criteria_that_take_a_procedure"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ClosedLevelAnswer",
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
                    "answer",
                    models.CharField(
                        choices=[
                            ("reduce", "Reduce the dose"),
                            ("continue", "Continue at this dose"),
                            ("stop", "Stop treatment"),
                        ],
                        max_length=20,
                    ),
                ),
                ("on", models.DateField(help_text="The day on which the investigator decided it.")),
                ("because", models.TextField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "dose_level",
                    models.ForeignKey(
                        help_text="The level that closed.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="trial.doselevel",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="closed_levels", to="patients.patient"
                    ),
                ),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("patient", "dose_level"), name="closedlevel_one_answer_per_level"),
                    models.CheckConstraint(
                        condition=models.Q(("because", ""), _negated=True), name="closedlevel_answer_has_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answer__in", ["reduce", "continue", "stop"])),
                        name="closedlevel_answer_is_known",
                    ),
                ],
            },
        ),
    ]
