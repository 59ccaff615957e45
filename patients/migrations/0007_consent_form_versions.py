"""List the versions of the consent form with their dates, and let a patient sign one version after another.

Why: re-consent on a new version is a fact of its own, and who still owes it is asked of the site (docs/domain.md,
section 5). Safe to deploy: a new table, empty; the new constraint on consents is weaker than the one that it replaces,
so every row passes. Backwards: refused by the database once somebody signed two versions.
"""

import django.db.models.deletion
from django.db import migrations, models

import trial.ids


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0006_why_treatment_stopped"),
        ("trial", "0006_schedule_of_a_dose_as_data"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsentVersion",
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
                        choices=[("trial", "trial"), ("biomarker", "sBCMA sub-study")], default="trial", max_length=20
                    ),
                ),
                ("version", models.CharField(help_text="As printed on the form.", max_length=40)),
                ("valid_from", models.DateField(help_text="The first day on which it may be signed.")),
                (
                    "reconsent_by",
                    models.DateField(
                        blank=True,
                        help_text="The day by which who signed an earlier version signs this one; empty: they are "
                        "not asked.",
                        null=True,
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "valid_from"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="consent",
            name="consent_one_in_force",
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided", False), ("withdrawn_on", None)),
                fields=("slot", "kind", "version"),
                name="consent_one_of_a_version",
            ),
        ),
        migrations.AddField(
            model_name="consentversion",
            name="trial",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
        ),
        migrations.AddConstraint(
            model_name="consentversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided", False)),
                fields=("trial", "kind", "version"),
                name="consentversion_once_in_trial",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided", False)),
                fields=("trial", "kind", "valid_from"),
                name="consentversion_one_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reconsent_by", None), ("reconsent_by__gte", models.F("valid_from")), _connector="OR"
                ),
                name="consentversion_asked_after_valid",
            ),
        ),
    ]
