"""Why a first dose was given in spite of a hold, as a column that is corrected.

Why: every stored fact can be corrected (docs/domain.md, section 5); until now it stood as the reason of the action.
Safe to deploy: a nullable column; of earlier doses the reason stays in the audit trail. Backwards: drops it.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patients", "0021_the_day_on_which_a_slot_was_granted")]

    operations = [
        migrations.AddField(
            model_name="treatment",
            name="held_why",
            field=models.TextField(
                help_text="Why it was given all the same, as the site says; null: not a column when it was entered.",
                null=True,
            ),
        ),
    ]
