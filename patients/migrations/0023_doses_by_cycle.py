"""Doses by cycle and day, and when cycles from the third on began.

Why: exposure, dose intensity and criterion N4 go by the days themselves (docs/domain.md, section 5). Safe to deploy:
three new tables, empty; whoever has totals of the window only keeps them. Backwards: drops the tables.
"""

import django.db.models.deletion
from django.db import migrations, models

import trial.ids


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0001_initial"),
        ("patients", "0022_why_a_first_dose_was_given_in_spite_of_a_hold"),
        ("trial", "0018_what_whoever_acted_wrote_himself"),
    ]

    operations = [
        migrations.CreateModel(
            name="CycleDoses",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                (
                    "rev",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Number of its last change; by trigger."
                    ),
                ),
                ("voided", models.BooleanField(default=False)),
                ("cycle", models.PositiveSmallIntegerField()),
                (
                    "last_day",
                    models.PositiveSmallIntegerField(help_text="Of the cycle: recorded to this day, it included."),
                ),
                (
                    "drug",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.drug"),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="cycle_doses", to="patients.patient"
                    ),
                ),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
            options={
                "ordering": ["cycle", "drug__position"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("voided", False)),
                        fields=("patient", "cycle", "drug"),
                        name="cycledoses_once_a_drug",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cycle__gte", 1), ("last_day__gte", 1)), name="cycledoses_from_one"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CycleStart",
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
                ("began_on", models.DateField()),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="cycle_starts", to="patients.patient"
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
                    models.UniqueConstraint(
                        condition=models.Q(("voided", False)),
                        fields=("patient", "number"),
                        name="cyclestart_once_a_cycle",
                    ),
                    models.CheckConstraint(condition=models.Q(("number__gte", 3)), name="cyclestart_from_the_third"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DoseDay",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                (
                    "rev",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Number of its last change; by trigger."
                    ),
                ),
                ("voided", models.BooleanField(default=False)),
                ("cycle", models.PositiveSmallIntegerField()),
                ("day", models.PositiveSmallIntegerField(help_text="Of the cycle; 1 is its first.")),
                (
                    "state",
                    models.CharField(
                        choices=[("taken", "taken"), ("reduced", "reduced"), ("held", "held"), ("missed", "missed")],
                        max_length=10,
                    ),
                ),
                (
                    "taken",
                    models.DecimalField(
                        decimal_places=4, help_text="Over the day, in the unit of the dose.", max_digits=12
                    ),
                ),
                (
                    "because",
                    models.CharField(
                        choices=[
                            ("adverse_event", "an adverse event"),
                            ("patient", "the patient"),
                            ("other", "another reason"),
                        ],
                        max_length=20,
                    ),
                ),
                ("note", models.CharField(blank=True, help_text="In words; never a name.", max_length=200)),
                (
                    "drug",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.drug"),
                ),
                (
                    "event",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dose_days",
                        to="assessments.adverseevent",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="dose_days", to="patients.patient"
                    ),
                ),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
            options={
                "ordering": ["cycle", "drug__position", "day"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("voided", False)),
                        fields=("patient", "cycle", "drug", "day"),
                        name="doseday_once_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cycle__gte", 1), ("day__gte", 1)), name="doseday_from_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "held"), ("taken", 0)),
                            models.Q(("state", "missed"), ("taken__gte", 0)),
                            models.Q(("state__in", ["taken", "reduced"]), ("taken__gt", 0)),
                            _connector="OR",
                        ),
                        name="doseday_amount_fits_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("because", "adverse_event"), ("event__isnull", False)),
                            models.Q(("because", "patient"), ("event", None)),
                            models.Q(("because", "other"), ("event", None), models.Q(("note", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="doseday_names_its_event",
                    ),
                ],
            },
        ),
    ]
