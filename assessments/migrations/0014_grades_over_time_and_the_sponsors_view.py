"""Keep of an adverse event its grades over time, what was done about each drug, how it ended, why it is serious, and
what the sponsor says of it; and the lists of expected terms.

Why: a case is followed, assessed twice and read by regulators (docs/domain.md, section 6). Safe to deploy: columns that
may be null, and new tables; a stored event keeps its one grade from its onset on, was not asked the rest, and is read
as before. A grade may be null from now on: it waits for the investigator. Backwards: drops what is added; refused while
a grade is null.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trial.ids


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0013_seal_what_was_computed"),
        ("patients", "0022_why_a_first_dose_was_given_in_spite_of_a_hold"),
        ("trial", "0018_what_whoever_acted_wrote_himself"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ActionTaken",
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
                    "action",
                    models.CharField(
                        choices=[
                            ("none", "Dose not changed"),
                            ("held", "Held"),
                            ("reduced", "Reduced"),
                            ("stopped", "Stopped"),
                            ("not_applicable", "Not applicable"),
                            ("unknown", "Unknown"),
                        ],
                        max_length=20,
                    ),
                ),
            ],
            options={
                "ordering": ["drug__position"],
            },
        ),
        migrations.CreateModel(
            name="EventGrade",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                (
                    "rev",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Number of its last change; by trigger."
                    ),
                ),
                ("voided", models.BooleanField(default=False)),
                ("on", models.DateField()),
                ("grade", models.PositiveSmallIntegerField(null=True)),
            ],
            options={
                "ordering": ["on"],
            },
        ),
        migrations.CreateModel(
            name="SafetyReference",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                (
                    "rev",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Number of its last change; by trigger."
                    ),
                ),
                ("voided", models.BooleanField(default=False)),
                ("version", models.CharField(max_length=40)),
                ("in_force_on", models.DateField()),
                (
                    "terms",
                    models.JSONField(
                        help_text="CTCAE terms, each with the highest grade that is expected, or null for any."
                    ),
                ),
            ],
            options={
                "ordering": ["-in_force_on"],
            },
        ),
        migrations.CreateModel(
            name="SponsorAssessment",
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
                    "expected",
                    models.BooleanField(
                        help_text="What the sponsor says against the list of expected terms; null: as the list has it.",
                        null=True,
                    ),
                ),
                ("because", models.TextField(blank=True, help_text="Why the list is overruled.")),
                ("comment", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SponsorRelation",
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
                    "degree",
                    models.CharField(
                        choices=[
                            ("unrelated", "No"),
                            ("unlikely", "Unlikely"),
                            ("possible", "Possibly"),
                            ("probable", "Probably"),
                            ("definite", "Definitely"),
                        ],
                        max_length=20,
                    ),
                ),
            ],
            options={
                "ordering": ["drug__position"],
            },
        ),
        migrations.AddField(
            model_name="adverseevent",
            name="aware_at",
            field=models.DateTimeField(help_text="The moment of that day; null: only the day is known.", null=True),
        ),
        migrations.AddField(
            model_name="adverseevent",
            name="narrative",
            field=models.TextField(help_text="What happened, in the site's words. Never a name.", null=True),
        ),
        migrations.AddField(
            model_name="adverseevent",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("recovered", "Recovered"),
                    ("recovering", "Recovering"),
                    ("recovered_sequelae", "Recovered with sequelae"),
                    ("not_recovered", "Not recovered"),
                    ("fatal", "Fatal"),
                    ("unknown", "Unknown"),
                ],
                help_text="Null: not answered yet, or not asked then.",
                max_length=20,
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="adverseevent",
            name="received_at",
            field=models.DateTimeField(
                help_text="When the sponsor received it; null: when it was reported here.", null=True
            ),
        ),
        migrations.AddField(
            model_name="adverseevent",
            name="sent_at",
            field=models.DateTimeField(
                help_text="When the site told the sponsor, where that was not by reporting it here.", null=True
            ),
        ),
        migrations.AddField(
            model_name="adverseevent",
            name="serious_criteria",
            field=models.JSONField(
                help_text="Why it is serious, of words.Criterion; empty: it is not. Null: from before it was asked.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="adverseevent",
            name="grade",
            field=models.PositiveSmallIntegerField(
                help_text="The worst of its history. Null: it waits for the investigator.", null=True
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("serious_criteria__isnull", True),
                    models.Q(("serious", True), models.Q(("serious_criteria", []), _negated=True)),
                    models.Q(("serious", False), ("serious_criteria", [])),
                    _connector="OR",
                ),
                name="event_serious_by_a_criterion",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome", None),
                    (
                        "outcome__in",
                        ["recovered", "recovering", "recovered_sequelae", "not_recovered", "fatal", "unknown"],
                    ),
                    _connector="OR",
                ),
                name="event_outcome_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome", None),
                    models.Q(("outcome__in", ("recovered", "recovered_sequelae")), _negated=True),
                    ("ended_on__isnull", False),
                    _connector="OR",
                ),
                name="event_over_has_its_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome", None),
                    models.Q(("outcome", "fatal"), _negated=True),
                    ("grade", None),
                    ("grade", 5),
                    _connector="OR",
                ),
                name="event_fatal_is_grade_5",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("aware_at", None), ("aware_on__isnull", False), _connector="OR"),
                name="event_aware_on_its_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sent_at", None), ("aware_at", None), ("sent_at__gte", models.F("aware_at")), _connector="OR"
                ),
                name="event_sent_after_aware",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("received_at", None), ("sent_at", None), ("received_at__gte", models.F("sent_at")), _connector="OR"
                ),
                name="event_received_after_sent",
            ),
        ),
        migrations.AddField(
            model_name="actiontaken",
            name="drug",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.drug"),
        ),
        migrations.AddField(
            model_name="actiontaken",
            name="event",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="actions", to="assessments.adverseevent"
            ),
        ),
        migrations.AddField(
            model_name="actiontaken",
            name="trial",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
        ),
        migrations.AddField(
            model_name="eventgrade",
            name="event",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="grades", to="assessments.adverseevent"
            ),
        ),
        migrations.AddField(
            model_name="eventgrade",
            name="trial",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
        ),
        migrations.AddField(
            model_name="safetyreference",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="safetyreference",
            name="trial",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
        ),
        migrations.AddField(
            model_name="sponsorassessment",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="sponsorassessment",
            name="event",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="sponsor", to="assessments.adverseevent"
            ),
        ),
        migrations.AddField(
            model_name="sponsorassessment",
            name="trial",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
        ),
        migrations.AddField(
            model_name="sponsorrelation",
            name="drug",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.drug"),
        ),
        migrations.AddField(
            model_name="sponsorrelation",
            name="event",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sponsor_relations",
                to="assessments.adverseevent",
            ),
        ),
        migrations.AddField(
            model_name="sponsorrelation",
            name="trial",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
        ),
        migrations.AddConstraint(
            model_name="actiontaken",
            constraint=models.UniqueConstraint(fields=("event", "drug"), name="actiontaken_one_per_drug"),
        ),
        migrations.AddConstraint(
            model_name="actiontaken",
            constraint=models.CheckConstraint(
                condition=models.Q(("action__in", ["none", "held", "reduced", "stopped", "not_applicable", "unknown"])),
                name="actiontaken_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="eventgrade",
            constraint=models.UniqueConstraint(fields=("event", "on"), name="eventgrade_one_a_day"),
        ),
        migrations.AddConstraint(
            model_name="eventgrade",
            constraint=models.CheckConstraint(
                condition=models.Q(("grade", None), ("grade__range", (1, 5)), _connector="OR"), name="eventgrade_1_to_5"
            ),
        ),
        migrations.AddConstraint(
            model_name="safetyreference",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided", False)), fields=("trial", "version"), name="safetyreference_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="safetyreference",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided", False)), fields=("trial", "in_force_on"), name="safetyreference_one_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="sponsorassessment",
            constraint=models.CheckConstraint(
                condition=models.Q(("expected", None), models.Q(("because", ""), _negated=True), _connector="OR"),
                name="sponsorassessment_overrules_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="sponsorrelation",
            constraint=models.UniqueConstraint(fields=("event", "drug"), name="sponsorrelation_one_per_drug"),
        ),
        migrations.AddConstraint(
            model_name="sponsorrelation",
            constraint=models.CheckConstraint(
                condition=models.Q(("degree__in", ["unrelated", "unlikely", "possible", "probable", "definite"])),
                name="sponsorrelation_is_known",
            ),
        ),
    ]
