"""Ask of a stop of treatment whether it was for toxicity related to a study drug, and which drugs were stopped for it.

Why: criterion N4 is met on the day of a stop that makes it certain. Safe to deploy: two nullable columns; stops already
there were not asked and are read as before, by the doses that were taken. Backwards: drops the columns, with answers.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patients", "0005_patients_of_an_amendment")]

    operations = [
        migrations.AddField(
            model_name="treatment",
            name="stop_related",
            field=models.BooleanField(
                help_text="Whether it ended for toxicity related to a study drug (criterion N4). Null: not asked.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="treatment",
            name="stopped_drugs",
            field=models.JSONField(help_text="Names of the drugs stopped for it; null: all, or not asked.", null=True),
        ),
    ]
