"""Keep why an unlikely value stands.

Safe to deploy: nullable columns; values that are stored already are asked about nothing. Backwards: drops the columns.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0011_onset_known_in_part"),
    ]

    operations = [
        migrations.AddField(
            model_name="control",
            name="unusual",
            field=models.CharField(
                help_text="Why an unlikely number stands; null: it is none.", max_length=300, null=True
            ),
        ),
        migrations.AddField(
            model_name="measurement",
            name="unusual",
            field=models.CharField(
                help_text="Why an unlikely value stands; null: it is none.", max_length=300, null=True
            ),
        ),
        migrations.AddField(
            model_name="sample",
            name="unusual",
            field=models.CharField(
                help_text="Why an unlikely number stands; null: it is none.", max_length=300, null=True
            ),
        ),
    ]
