"""Seal access events by the day, with the head of every ledger.

Safe to deploy: a new table; `migrate` ends with its grants (trial/guard.py). Backwards: drops the anchors.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("trial", "0004_ask_for_an_own_password"),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyAnchor",
            fields=[
                (
                    "number",
                    models.PositiveIntegerField(
                        help_text="1, 2, 3 … without a gap.", primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField(help_text="UTC. The first anchor holds all days up to its own.", unique=True)),
                ("at", models.DateTimeField()),
                ("body", models.TextField(help_text="The exact text that was hashed.")),
                ("prev", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
        ),
    ]
