"""What the migrations up to 0022 make, in one step, for a new installation.

Safe to deploy: an installation that has the replaced ones takes it for applied; one that has some of them goes on with
the rest of them.
"""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import trial.ids
from trial.together import CreateTogether


class Migration(migrations.Migration):
    replaces = [
        ("patients", "0001_initial"),
        ("patients", "0002_follow_up"),
        ("patients", "0003_cohorts_outside_the_count"),
        ("patients", "0004_leaving_the_study"),
        ("patients", "0005_patients_of_an_amendment"),
        ("patients", "0006_why_treatment_stopped"),
        ("patients", "0007_consent_form_versions"),
        ("patients", "0008_first_doses_given_while_enrolment_was_held"),
        ("patients", "0009_withdrawals"),
        ("patients", "0010_answers_about_closed_levels"),
        ("patients", "0011_why_an_unlikely_dose_stands"),
        ("patients", "0012_levels_opened_on_paper"),
        ("patients", "0013_screening"),
        ("patients", "0014_whether_a_consent_ends_a_withdrawal"),
        ("patients", "0015_one_version_signed_again"),
        ("patients", "0016_reasons_owed_for_deviations"),
        ("patients", "0017_the_day_of_an_answer_about_eligibility"),
        ("patients", "0018_first_doses_and_amounts_taken_back"),
        ("patients", "0019_what_a_withdrawal_gave_back"),
        ("patients", "0020_facts_checked_after_a_corrected_date"),
        ("patients", "0021_the_day_on_which_a_slot_was_granted"),
        ("patients", "0022_why_a_first_dose_was_given_in_spite_of_a_hold"),
    ]

    initial = True

    dependencies = [
        ("trial", "0018_what_whoever_acted_wrote_himself"),
        ("trial", "__first__"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="Cohort",
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
                        ("number", models.PositiveSmallIntegerField(help_text="1, 2, 3 … in the order opened.")),
                        (
                            "role",
                            models.CharField(
                                choices=[("expansion", "expansion"), ("backfill", "backfill")],
                                help_text="Empty: escalation, in the count.",
                                max_length=20,
                                null=True,
                            ),
                        ),
                        (
                            "places",
                            models.PositiveSmallIntegerField(
                                help_text="Evaluable patients wanted: on the level while it is open, outside the count in this cohort."
                            ),
                        ),
                        ("opened_at", models.DateTimeField()),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "paper_on",
                            models.DateField(
                                help_text="Opened outside the system: the day of that decision; null: here.", null=True
                            ),
                        ),
                        (
                            "paper_reference",
                            models.CharField(
                                help_text="The paper on which that decision stands.", max_length=200, null=True
                            ),
                        ),
                        (
                            "dose_level",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cohorts",
                                to="trial.doselevel",
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
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("paper_on", None), ("paper_reference", None)),
                                    models.Q(
                                        ("closed_at__isnull", False),
                                        ("paper_on__isnull", False),
                                        ("role", None),
                                        models.Q(("paper_reference", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="cohort_on_paper_is_closed_and_referred",
                            ),
                            models.UniqueConstraint(fields=("trial", "number"), name="cohort_number_unique_in_trial"),
                            models.UniqueConstraint(
                                condition=models.Q(("closed_at", None), ("role", None)),
                                fields=("trial",),
                                name="cohort_one_open_escalation_per_trial",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("closed_at", None)),
                                fields=("trial", "role", "dose_level"),
                                name="cohort_one_open_per_role_and_level",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("role", None), ("role__in", ["expansion", "backfill"]), _connector="OR"
                                ),
                                name="cohort_role_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("closed_at", None), ("closed_at__gte", models.F("opened_at")), _connector="OR"
                                ),
                                name="cohort_closes_after_opening",
                            ),
                            models.CheckConstraint(condition=models.Q(("places__gte", 1)), name="cohort_has_places"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConsentVersion",
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
                            "kind",
                            models.CharField(
                                choices=[("trial", "trial"), ("biomarker", "sBCMA sub-study")],
                                default="trial",
                                max_length=20,
                            ),
                        ),
                        ("version", models.CharField(help_text="As printed on the form.", max_length=40)),
                        ("valid_from", models.DateField(help_text="The first day on which it may be signed.")),
                        (
                            "reconsent_by",
                            models.DateField(
                                blank=True,
                                help_text="The day by which who signed an earlier version signs this one; empty: they are not asked.",
                                null=True,
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
                        "ordering": ["kind", "valid_from"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("voided", False)),
                                fields=("trial", "kind", "version"),
                                name="consentversion_once_in_trial",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("voided", False)),
                                fields=("trial", "kind", "valid_from"),
                                name="consentversion_one_a_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("reconsent_by", None),
                                    ("reconsent_by__gte", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="consentversion_asked_after_valid",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Patient",
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
                        ("number", models.PositiveIntegerField(help_text="People see 001, 002 …; never reused.")),
                        ("enrolled_at", models.DateTimeField()),
                        ("enrolled_on", models.DateField()),
                        (
                            "granted_on",
                            models.DateField(
                                help_text="The day on which the slot was granted, at its site. Null: not recorded, or from paper.",
                                null=True,
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                help_text="Of a patient who was entered from paper: where it stands; null: enrolled.",
                                max_length=200,
                                null=True,
                            ),
                        ),
                        (
                            "cohort",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="patients",
                                to="patients.cohort",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="patients", to="trial.site"
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
                    },
                ),
                migrations.CreateModel(
                    name="FollowUp",
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
                            "last_contact_on",
                            models.DateField(blank=True, help_text="The last day known to be alive.", null=True),
                        ),
                        (
                            "new_therapy_on",
                            models.DateField(
                                blank=True, help_text="First day of another anti-myeloma therapy.", null=True
                            ),
                        ),
                        ("new_therapy", models.CharField(blank=True, max_length=200)),
                        ("died_on", models.DateField(blank=True, null=True)),
                        (
                            "death_cause",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("progression", "Progression of myeloma"),
                                    ("other", "Another cause"),
                                    ("unknown", "Unknown"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                        (
                            "patient",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="follow_up",
                                to="patients.patient",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("death_cause", ""), ("died_on", None)),
                                    models.Q(("died_on__isnull", False), models.Q(("death_cause", ""), _negated=True)),
                                    _connector="OR",
                                ),
                                name="followup_death_has_cause",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("new_therapy", ""), ("new_therapy_on", None)),
                                    models.Q(
                                        ("new_therapy_on__isnull", False), models.Q(("new_therapy", ""), _negated=True)
                                    ),
                                    _connector="OR",
                                ),
                                name="followup_therapy_has_name",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("died_on", None),
                                    ("last_contact_on", None),
                                    ("last_contact_on__lte", models.F("died_on")),
                                    _connector="OR",
                                ),
                                name="followup_contact_not_after_death",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("died_on", None),
                                    ("new_therapy_on", None),
                                    ("new_therapy_on__lte", models.F("died_on")),
                                    _connector="OR",
                                ),
                                name="followup_therapy_not_after_death",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DoseTaken",
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
                        ("planned", models.DecimalField(decimal_places=4, max_digits=12)),
                        ("taken", models.DecimalField(decimal_places=4, max_digits=12)),
                        (
                            "unusual",
                            models.CharField(
                                help_text="Why an unlikely amount stands; null: it is none.", max_length=300, null=True
                            ),
                        ),
                        (
                            "drug",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.drug"
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="doses_taken",
                                to="patients.patient",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["drug__position"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("voided", False)),
                                fields=("patient", "drug"),
                                name="dosetaken_one_per_drug",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("planned__gt", 0)), name="dosetaken_planned_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("taken__gte", 0)), name="dosetaken_taken_not_negative"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Deviation",
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
                            "fact",
                            models.CharField(
                                help_text="Which one: first dose, end of treatment, AE 12.", max_length=60
                            ),
                        ),
                        ("on", models.DateField(help_text="The day of the fact.")),
                        ("withdrawn_on", models.DateField(help_text="The day of the withdrawal that it follows.")),
                        ("reason", models.TextField(blank=True, help_text="Empty while the investigator owes it.")),
                        ("important", models.BooleanField(default=True)),
                        (
                            "found_late",
                            models.BooleanField(
                                help_text="Whether the fact was recorded before the withdrawal was. Null: it was recorded after it.",
                                null=True,
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                help_text="Who gave the reason.",
                                null=True,
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
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deviations",
                                to="patients.patient",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["on"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("voided", False)),
                                fields=("patient", "fact"),
                                name="deviation_one_of_a_fact",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("by", None), ("found_late", True), ("reason", "")),
                                    models.Q(models.Q(("reason", ""), _negated=True), ("by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="deviation_reason_is_somebodys",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("on__gt", models.F("withdrawn_on"))),
                                name="deviation_after_withdrawal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DatesChecked",
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
                            "through",
                            models.PositiveIntegerField(help_text="Number of the last correction that was looked at."),
                        ),
                        ("note", models.TextField(help_text="How it was checked.")),
                        ("on", models.DateField()),
                        (
                            "by",
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
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="dates_checked",
                                to="patients.patient",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("patient", "through"), name="dateschecked_once_a_correction"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("note", ""), _negated=True), name="dateschecked_says_how"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ClosedLevelAnswer",
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
                            "answer",
                            models.CharField(
                                choices=[
                                    ("reduce", "Reduce the dose"),
                                    ("continue", "Continue at this dose"),
                                    ("stop", "Stop treatment"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("on", models.DateField(help_text="The day on which the investigator decided it.")),
                        ("because", models.TextField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "dose_level",
                            models.ForeignKey(
                                help_text="The level that closed.",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="trial.doselevel",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="closed_levels",
                                to="patients.patient",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("patient", "dose_level"), name="closedlevel_one_answer_per_level"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("because", ""), _negated=True), name="closedlevel_answer_has_reason"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("answer__in", ["reduce", "continue", "stop"])),
                                name="closedlevel_answer_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AmendedPatient",
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
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
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
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="amendments",
                                to="patients.patient",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["patient__number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("version", "patient"), name="amendedpatient_once_a_version"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("version", models.F("was")), _negated=True),
                                name="amendedpatient_by_another_version",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PatientStanding",
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
                            "outcome",
                            models.CharField(
                                help_text="dlt, no_dlt, pending, suspected, not_evaluable, not_dosed.", max_length=20
                            ),
                        ),
                        ("dlt", models.CharField(help_text="none, suspected or adjudicated.", max_length=20)),
                        ("enough_drug", models.BooleanField(null=True)),
                        ("window_ends_on", models.DateField(help_text="The last day of the DLT window.", null=True)),
                        ("next_due", models.CharField(blank=True, max_length=200)),
                        ("next_due_on", models.DateField(null=True)),
                        (
                            "patient",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="standing",
                                to="patients.patient",
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
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Screening",
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
                        ("number", models.CharField(help_text="As the site gives it; never a name.", max_length=40)),
                        ("on", models.DateField(help_text="The day of the screening.")),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("enrolled", "enrolled"),
                                    ("failure", "screen failure"),
                                    ("declined", "declined"),
                                    ("no_slot", "no slot"),
                                ],
                                help_text="Empty: still open.",
                                max_length=20,
                            ),
                        ),
                        (
                            "again_of",
                            models.ForeignKey(
                                help_text="The same person's screening before.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="again",
                                to="patients.screening",
                            ),
                        ),
                        (
                            "criterion",
                            models.ForeignKey(
                                help_text="Failed, of a failure.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="trial.eligibilitycriterion",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.site"
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
                            models.UniqueConstraint(
                                models.F("trial"),
                                django.db.models.functions.text.Upper("number"),
                                name="screening_number_once_for_good",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("again_of__isnull", False), ("voided", False)),
                                fields=("again_of",),
                                name="screening_again_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("criterion__isnull", False), ("outcome", "failure")),
                                    models.Q(
                                        models.Q(("outcome", "failure"), _negated=True), ("criterion__isnull", True)
                                    ),
                                    _connector="OR",
                                ),
                                name="screening_failure_names_criterion",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("outcome__in", ["", "enrolled", "failure", "declined", "no_slot"])),
                                name="screening_outcome_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Slot",
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
                        ("number", models.PositiveIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "on the waiting list"),
                                    ("requested", "requested, waiting for the medical monitor"),
                                    ("granted", "granted"),
                                    ("enrolled", "enrolled"),
                                    ("declined", "declined"),
                                    ("cancelled", "cancelled"),
                                    ("expired", "expired"),
                                    ("released", "released before the first dose"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("requested_at", models.DateTimeField()),
                        ("granted_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "held_until",
                            models.DateField(blank=True, help_text="The last day on which it is held.", null=True),
                        ),
                        (
                            "note",
                            models.CharField(
                                blank=True,
                                help_text="What a site wrote before screening was recorded; never a name.",
                                max_length=200,
                            ),
                        ),
                        (
                            "cohort",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="slots",
                                to="patients.cohort",
                            ),
                        ),
                        (
                            "requested_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "screening",
                            models.ForeignKey(
                                help_text="Null: not recorded.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="slots",
                                to="patients.screening",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="slots", to="trial.site"
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
                            models.UniqueConstraint(fields=("trial", "number"), name="slot_number_unique_in_trial"),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("state__in", ["waiting", "requested", "granted", "enrolled", "released"]),
                                    ("voided", False),
                                ),
                                fields=("screening",),
                                name="slot_one_of_a_patient",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ["granted", "enrolled"]), _negated=True),
                                    models.Q(("cohort__isnull", False), ("granted_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="slot_granted_in_a_cohort",
                            ),
                        ],
                    },
                ),
            ]
        ),
        migrations.AddField(
            model_name="patient",
            name="slot",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="patient", to="patients.slot"
            ),
        ),
        CreateTogether(
            [
                migrations.CreateModel(
                    name="EligibilityAnswer",
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
                        ("met", models.BooleanField()),
                        (
                            "on",
                            models.DateField(
                                help_text="The day on which it was answered; null: from before it was asked.", null=True
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "criterion",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="trial.eligibilitycriterion",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                        (
                            "slot",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="eligibility",
                                to="patients.slot",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("slot", "criterion"), name="eligibility_one_answer_per_criterion"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Consent",
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
                            "kind",
                            models.CharField(
                                choices=[("trial", "trial"), ("biomarker", "sBCMA sub-study")],
                                default="trial",
                                max_length=20,
                            ),
                        ),
                        (
                            "version",
                            models.CharField(help_text="Version of the consent form that was signed.", max_length=40),
                        ),
                        ("given_on", models.DateField()),
                        ("withdrawn_on", models.DateField(blank=True, null=True)),
                        (
                            "resumes",
                            models.BooleanField(
                                help_text="Whether the patient consents again to what was withdrawn before. Null: from before it was asked.",
                                null=True,
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"
                            ),
                        ),
                        (
                            "slot",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="patients.slot"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("voided", False), ("withdrawn_on", None)),
                                fields=("slot", "kind", "version", "given_on"),
                                name="consent_one_of_a_version_and_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("withdrawn_on", None), ("withdrawn_on__gte", models.F("given_on")), _connector="OR"
                                ),
                                name="consent_withdrawn_after_given",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Treatment",
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
                        ("first_dose_on", models.DateField()),
                        ("cycle2_on", models.DateField(blank=True, null=True)),
                        ("stopped_on", models.DateField(blank=True, null=True)),
                        ("stop_reason", models.CharField(blank=True, max_length=200)),
                        (
                            "stop_related",
                            models.BooleanField(
                                help_text="Whether it ended for toxicity related to a study drug (criterion N4). Null: not asked.",
                                null=True,
                            ),
                        ),
                        (
                            "stopped_drugs",
                            models.JSONField(
                                help_text="Names of the drugs stopped for it; null: all, or not asked.", null=True
                            ),
                        ),
                        (
                            "held_because",
                            models.TextField(
                                help_text="What held enrolment when a dose that had been given was entered; null: nothing.",
                                null=True,
                            ),
                        ),
                        (
                            "held_why",
                            models.TextField(
                                help_text="Why it was given all the same, as the site says; null: not a column when it was entered.",
                                null=True,
                            ),
                        ),
                        (
                            "held_from",
                            models.DateField(
                                help_text="The first day of that hold; null where it has none.", null=True
                            ),
                        ),
                        ("left_study_on", models.DateField(blank=True, null=True)),
                        ("left_study_reason", models.CharField(blank=True, max_length=200)),
                        (
                            "patient",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="treatment_row",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "protocol",
                            models.ForeignKey(
                                help_text="Its window and criteria hold: that of the first dose, or an amendment that lists him.",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="trial.protocolversion",
                            ),
                        ),
                        (
                            "received_level",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.doselevel"
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
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("stopped_on", None),
                                    ("stopped_on__gte", models.F("first_dose_on")),
                                    _connector="OR",
                                ),
                                name="treatment_stops_after_first_dose",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("cycle2_on", None), ("cycle2_on__gt", models.F("first_dose_on")), _connector="OR"
                                ),
                                name="treatment_cycle2_after_first_dose",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("stopped_on", None), models.Q(("stop_reason", ""), _negated=True), _connector="OR"
                                ),
                                name="treatment_stop_has_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("left_study_on", None), ("left_study_reason", "")),
                                    models.Q(
                                        ("left_study_on__isnull", False),
                                        models.Q(("left_study_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="treatment_left_has_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("left_study_on", None),
                                    models.Q(
                                        ("stopped_on__isnull", False), ("left_study_on__gte", models.F("stopped_on"))
                                    ),
                                    _connector="OR",
                                ),
                                name="treatment_left_after_stop",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Withdrawal",
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
                            "covers",
                            models.CharField(
                                choices=[
                                    ("treatment", "study treatment"),
                                    ("visits", "study treatment, study visits and samples"),
                                    ("contact", "study treatment, study visits and samples, and all contact"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "on",
                            models.DateField(
                                help_text="From that day on; what happened on it or before it stays enterable."
                            ),
                        ),
                        (
                            "public_records",
                            models.BooleanField(help_text="Whether survival may still be read from public records."),
                        ),
                        (
                            "gave_back",
                            models.CharField(
                                help_text="The state of the slot whose place it gave back; empty: it gave none. Null: not recorded.",
                                max_length=20,
                                null=True,
                            ),
                        ),
                        (
                            "slot",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="withdrawals",
                                to="patients.slot",
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
                        "ordering": ["on"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("voided", False)),
                                fields=("slot", "covers", "on"),
                                name="withdrawal_once_a_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("covers__in", ["treatment", "visits", "contact"])),
                                name="withdrawal_covers_is_known",
                            ),
                        ],
                    },
                ),
            ]
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.UniqueConstraint(fields=("trial", "number"), name="patient_number_unique_in_trial"),
        ),
    ]
