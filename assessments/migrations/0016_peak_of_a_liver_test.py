"""Keep the peak of a liver test with its unit and upper limit of normal at the event that is about it.

Why: the display of drug-induced liver injury (eDISH) needs values (docs/domain.md, section 6). Safe to deploy: nullable
columns and a check that every present row passes. Backwards: drops the columns, with the values.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0015_serious_events_as_cases")]

    operations = [
        migrations.AddField(
            model_name="adverseevent",
            name="peak_value",
            field=models.DecimalField(
                decimal_places=4,
                help_text="Of the liver test, in `peak_unit`. Null: not recorded.",
                max_digits=12,
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="adverseevent",
            name="peak_unit",
            field=models.CharField(max_length=10, null=True),
        ),
        migrations.AddField(
            model_name="adverseevent",
            name="peak_uln",
            field=models.DecimalField(
                decimal_places=4,
                help_text="Upper limit of normal of that test, in the same unit.",
                max_digits=12,
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="adverseevent",
            name="unusual",
            field=models.CharField(
                help_text="Why an unlikely peak stands; null: it is none.", max_length=300, null=True
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("peak_uln", None), ("peak_unit", None), ("peak_value", None))
                | models.Q(("peak_uln__gt", 0), ("peak_unit__isnull", False), ("peak_value__gt", 0)),
                name="event_peak_whole",
            ),
        ),
    ]
