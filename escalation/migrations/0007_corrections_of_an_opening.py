"""Which opening in force a later one corrects.

Why: every stored fact can be corrected (docs/domain.md, section 5), the signed opening of a running trial too. Safe to
deploy: a nullable column; openings of before correct none. Backwards: drops it; corrections read as openings.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("escalation", "0006_opening_of_a_running_trial")]

    operations = [
        migrations.AddField(
            model_name="paperopening",
            name="corrects",
            field=models.ForeignKey(
                help_text="The opening in force that it corrects.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="escalation.paperopening",
            ),
        ),
    ]
