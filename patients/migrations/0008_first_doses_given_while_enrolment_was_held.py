"""What held enrolment when a first dose was entered that had been given, and cycle 2 after it in the database itself.

Why: a dose that was given is a fact; where it was given in spite of a hold, it is a deviation that the record shows.
Safe to deploy: two nullable columns, empty for all that is stored; every cycle 2 was checked when it was entered.
Backwards: drops them.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patients", "0007_consent_form_versions")]

    operations = [
        migrations.AddField(
            model_name="treatment",
            name="held_because",
            field=models.TextField(
                null=True, help_text="What held enrolment when a dose that had been given was entered; null: nothing."
            ),
        ),
        migrations.AddField(
            model_name="treatment",
            name="held_from",
            field=models.DateField(null=True, help_text="The first day of that hold; null where it has none."),
        ),
        migrations.AddConstraint(
            model_name="treatment",
            constraint=models.CheckConstraint(
                name="treatment_cycle2_after_first_dose",
                condition=models.Q(cycle2_on=None) | models.Q(cycle2_on__gt=models.F("first_dose_on")),
            ),
        ),
    ]
