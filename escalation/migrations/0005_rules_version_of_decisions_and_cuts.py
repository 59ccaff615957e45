"""Store with each decision and data cut the version of the rules from event to count, beside the engine's.

Why: what the rules mend must not change what a replay or a packet shows of the past; each is read by its own version.
Safe to deploy: three nullable columns; rows already there have none and are read by version 1, which wrote them.
Backwards: drops the columns; rows written since would be read by version 1.
"""

from django.db import migrations, models


def column(kept: str) -> models.CharField:
    return models.CharField(
        max_length=10,
        null=True,
        help_text=f"Of the rules from event to count; null: {kept} before they had one, 1.",
    )


class Migration(migrations.Migration):
    dependencies = [("escalation", "0004_late_changes_taken_back")]

    operations = [
        migrations.AddField(model_name="decision", name="rules_version", field=column("stored")),
        migrations.AddField(model_name="outsidedecision", name="rules_version", field=column("stored")),
        migrations.AddField(model_name="datacut", name="rules_version", field=column("frozen")),
    ]
