"""Give a dose its schedule as data: the days of a cycle on which it is given, and how often on each.

Why: criterion N4 counts what a stop makes missed against the schedule of the whole window; words cannot be counted.
Safe to deploy: two nullable columns and a check that every present row passes. Doses already there have none, so their
patients go by their totals as before. Backwards: drops the columns; the words and the doses a cycle stay.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trial", "0005_daily_anchor")]

    operations = [
        migrations.AddField(
            model_name="dose",
            name="days",
            field=models.JSONField(
                help_text="Days of a cycle on which it is given, 1 the first; null: the schedule is words alone.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="dose",
            name="times",
            field=models.PositiveSmallIntegerField(
                help_text="How often on each of those days; null as `days`.", null=True
            ),
        ),
        migrations.AddConstraint(
            model_name="dose",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("days__isnull", True), ("times", None)),
                    models.Q(("days__isnull", False), ("times__gte", 1)),
                    _connector="OR",
                ),
                name="dose_scheduled_whole",
            ),
        ),
    ]
