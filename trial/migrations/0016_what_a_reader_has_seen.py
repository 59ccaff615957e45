"""Up to which record number a person has seen a trial."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trial.ids


class Migration(migrations.Migration):
    dependencies = [
        ("trial", "0015_rights_signed_each_quarter"),
    ]

    operations = [
        migrations.CreateModel(
            name="Visit",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("before", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "trial"), name="visit_one_for_person_and_trial")
                ],
            },
        ),
    ]
