"""A changed basis names the dose level from which enrolment is held, and says when the change is taken back.

Why: a position is of one ladder, and an amendment may move the level. Safe to deploy: two nullable columns; rows
already there are read by their position and as changes. Backwards: drops the columns.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("escalation", "0003_meetings_cuts_and_votes"),
        ("trial", "0004_ask_for_an_own_password"),
    ]

    operations = [
        migrations.AddField(
            model_name="basischanged",
            name="dose_level",
            field=models.ForeignKey(
                help_text="At `position` when it was written.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="trial.doselevel",
            ),
        ),
        migrations.AddField(
            model_name="basischanged",
            name="restored",
            field=models.BooleanField(
                help_text="The patient counts as before again; the change is taken back.", null=True
            ),
        ),
    ]
