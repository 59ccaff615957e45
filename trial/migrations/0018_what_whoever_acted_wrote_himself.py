"""Keep how many of an action's rows whoever acted wrote himself, so that what follows by rule is not read as his.

Why: a standing, an expired slot or a place given to the waiting list stood under the name of whoever acted before.
Safe to deploy: a column that may be null; of the actions of before nobody counted, and their texts stay as sealed.
Backwards: drops it; what was counted stays in the sealed texts.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("trial", "0017_a_key_is_of_one_trial"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditevent",
            name="written",
            field=models.PositiveIntegerField(
                help_text="How many of its images, from the first, whoever acted wrote; the others follow. Null: not"
                " counted.",
                null=True,
            ),
        ),
    ]
