"""Keep why an unlikely number of a protocol version stands.

Safe to deploy: a nullable column; versions that are stored already are asked about nothing. Backwards: drops
the column.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("trial", "0007_criteria_that_take_a_procedure"),
    ]

    operations = [
        migrations.AddField(
            model_name="protocolversion",
            name="unusual",
            field=models.TextField(help_text="Why an unlikely number stands; null: it has none.", null=True),
        ),
    ]
