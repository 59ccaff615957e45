"""Keep why an unlikely amount of a drug stands.

Safe to deploy: a nullable column; amounts that are stored already are asked about nothing. Backwards: drops the column.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0010_answers_about_closed_levels"),
    ]

    operations = [
        migrations.AddField(
            model_name="dosetaken",
            name="unusual",
            field=models.CharField(
                help_text="Why an unlikely amount stands; null: it is none.", max_length=300, null=True
            ),
        ),
    ]
