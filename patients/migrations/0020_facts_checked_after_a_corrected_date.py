"""That a site has looked at the facts of a patient after one of his dates was corrected.

Why: what contradicts a corrected date, or wants checking, stays on the patient's page until it is answered
(docs/domain.md, section 5). Safe to deploy: adds a table. Backwards: drops it; what was checked is asked again.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trial.ids


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0019_what_a_withdrawal_gave_back"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DatesChecked",
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
                    "through",
                    models.PositiveIntegerField(help_text="Number of the last correction that was looked at."),
                ),
                ("note", models.TextField(help_text="How it was checked.")),
                ("on", models.DateField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dates_checked",
                        to="patients.patient",
                    ),
                ),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("patient", "through"), name="dateschecked_once_a_correction"),
                    models.CheckConstraint(
                        condition=models.Q(("note", ""), _negated=True), name="dateschecked_says_how"
                    ),
                ],
            },
        ),
    ]
