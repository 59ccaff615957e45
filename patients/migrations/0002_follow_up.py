"""Follow a patient on after treatment: last contact, other anti-myeloma therapy, death with its cause.

Why: the times to progression and death need them. Safe to deploy: adds a table. Backwards: drops it with its rows.
"""

import django.db.models.deletion
from django.db import migrations, models

import trial.ids


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0001_initial"),
        ("trial", "0002_ledger_functions"),
    ]

    operations = [
        migrations.CreateModel(
            name="FollowUp",
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
                    "last_contact_on",
                    models.DateField(blank=True, help_text="The last day known to be alive.", null=True),
                ),
                (
                    "new_therapy_on",
                    models.DateField(blank=True, help_text="First day of another anti-myeloma therapy.", null=True),
                ),
                ("new_therapy", models.CharField(blank=True, max_length=200)),
                ("died_on", models.DateField(blank=True, null=True)),
                (
                    "death_cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("progression", "Progression of myeloma"),
                            ("other", "Another cause"),
                            ("unknown", "Unknown"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "patient",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="follow_up", to="patients.patient"
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
                        condition=models.Q(
                            models.Q(("death_cause", ""), ("died_on", None)),
                            models.Q(("died_on__isnull", False), models.Q(("death_cause", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="followup_death_has_cause",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("new_therapy", ""), ("new_therapy_on", None)),
                            models.Q(("new_therapy_on__isnull", False), models.Q(("new_therapy", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="followup_therapy_has_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("died_on", None),
                            ("last_contact_on", None),
                            ("last_contact_on__lte", models.F("died_on")),
                            _connector="OR",
                        ),
                        name="followup_contact_not_after_death",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("died_on", None),
                            ("new_therapy_on", None),
                            ("new_therapy_on__lte", models.F("died_on")),
                            _connector="OR",
                        ),
                        name="followup_therapy_not_after_death",
                    ),
                ],
            },
        ),
    ]
