"""List the patients still in their DLT window whom an amendment includes.

Why: a patient's window follows the version of his first dose unless an amendment lists him (docs/domain.md, section 2).
Safe to deploy: adds a table and touches no row. Backwards: drops it; treatments keep the version that holds for them.
"""

import django.db.models.deletion
from django.db import migrations, models

import trial.ids


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0004_leaving_the_study"),
        ("trial", "0004_ask_for_an_own_password"),
    ]

    operations = [
        migrations.AlterField(
            model_name="treatment",
            name="protocol",
            field=models.ForeignKey(
                help_text="Its window and criteria hold: that of the first dose, or an amendment that lists him.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="trial.protocolversion",
            ),
        ),
        migrations.CreateModel(
            name="AmendedPatient",
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
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="amendments", to="patients.patient"
                    ),
                ),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
                (
                    "version",
                    models.ForeignKey(
                        help_text="The amendment.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="trial.protocolversion",
                    ),
                ),
                (
                    "was",
                    models.ForeignKey(
                        help_text="Whose window it was before.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="trial.protocolversion",
                    ),
                ),
            ],
            options={
                "ordering": ["patient__number"],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "patient"), name="amendedpatient_once_a_version"),
                    models.CheckConstraint(
                        condition=models.Q(("version", models.F("was")), _negated=True),
                        name="amendedpatient_by_another_version",
                    ),
                ],
            },
        ),
    ]
