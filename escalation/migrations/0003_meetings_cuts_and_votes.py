"""Meetings, their frozen data cuts and votes; a decision names the cut that it was made on.

Safe to deploy: adds three tables and a nullable column; decisions already there name no cut.
Backwards: drops them and what was voted in them.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trial.ids


class Migration(migrations.Migration):
    dependencies = [
        ("escalation", "0002_decisions_outside_the_count"),
        ("trial", "0004_ask_for_an_own_password"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DataCut",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                (
                    "rev",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Number of its last change; by trigger."
                    ),
                ),
                ("voided", models.BooleanField(default=False)),
                ("number", models.PositiveSmallIntegerField(help_text="Of the cut, within its meeting.")),
                ("record", models.PositiveIntegerField(help_text="Number of the last action that the cut contains.")),
                ("hash", models.CharField(help_text="Of the chain at that number.", max_length=64)),
                ("on", models.DateField(help_text="What derivations take as today.")),
                ("at", models.DateTimeField()),
                (
                    "basis",
                    models.CharField(
                        help_text="number.date.engine.settings.inputs, as a signer would see it.", max_length=250
                    ),
                ),
                ("inputs", models.JSONField(help_text="The engine's input.")),
                ("recommendation", models.JSONField(help_text="The engine's answer to it.")),
                (
                    "frozen_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
            options={
                "ordering": ["meeting", "number"],
            },
        ),
        migrations.AddField(
            model_name="decision",
            name="cut",
            field=models.ForeignKey(
                help_text="Frozen by the meeting that decided.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="escalation.datacut",
            ),
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                (
                    "rev",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Number of its last change; by trigger."
                    ),
                ),
                ("voided", models.BooleanField(default=False)),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "cut_off",
                    models.DateField(help_text="Data are to be entered and adjudicated until then; no cut before it."),
                ),
                ("meets_on", models.DateField(help_text="The planned day of the meeting.")),
                ("called_at", models.DateTimeField()),
                (
                    "closed_at",
                    models.DateTimeField(help_text="With its decision in force, or without a decision.", null=True),
                ),
                ("closed_reason", models.TextField(blank=True, help_text="Why it ended without a decision.")),
                (
                    "called_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
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
                    models.UniqueConstraint(fields=("trial", "number"), name="meeting_number_unique_in_trial"),
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)), fields=("trial",), name="meeting_one_open_per_trial"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("meets_on__gte", models.F("cut_off"))), name="meeting_meets_after_cut_off"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("closed_reason", "")),
                            ("closed_at__gte", models.F("called_at")),
                            _connector="OR",
                        ),
                        name="meeting_closes_after_it_was_called",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="datacut",
            name="meeting",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="cuts", to="escalation.meeting"
            ),
        ),
        migrations.CreateModel(
            name="Vote",
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
                    "outcome",
                    models.CharField(blank=True, help_text="Of a decision; empty for an abstention.", max_length=20),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        help_text="Of the dose level, in the protocol of the cut.", null=True
                    ),
                ),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
                ("voided_reason", models.TextField(blank=True)),
                (
                    "cut",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="votes", to="escalation.datacut"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
            options={
                "ordering": ["at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("voided", False)), fields=("cut", "member"), name="vote_one_in_force"
                    ),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="vote_has_a_reason"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", ""), _negated=True), ("position", None), _connector="OR"
                        ),
                        name="vote_of_an_abstention_names_no_level",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="datacut",
            constraint=models.UniqueConstraint(fields=("meeting", "number"), name="datacut_number_unique_in_meeting"),
        ),
    ]
