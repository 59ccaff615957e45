"""Ask of an event whether doses were missed for it, and of a short patient why (criterion N4).

Safe to deploy: two nullable columns and a check that every present row passes. Backwards: drops them, with answers.
"""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0006_biomarker_runs"),
        ("patients", "0004_leaving_the_study"),
        ("trial", "0004_ask_for_an_own_password"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="adverseevent",
            name="doses_missed",
            field=models.BooleanField(
                help_text="Doses of the window were missed for it: criterion N4 looks at it. Null: not asked yet.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="evaluability",
            name="missed_because",
            field=models.CharField(
                choices=[("toxicity", "Related toxicity"), ("other", "Another cause")],
                help_text="Why doses are short; null when they are not.",
                max_length=20,
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="evaluability",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("missed_because", None), ("missed_because__in", ["toxicity", "other"]), _connector="OR"
                ),
                name="evaluability_missed_because_known",
            ),
        ),
    ]
