"""Requests for endpoint runs and their results.

Why: endpoints are computed by workers from a data cut. Safe to deploy: two new tables without triggers, no row
touched. Backwards: drops them; results are computed again from the record.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trial.ids


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0004_disease_assessments"),
        ("trial", "0002_ledger_functions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EndpointRun",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("efficacy", "Efficacy")], max_length=20)),
                ("number", models.PositiveIntegerField(help_text="Of the trial's ledger: the cut.")),
                ("on", models.DateField(help_text="The clinical date of the cut.")),
                ("cut_hash", models.CharField(help_text="Of the ledger's chain at that number.", max_length=64)),
                ("protocol_version", models.PositiveSmallIntegerField()),
                ("settings_name", models.CharField(help_text="primary, sensitivity …", max_length=40)),
                ("settings", models.JSONField()),
                ("settings_hash", models.CharField(max_length=64)),
                ("result", models.JSONField()),
                ("computed_at", models.DateTimeField(auto_now_add=True)),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["trial", "kind", "settings_name", "-number"], name="endpointrun_latest")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("trial", "number", "settings_hash", "kind"), name="endpointrun_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RunRequest",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("efficacy", "Efficacy")], max_length=20)),
                (
                    "number",
                    models.PositiveIntegerField(help_text="Of the trial's ledger when asked; of the cut once done."),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[("facts", "facts changed"), ("night", "nightly"), ("hand", "asked for")], max_length=10
                    ),
                ),
                ("requested_at", models.DateTimeField(auto_now_add=True)),
                ("next_try_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.TextField(blank=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("dead_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("dead_at", None), ("done_at", None)),
                        fields=["next_try_at"],
                        name="runrequest_due",
                    ),
                    models.Index(fields=["trial", "kind", "-number"], name="runrequest_latest"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("dead_at", None), ("done_at", None)),
                        fields=("trial", "kind"),
                        name="runrequest_one_open",
                    )
                ],
            },
        ),
    ]
