"""Record everybody who was screened, with a number that is the trial's for good, and how it ended.

Why: one patient gets one slot, and screen failures are counted with their reasons (docs/domain.md, section 5). Safe to
deploy: a new table, empty, and a nullable column; slots already there have no screening and keep what the site wrote
beside them. Backwards: drops the table and the column.
"""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import trial.ids


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0012_levels_opened_on_paper"),
        ("trial", "0007_criteria_that_take_a_procedure"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="slot",
            name="note",
            field=models.CharField(
                blank=True, help_text="What a site wrote before screening was recorded; never a name.", max_length=200
            ),
        ),
        migrations.CreateModel(
            name="Screening",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
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
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.site"),
                ),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.AddField(
            model_name="slot",
            name="screening",
            field=models.ForeignKey(
                help_text="Null: not recorded.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="slots",
                to="patients.screening",
            ),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("state__in", ["waiting", "requested", "granted", "enrolled", "released"]), ("voided", False)
                ),
                fields=("screening",),
                name="slot_one_of_a_patient",
            ),
        ),
        migrations.AddConstraint(
            model_name="screening",
            constraint=models.UniqueConstraint(
                models.F("trial"),
                django.db.models.functions.text.Upper("number"),
                name="screening_number_once_for_good",
            ),
        ),
        migrations.AddConstraint(
            model_name="screening",
            constraint=models.UniqueConstraint(
                condition=models.Q(("again_of__isnull", False), ("voided", False)),
                fields=("again_of",),
                name="screening_again_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="screening",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("criterion__isnull", False), ("outcome", "failure")),
                    models.Q(models.Q(("outcome", "failure"), _negated=True), ("criterion__isnull", True)),
                    _connector="OR",
                ),
                name="screening_failure_names_criterion",
            ),
        ),
        migrations.AddConstraint(
            model_name="screening",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["", "enrolled", "failure", "declined", "no_slot"])),
                name="screening_outcome_is_known",
            ),
        ),
    ]
