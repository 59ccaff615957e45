"""Signed decisions that open, continue or close expansion and backfill cohorts.

Safe to deploy: adds two tables. Backwards: drops them and what was decided in them.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trial.ids


class Migration(migrations.Migration):
    dependencies = [
        ("escalation", "0001_initial"),
        ("patients", "0003_cohorts_outside_the_count"),
        ("trial", "0002_ledger_functions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OutsideDecision",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
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
                    models.CharField(choices=[("expansion", "expansion"), ("backfill", "backfill")], max_length=20),
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "protocol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.protocolversion"
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
                    models.UniqueConstraint(fields=("trial", "number"), name="outsidedecision_number_unique_in_trial"),
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
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
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
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
