"""How toxicity beyond the DLT window counted in a recommended phase 2 dose, bound to its signatures.

Why: the counts end with the window, a dose for further studies does not. Safe to deploy: a nullable column; decisions
already signed have none and keep their content. Backwards: drops the column; contents signed with it cannot be checked.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("escalation", "0007_corrections_of_an_opening")]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="later_toxicity",
            field=models.TextField(
                help_text="Of an RP2D: how toxicity beyond the DLT window counted. Null: not asked.", null=True
            ),
        ),
    ]
