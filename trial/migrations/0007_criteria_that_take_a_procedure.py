"""Say of an eligibility criterion whether its answer takes a study procedure, which the consent comes before.

Why: no study procedure before the consent (docs/domain.md, section 5). Safe to deploy: a nullable column; criteria
already there were not asked and are read as before. Backwards: drops the column.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trial", "0006_schedule_of_a_dose_as_data")]

    operations = [
        migrations.AddField(
            model_name="eligibilitycriterion",
            name="procedure",
            field=models.BooleanField(
                help_text="Whether answering it takes a study procedure; null: it takes none.", null=True
            ),
        ),
    ]
