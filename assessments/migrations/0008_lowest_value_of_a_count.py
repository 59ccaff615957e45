"""Ask of a low blood count its lowest value: under CTCAE 6.0 the DLT criteria go by it and not by the grade.

Safe to deploy: a nullable column and a check that every present row passes; an event without it keeps its patient
pending where its grade may hold such a value. Backwards: drops the column, with the values.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0007_missed_doses")]

    operations = [
        migrations.AddField(
            model_name="adverseevent",
            name="lowest_value",
            field=models.DecimalField(
                decimal_places=4,
                help_text="Of the count, 10^9/L: criteria under CTCAE 6.0 go by it.",
                max_digits=12,
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("lowest_value", None), ("lowest_value__gte", 0), _connector="OR"),
                name="event_lowest_value_not_negative",
            ),
        ),
    ]
