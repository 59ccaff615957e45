"""On which day a criterion was answered.

Why: an answer has a day of its own, by the calendar of the site, and is corrected like any fact (docs/domain.md,
section 5). Safe to deploy: a nullable column; answers of before have none and are held to no order of days. Backwards:
drops it.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patients", "0016_reasons_owed_for_deviations")]

    operations = [
        migrations.AddField(
            model_name="eligibilityanswer",
            name="on",
            field=models.DateField(
                help_text="The day on which it was answered; null: from before it was asked.", null=True
            ),
        ),
    ]
