"""Keep an administrator's signature under who had which right in a quarter.

Safe to deploy: a new table, audited under the installation's ledger; `migrate` attaches its triggers. Backwards: drops
it, with what was signed.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trial.ids

PROOFS = [("password", "password"), ("password_totp", "password_totp"), ("simulated", "simulated")]


class Migration(migrations.Migration):
    dependencies = [
        ("trial", "0014_notices_in_the_program"),
    ]

    operations = [
        migrations.CreateModel(
            name="RightsReview",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                (
                    "rev",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Number of its last change; by trigger."
                    ),
                ),
                ("voided", models.BooleanField(default=False)),
                ("name", models.CharField(max_length=120)),
                ("quarter", models.DateField(help_text="Its first day.")),
                ("lines", models.PositiveIntegerField(help_text="Of the table that was signed.")),
                ("content", models.CharField(help_text="SHA-256 of that table.", max_length=64)),
                ("meaning", models.CharField(max_length=200)),
                ("remark", models.TextField(blank=True)),
                ("signed_at", models.DateTimeField()),
                ("proof", models.CharField(choices=PROOFS, max_length=20)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("quarter", "user"), name="rightsreview_once_per_person")
                ],
            },
        ),
    ]
