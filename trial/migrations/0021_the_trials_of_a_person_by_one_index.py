"""Order the index behind "one role at a time" by person, then trial.

Why: who is in thousands of trials has each page search for his own; by this index they are read without their rows.
Safe to deploy: the same constraint, checked anew. Backwards: the other order.
"""

from django.db import migrations, models

NAME = "membership_one_role_at_a_time"


class Migration(migrations.Migration):
    dependencies = [("trial", "0020_country_of_a_site_and_sponsor_of_a_trial")]

    operations = [
        migrations.RemoveConstraint(model_name="membership", name=NAME),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                fields=["user", "trial"], condition=models.Q(("until", None), ("voided", False)), name=NAME
            ),
        ),
    ]
