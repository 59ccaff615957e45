"""Levels that were opened outside the system, and where a patient entered from paper stands.

Why: a running trial is brought in by a signed opening (docs/domain.md, section 5). Safe to deploy: three nullable
columns, empty for all that is stored. Backwards: drops them.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0011_why_an_unlikely_dose_stands"),
        ("trial", "0007_criteria_that_take_a_procedure"),
    ]

    operations = [
        migrations.AddField(
            model_name="cohort",
            name="paper_on",
            field=models.DateField(
                help_text="Opened outside the system: the day of that decision; null: here.", null=True
            ),
        ),
        migrations.AddField(
            model_name="cohort",
            name="paper_reference",
            field=models.CharField(help_text="The paper on which that decision stands.", max_length=200, null=True),
        ),
        migrations.AddField(
            model_name="patient",
            name="source",
            field=models.CharField(
                help_text="Of a patient who was entered from paper: where it stands; null: enrolled.",
                max_length=200,
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="cohort",
            constraint=models.CheckConstraint(
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
        ),
    ]
