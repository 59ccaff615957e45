"""Record what a withdrawal covers and from when, and what was done in spite of one as an important deviation.

Why: from that day nothing later that it covers may be planned, offered or done (docs/domain.md, section 5). Safe to
deploy: two new tables, empty, and a state that no slot has yet. A consent to the trial that was withdrawn before is
read as withdrawn from treatment, study visits and samples. Backwards: drops the tables, with what they hold.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trial.ids


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0008_first_doses_given_while_enrolment_was_held"),
        ("trial", "0007_criteria_that_take_a_procedure"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="slot",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "on the waiting list"),
                    ("requested", "requested, waiting for the medical monitor"),
                    ("granted", "granted"),
                    ("enrolled", "enrolled"),
                    ("declined", "declined"),
                    ("cancelled", "cancelled"),
                    ("expired", "expired"),
                    ("released", "released before the first dose"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="Deviation",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                (
                    "rev",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Number of its last change; by trigger."
                    ),
                ),
                ("voided", models.BooleanField(default=False)),
                ("fact", models.CharField(help_text="Which one: first dose, end of treatment, AE 12.", max_length=60)),
                ("on", models.DateField(help_text="The day of the fact.")),
                ("withdrawn_on", models.DateField(help_text="The day of the withdrawal that it follows.")),
                ("reason", models.TextField()),
                ("important", models.BooleanField(default=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deviations", to="patients.patient"
                    ),
                ),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
            options={
                "ordering": ["on"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("voided", False)),
                        fields=("patient", "fact"),
                        name="deviation_one_of_a_fact",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="deviation_has_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("on__gt", models.F("withdrawn_on"))), name="deviation_after_withdrawal"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Withdrawal",
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
                    "covers",
                    models.CharField(
                        choices=[
                            ("treatment", "study treatment"),
                            ("visits", "study treatment, study visits and samples"),
                            ("contact", "study treatment, study visits and samples, and all contact"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "on",
                    models.DateField(help_text="From that day on; what happened on it or before it stays enterable."),
                ),
                (
                    "public_records",
                    models.BooleanField(help_text="Whether survival may still be read from public records."),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="withdrawals", to="patients.slot"
                    ),
                ),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
            options={
                "ordering": ["on"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("voided", False)),
                        fields=("slot", "covers", "on"),
                        name="withdrawal_once_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("covers__in", ["treatment", "visits", "contact"])),
                        name="withdrawal_covers_is_known",
                    ),
                ],
            },
        ),
    ]
