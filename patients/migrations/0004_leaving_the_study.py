"""Let a patient leave the study only with a reason, and only after the end of treatment.

Why: stopping treatment and leaving the study are two things with separate reasons (docs/domain.md, section 5).
Safe to deploy: nothing wrote these columns before, so every row satisfies the constraints. Backwards: drops them.
"""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("patients", "0003_cohorts_outside_the_count")]

    operations = [
        migrations.AddConstraint(
            model_name="treatment",
            constraint=models.CheckConstraint(
                name="treatment_left_has_reason",
                condition=Q(left_study_on=None, left_study_reason="")
                | (Q(left_study_on__isnull=False) & ~Q(left_study_reason="")),
            ),
        ),
        migrations.AddConstraint(
            model_name="treatment",
            constraint=models.CheckConstraint(
                name="treatment_left_after_stop",
                condition=Q(left_study_on=None) | (Q(stopped_on__isnull=False) & Q(left_study_on__gte=F("stopped_on"))),
            ),
        ),
    ]
