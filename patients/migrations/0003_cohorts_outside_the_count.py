"""Let expansion and backfill cohorts be open beside the one escalation cohort.

Why: their patients stand outside the count of the rule (docs/domain.md, section 3). The role is empty for escalation,
so that every image of a cohort written before stays what it was.
Safe to deploy: adds a nullable column; every open cohort satisfies the new constraints. Backwards: only while none of
the new cohorts is there.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0002_follow_up"),
        ("trial", "0002_ledger_functions"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="cohort",
            name="cohort_one_open_per_trial",
        ),
        migrations.AddField(
            model_name="cohort",
            name="role",
            field=models.CharField(
                choices=[("expansion", "expansion"), ("backfill", "backfill")],
                help_text="Empty: escalation, in the count.",
                max_length=20,
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="cohort",
            name="places",
            field=models.PositiveSmallIntegerField(
                help_text="Evaluable patients wanted: on the level while it is open, outside the count in this cohort."
            ),
        ),
        migrations.AddConstraint(
            model_name="cohort",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None), ("role", None)),
                fields=("trial",),
                name="cohort_one_open_escalation_per_trial",
            ),
        ),
        migrations.AddConstraint(
            model_name="cohort",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)),
                fields=("trial", "role", "dose_level"),
                name="cohort_one_open_per_role_and_level",
            ),
        ),
        migrations.AddConstraint(
            model_name="cohort",
            constraint=models.CheckConstraint(
                condition=models.Q(("role", None), ("role__in", ["expansion", "backfill"]), _connector="OR"),
                name="cohort_role_is_known",
            ),
        ),
    ]
