"""Say of an adverse event how much of its onset is known: the month or the year alone (docs/domain.md, section 5).

Why: a day that nobody knows was guessed, and the DLT window hung on the guess. `onset_on` is then the earliest day.
Safe to deploy: a column that may be null; every stored onset is a day. Backwards: an onset in part becomes its earliest
day.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0010_baseline_from_before_the_consent")]

    operations = [
        migrations.AddField(
            model_name="adverseevent",
            name="onset_known",
            field=models.CharField(
                help_text="month or year: how much of the onset is known. Null: the day.", max_length=5, null=True
            ),
        ),
        migrations.AlterField(
            model_name="adverseevent",
            name="onset_on",
            field=models.DateField(help_text="Its earliest day, where the day is not known."),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("onset_known", None),
                    models.Q(("onset_known", "month"), ("onset_on__day", 1)),
                    models.Q(("onset_known", "year"), ("onset_on__day", 1), ("onset_on__month", 1)),
                    _connector="OR",
                ),
                name="event_onset_known_is_earliest_day",
            ),
        ),
    ]
