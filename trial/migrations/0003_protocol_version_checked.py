"""Keep with each protocol version what the exhaustive check of its rule found.

Safe to deploy: adds a nullable column; versions written before say nothing of a check. Backwards: drops it.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trial", "0002_ledger_functions")]

    operations = [
        migrations.AddField(
            model_name="protocolversion",
            name="checked",
            field=models.JSONField(
                null=True,
                help_text="What the exhaustive check of the rule found; null before versions were checked.",
            ),
        ),
    ]
