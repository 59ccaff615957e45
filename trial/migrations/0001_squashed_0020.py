"""What the migrations up to 0020 make, in one step, for a new installation.

Safe to deploy: an installation that has the replaced ones takes it for applied; one that has some of them goes on with
the rest of them. Functions and what they seal come from the replaced ones, word for word.
"""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trial.ids
import trial.roles
from trial.together import CreateTogether

ledger = import_module("trial.migrations.0002_ledger_functions")
files = import_module("trial.migrations.0019_files_that_are_built")
sealed = import_module("trial.migrations.0012_what_is_sealed_and_what_watches_it")


class Migration(migrations.Migration):
    replaces = [
        ("trial", "0001_initial"),
        ("trial", "0002_ledger_functions"),
        ("trial", "0003_protocol_version_checked"),
        ("trial", "0004_ask_for_an_own_password"),
        ("trial", "0005_daily_anchor"),
        ("trial", "0006_schedule_of_a_dose_as_data"),
        ("trial", "0007_criteria_that_take_a_procedure"),
        ("trial", "0008_why_an_unlikely_setting_stands"),
        ("trial", "0009_one_address_an_account"),
        ("trial", "0010_signatures_with_a_second_factor"),
        ("trial", "0011_attempts_to_log_in"),
        ("trial", "0012_what_is_sealed_and_what_watches_it"),
        ("trial", "0013_what_administrators_do_to_accounts"),
        ("trial", "0014_notices_in_the_program"),
        ("trial", "0015_rights_signed_each_quarter"),
        ("trial", "0016_what_a_reader_has_seen"),
        ("trial", "0017_a_key_is_of_one_trial"),
        ("trial", "0018_what_whoever_acted_wrote_himself"),
        ("trial", "0019_files_that_are_built"),
        ("trial", "0020_country_of_a_site_and_sponsor_of_a_trial"),
    ]

    initial = True

    dependencies = []

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="User",
                    fields=[
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        ("email", models.EmailField(max_length=254, unique=True)),
                        ("name", models.CharField(max_length=120)),
                        ("is_active", models.BooleanField(default=True)),
                        (
                            "must_change_password",
                            models.BooleanField(default=False, help_text="Somebody else chose the present one."),
                        ),
                        (
                            "sessions_ended",
                            models.PositiveIntegerField(
                                default=0, help_text="How often all its sessions were ended at once."
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Anchor",
                    fields=[
                        (
                            "number",
                            models.PositiveIntegerField(
                                help_text="1, 2, 3 … without a gap.", primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "day",
                            models.DateField(
                                help_text="UTC; null after a signature. The first one holds all days up to its own.",
                                null=True,
                                unique=True,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("body", models.TextField(help_text="The exact text that was hashed.")),
                        ("prev", models.CharField(max_length=64)),
                        ("hash", models.CharField(max_length=64)),
                    ],
                ),
                migrations.CreateModel(
                    name="DoseLevel",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        ("label", models.CharField(max_length=80)),
                    ],
                ),
                migrations.CreateModel(
                    name="Trial",
                    fields=[
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        ("code", models.SlugField(max_length=40, unique=True)),
                        ("title", models.CharField(max_length=250)),
                        ("disease", models.CharField(blank=True, max_length=200)),
                        ("time_zone", models.CharField(default="UTC", max_length=60)),
                        (
                            "simulated",
                            models.BooleanField(
                                default=False, help_text="Played under the simulated clock, never real."
                            ),
                        ),
                        (
                            "illustrative",
                            models.BooleanField(default=False, help_text="Doses and settings are an illustration."),
                        ),
                        (
                            "label",
                            models.CharField(
                                blank=True, help_text="Said on every page: demo data, source …", max_length=250
                            ),
                        ),
                        (
                            "sponsor",
                            models.CharField(
                                help_text="Its name, as case reports have it; null: not recorded.",
                                max_length=200,
                                null=True,
                            ),
                        ),
                        (
                            "sponsor_address",
                            models.CharField(help_text="Null: not recorded.", max_length=500, null=True),
                        ),
                    ],
                    options={
                        "ordering": ["code"],
                    },
                ),
                migrations.CreateModel(
                    name="Account",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "email",
                            models.EmailField(
                                help_text="Null: as it was before addresses were kept here.", max_length=254, null=True
                            ),
                        ),
                        (
                            "new_email",
                            models.EmailField(
                                help_text="Asked for by an administrator, until its owner confirms it.",
                                max_length=254,
                                null=True,
                            ),
                        ),
                        ("open", models.BooleanField(default=True)),
                        (
                            "role",
                            models.CharField(blank=True, choices=[("administrator", "Administrator")], max_length=30),
                        ),
                        (
                            "new_email_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="account",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="ApiToken",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        ("name", models.CharField(max_length=80)),
                        ("prefix", models.CharField(max_length=12, unique=True)),
                        ("digest", models.CharField(max_length=64)),
                        ("scopes", models.CharField(default="read", max_length=200)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("expires_at", models.DateTimeField()),
                        ("revoked_at", models.DateTimeField(null=True)),
                        ("last_used_at", models.DateTimeField(null=True)),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tokens",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Attempt",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "of",
                            models.CharField(
                                help_text="SHA-256 of what it was for: an address at the log-in, or a session.",
                                max_length=64,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["of", "at"], name="attempt_of_at")],
                    },
                ),
                migrations.CreateModel(
                    name="Site",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        ("code", models.CharField(help_text="Two digits by custom: 01, 02 …", max_length=10)),
                        ("name", models.CharField(max_length=120)),
                        ("time_zone", models.CharField(default="UTC", max_length=60)),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                        (
                            "country",
                            models.CharField(
                                help_text="As case reports name it; null: not recorded.", max_length=60, null=True
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["code"],
                        "constraints": [
                            models.UniqueConstraint(fields=("trial", "code"), name="site_code_unique_in_trial")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Signature",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("investigator", "Investigator"),
                                    ("coordinator", "Coordinator"),
                                    ("medical_monitor", "Medical monitor"),
                                    ("statistician", "Statistician"),
                                    ("dsmb", "Safety committee"),
                                    ("monitor", "Monitor (CRA)"),
                                    ("auditor", "Auditor"),
                                    ("administrator", "Administrator"),
                                ],
                                max_length=30,
                            ),
                        ),
                        ("meaning", models.CharField(max_length=200)),
                        ("signed_at", models.DateTimeField()),
                        ("subject", models.UUIDField(help_text="Id of the row that was signed.")),
                        ("content", models.CharField(help_text="SHA-256 of what was signed.", max_length=64)),
                        (
                            "proof",
                            models.CharField(
                                choices=[
                                    ("password", "password"),
                                    ("password_totp", "password_totp"),
                                    ("simulated", "simulated"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "suspended",
                            models.JSONField(
                                help_text="What had suspended signing since this person's last signature; null: nothing.",
                                null=True,
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["signed_at"],
                        "constraints": [
                            models.UniqueConstraint(fields=("subject", "user"), name="signature_once_per_person")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ResultSeal",
                    fields=[
                        ("row", models.UUIDField(primary_key=True, serialize=False)),
                        ("table", models.CharField(max_length=63)),
                        ("at", models.DateTimeField()),
                        ("sha256", models.CharField(max_length=64)),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="ProtocolVersion",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        ("number", models.PositiveSmallIntegerField()),
                        ("settings", models.JSONField()),
                        ("reason", models.TextField(blank=True)),
                        (
                            "in_force_from",
                            models.PositiveIntegerField(help_text="Ledger number of the action that wrote it."),
                        ),
                        ("written_on", models.DateField()),
                        (
                            "checked",
                            models.JSONField(
                                help_text="What the exhaustive check of the rule found; null before versions were checked.",
                                null=True,
                            ),
                        ),
                        (
                            "unusual",
                            models.TextField(help_text="Why an unlikely number stands; null: it has none.", null=True),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["number"],
                        "constraints": [
                            models.UniqueConstraint(fields=("trial", "number"), name="protocol_number_unique_in_trial")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Notice",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        ("key", models.CharField(max_length=120)),
                        (
                            "address",
                            models.EmailField(
                                blank=True, help_text="Of nobody's account, as where anchors are kept.", max_length=254
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    (
                                        "safety",
                                        "Safety: suspected and late DLTs, holds, reviews, what was done in spite of a rule",
                                    ),
                                    ("decision", "Decisions to sign and in force"),
                                    ("meeting", "Meetings of the committee"),
                                    ("enrolment", "Slots that are granted"),
                                    ("analysis", "Analyses that could not be computed"),
                                    ("account", "Your account and who got into it"),
                                    ("installation", "The installation: clocks, anchors, mail"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "path",
                            models.CharField(blank=True, help_text="Of the page that it leads to.", max_length=200),
                        ),
                        (
                            "one_time",
                            models.BooleanField(
                                default=False,
                                help_text="It leads to a new password. Such a link is made as it is sent, and stored nowhere.",
                            ),
                        ),
                        ("subject", models.CharField(max_length=250)),
                        ("text", models.TextField(blank=True)),
                        ("posted_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "next_try_at",
                            models.DateTimeField(
                                help_text="Null when no mail was set up: it is read here alone.", null=True
                            ),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("last_error", models.TextField(blank=True)),
                        ("done_at", models.DateTimeField(null=True)),
                        ("dead_at", models.DateTimeField(null=True)),
                        ("read_at", models.DateTimeField(null=True)),
                        (
                            "to",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notices",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="trial.trial",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("dead_at", None), ("done_at", None)),
                                fields=["next_try_at"],
                                name="notice_due",
                            ),
                            models.Index(condition=models.Q(("read_at", None)), fields=["to"], name="notice_unread"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("key", "to"), name="notice_key_unique_for_person"),
                            models.UniqueConstraint(
                                condition=models.Q(("to", None)),
                                fields=("key", "address"),
                                name="notice_key_unique_for_address",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("address__gt", ""), ("to", None)),
                                    models.Q(("address", ""), ("to__isnull", False)),
                                    _connector="OR",
                                ),
                                name="notice_has_one_receiver",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Membership",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("investigator", "Investigator"),
                                    ("coordinator", "Coordinator"),
                                    ("medical_monitor", "Medical monitor"),
                                    ("statistician", "Statistician"),
                                    ("dsmb", "Safety committee"),
                                    ("monitor", "Monitor (CRA)"),
                                    ("auditor", "Auditor"),
                                ],
                                max_length=30,
                            ),
                        ),
                        (
                            "principal",
                            models.BooleanField(default=False, help_text="Principal investigator of the site."),
                        ),
                        (
                            "second_reader",
                            models.BooleanField(default=False, help_text="Named to read DLTs of other sites second."),
                        ),
                        ("third_reader", models.BooleanField(default=False, help_text="Named to adjudicate DLTs.")),
                        ("since", models.DateField()),
                        ("until", models.DateField(blank=True, null=True)),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to="trial.site",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("until", None), ("voided", False)),
                                fields=("trial", "user"),
                                name="membership_one_role_at_a_time",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("principal", True), ("until", None), ("voided", False)),
                                fields=("trial", "site"),
                                name="membership_one_principal_per_site",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "role__in",
                                            [trial.roles.Role["COORDINATOR"], trial.roles.Role["INVESTIGATOR"]],
                                        ),
                                        ("site__isnull", False),
                                    ),
                                    models.Q(
                                        models.Q(
                                            (
                                                "role__in",
                                                [trial.roles.Role["COORDINATOR"], trial.roles.Role["INVESTIGATOR"]],
                                            ),
                                            _negated=True,
                                        ),
                                        ("site", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="membership_site_follows_role",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("principal", False), ("role", trial.roles.Role["INVESTIGATOR"]), _connector="OR"
                                ),
                                name="membership_principal_is_investigator",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                                name="membership_ends_after_start",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Ledger",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        ("number", models.PositiveIntegerField(default=0)),
                        (
                            "head",
                            models.CharField(
                                default="0000000000000000000000000000000000000000000000000000000000000000",
                                max_length=64,
                            ),
                        ),
                        (
                            "trial",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="trial.trial",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                models.Value(1),
                                condition=models.Q(("trial", None)),
                                name="ledger_one_for_the_installation",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LadderStep",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        ("position", models.PositiveSmallIntegerField()),
                        (
                            "dose_level",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="trial.doselevel"
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="trial.protocolversion",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["position"],
                        "constraints": [
                            models.UniqueConstraint(fields=("version", "position"), name="ladderstep_position_unique"),
                            models.UniqueConstraint(fields=("version", "dose_level"), name="ladderstep_level_unique"),
                            models.CheckConstraint(
                                condition=models.Q(("position__gte", 1)), name="ladderstep_position_from_one"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EligibilityCriterion",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        ("number", models.PositiveSmallIntegerField()),
                        ("text", models.CharField(max_length=300)),
                        (
                            "procedure",
                            models.BooleanField(
                                help_text="Whether answering it takes a study procedure; null: it takes none.",
                                null=True,
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="criteria",
                                to="trial.protocolversion",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["number"],
                        "constraints": [
                            models.UniqueConstraint(fields=("version", "number"), name="criterion_number_unique")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Drug",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        ("name", models.CharField(max_length=120)),
                        ("position", models.PositiveSmallIntegerField()),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["position"],
                        "constraints": [
                            models.UniqueConstraint(fields=("trial", "name"), name="drug_name_unique_in_trial"),
                            models.UniqueConstraint(fields=("trial", "position"), name="drug_position_unique_in_trial"),
                        ],
                    },
                ),
            ]
        ),
        migrations.AddField(
            model_name="doselevel",
            name="trial",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
        ),
        CreateTogether(
            [
                migrations.CreateModel(
                    name="Dose",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        ("amount", models.DecimalField(blank=True, decimal_places=4, max_digits=12, null=True)),
                        ("unit", models.CharField(blank=True, max_length=30)),
                        ("schedule", models.CharField(blank=True, max_length=120)),
                        (
                            "per_cycle",
                            models.PositiveSmallIntegerField(
                                blank=True, help_text="Planned doses in one cycle.", null=True
                            ),
                        ),
                        (
                            "days",
                            models.JSONField(
                                help_text="Days of a cycle on which it is given, 1 the first; null: the schedule is words alone.",
                                null=True,
                            ),
                        ),
                        (
                            "times",
                            models.PositiveSmallIntegerField(
                                help_text="How often on each of those days; null as `days`.", null=True
                            ),
                        ),
                        (
                            "dose_level",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="doses", to="trial.doselevel"
                            ),
                        ),
                        (
                            "drug",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="doses", to="trial.drug"
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["drug__position"],
                        "constraints": [
                            models.UniqueConstraint(fields=("dose_level", "drug"), name="dose_one_per_drug_and_level"),
                            models.CheckConstraint(
                                condition=models.Q(("amount", None), ("amount__gte", 0), _connector="OR"),
                                name="dose_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("days__isnull", True), ("times", None)),
                                    models.Q(("days__isnull", False), ("times__gte", 1)),
                                    _connector="OR",
                                ),
                                name="dose_scheduled_whole",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AccessEvent",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        ("at", models.DateTimeField(help_text="By the database's clock, which the anchors ask too.")),
                        ("kind", models.CharField(max_length=40)),
                        ("address", models.GenericIPAddressField(null=True)),
                        ("detail", models.TextField(blank=True)),
                        (
                            "user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="trial.trial",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Visit",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("before", models.PositiveIntegerField()),
                        ("at", models.DateTimeField()),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("user", "trial"), name="visit_one_for_person_and_trial")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AuditEvent",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("at", models.DateTimeField()),
                        ("acting_as", models.CharField(max_length=30)),
                        ("verb", models.CharField(max_length=60)),
                        ("reason", models.TextField(blank=True)),
                        ("body", models.TextField(help_text="The exact text that was hashed.")),
                        ("prev", models.CharField(max_length=64)),
                        ("hash", models.CharField(max_length=64)),
                        (
                            "written",
                            models.PositiveIntegerField(
                                help_text="How many of its images, from the first, whoever acted wrote; the others follow. Null: not counted.",
                                null=True,
                            ),
                        ),
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
                            "ledger",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="events", to="trial.ledger"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("ledger", "number"), name="auditevent_number_unique")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NoticeOff",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    (
                                        "safety",
                                        "Safety: suspected and late DLTs, holds, reviews, what was done in spite of a rule",
                                    ),
                                    ("decision", "Decisions to sign and in force"),
                                    ("meeting", "Meetings of the committee"),
                                    ("enrolment", "Slots that are granted"),
                                    ("analysis", "Analyses that could not be computed"),
                                    ("account", "Your account and who got into it"),
                                    ("installation", "The installation: clocks, anchors, mail"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("user", "kind"), name="notice_off_once"),
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["safety", "account", "installation"]), _negated=True),
                                name="notice_off_only_what_may_be",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Once",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField()),
                        ("verb", models.CharField(max_length=60)),
                        ("request", models.CharField(help_text="SHA-256 of what was asked.", max_length=64)),
                        ("result", models.UUIDField(null=True)),
                        (
                            "ledger",
                            models.ForeignKey(
                                help_text="Null: from before a key was of one trial.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="trial.ledger",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("user", "key", "ledger"), name="once_key_unique_in_ledger")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RightsReview",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
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
                        (
                            "proof",
                            models.CharField(
                                choices=[
                                    ("password", "password"),
                                    ("password_totp", "password_totp"),
                                    ("simulated", "simulated"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("quarter", "user"), name="rightsreview_once_per_person")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RowImage",
                    fields=[
                        ("seq", models.BigAutoField(primary_key=True, serialize=False)),
                        ("number", models.PositiveIntegerField()),
                        ("table", models.CharField(max_length=63)),
                        ("row", models.UUIDField()),
                        ("image", models.JSONField()),
                        (
                            "ledger",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.ledger"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.F("ledger"),
                                models.F("table"),
                                models.F("row"),
                                models.OrderBy(models.F("number"), descending=True),
                                models.OrderBy(models.F("seq"), descending=True),
                                name="image_as_of",
                            ),
                            models.Index(fields=["ledger", "number"], name="image_of_event"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Suspension",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        (
                            "rev",
                            models.PositiveIntegerField(
                                default=0, editable=False, help_text="Number of its last change; by trigger."
                            ),
                        ),
                        ("voided", models.BooleanField(default=False)),
                        (
                            "cause",
                            models.CharField(
                                choices=[
                                    ("address", "address changed"),
                                    ("opened", "account opened again"),
                                    ("password", "new password given by an administrator"),
                                    ("factor", "second factor taken away"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("confirmed_at", models.DateTimeField(null=True)),
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
                            "confirmed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="suspensions",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["at"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("confirmed_by", None)), fields=["user"], name="suspension_open"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("confirmed_at", None), ("confirmed_by", None)),
                                    models.Q(
                                        ("confirmed_at__isnull", False),
                                        ("confirmed_by__isnull", False),
                                        models.Q(("confirmed_by", models.F("user")), _negated=True),
                                        models.Q(
                                            ("by", None),
                                            models.Q(("confirmed_by", models.F("by")), _negated=True),
                                            _connector="OR",
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="suspension_confirmed_by_another_person",
                            )
                        ],
                    },
                ),
            ]
        ),
        migrations.AddConstraint(
            model_name="doselevel",
            constraint=models.UniqueConstraint(fields=("trial", "label"), name="doselevel_label_unique_in_trial"),
        ),
        CreateTogether(
            [
                migrations.CreateModel(
                    name="Artifact",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        ("kind", models.CharField(max_length=40)),
                        ("key", models.CharField(help_text="What was asked for, of its kind and cut.", max_length=200)),
                        ("title", models.CharField(max_length=250)),
                        ("filename", models.CharField(max_length=150)),
                        ("media_type", models.CharField(max_length=80)),
                        (
                            "cut",
                            models.CharField(
                                blank=True,
                                help_text="Its name, as of a meeting's; empty: the record then.",
                                max_length=80,
                            ),
                        ),
                        (
                            "number",
                            models.PositiveIntegerField(
                                help_text="Of the trial's ledger: the last action that the cut contains."
                            ),
                        ),
                        ("on", models.DateField(help_text="The clinical date of the cut.")),
                        (
                            "cut_hash",
                            models.CharField(help_text="Of the ledger's chain at that number.", max_length=64),
                        ),
                        (
                            "without",
                            models.JSONField(
                                help_text="Ids of rows that nobody might read when it was asked for. Null: it reads none such.",
                                null=True,
                            ),
                        ),
                        (
                            "without_hash",
                            models.CharField(
                                blank=True, help_text="SHA-256 of `without`; empty where null.", max_length=64
                            ),
                        ),
                        ("requested_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting"),
                                    ("building", "Being built"),
                                    ("done", "Built"),
                                    ("failed", "Failed"),
                                ],
                                default="waiting",
                                max_length=10,
                            ),
                        ),
                        ("next_try_at", models.DateTimeField()),
                        ("started_at", models.DateTimeField(null=True)),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("last_error", models.TextField(blank=True)),
                        ("built_at", models.DateTimeField(null=True)),
                        ("failed_at", models.DateTimeField(null=True)),
                        ("size", models.PositiveBigIntegerField(help_text="Bytes.", null=True)),
                        ("sha256", models.CharField(blank=True, max_length=64)),
                        (
                            "requested_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state__in", ["waiting", "building"])),
                                fields=["next_try_at"],
                                name="artifact_due",
                            ),
                            models.Index(fields=["trial", "kind", "-requested_at"], name="artifact_listed"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "failed"), _negated=True),
                                fields=("trial", "kind", "key", "number", "on", "without_hash"),
                                name="artifact_built_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("built_at__isnull", False),
                                        ("sha256__regex", "^[0-9a-f]{64}$"),
                                        ("size__isnull", False),
                                        ("state", "done"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "done"), _negated=True),
                                        ("built_at", None),
                                        ("sha256", ""),
                                        ("size", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="artifact_done_is_whole",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("failed_at__isnull", False),
                                        ("state", "failed"),
                                        models.Q(("last_error", ""), _negated=True),
                                    ),
                                    models.Q(models.Q(("state", "failed"), _negated=True), ("failed_at", None)),
                                    _connector="OR",
                                ),
                                name="artifact_failed_says_why",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ArtifactPart",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False),
                        ),
                        ("n", models.PositiveIntegerField()),
                        ("bytes", models.BinaryField()),
                        (
                            "artifact",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="trial.artifact"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("artifact", "n"), name="artifactpart_once")],
                    },
                ),
                migrations.CreateModel(
                    name="ArtifactProgress",
                    fields=[
                        (
                            "artifact",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="progress",
                                serialize=False,
                                to="trial.artifact",
                            ),
                        ),
                        ("percent", models.PositiveSmallIntegerField(default=0)),
                        ("step", models.CharField(blank=True, max_length=120)),
                        ("at", models.DateTimeField(auto_now=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("percent__lte", 100)), name="artifact_progress_percent"
                            )
                        ],
                    },
                ),
            ]
        ),
        migrations.RunSQL(ledger.FORWARDS, ledger.BACKWARDS),
        migrations.RunSQL(sealed.GUARD, migrations.RunSQL.noop),
        migrations.RunSQL(sealed.SEAL, "DROP FUNCTION result_seal() CASCADE; DROP FUNCTION result_digest(jsonb);"),
        migrations.RunSQL(files.GUARD, files.UNGUARD),
    ]
