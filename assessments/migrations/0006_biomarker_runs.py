"""The runs of the sBCMA sub-study.

Why: its analyses are computed by workers like the endpoints. Safe to deploy: a choice that only forms check, no row
and no column changed. Backwards: the same.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0005_endpoint_runs"),
    ]

    operations = [
        migrations.AlterField(
            model_name="endpointrun",
            name="kind",
            field=models.CharField(choices=[("efficacy", "Efficacy"), ("biomarker", "Biomarker")], max_length=20),
        ),
        migrations.AlterField(
            model_name="runrequest",
            name="kind",
            field=models.CharField(choices=[("efficacy", "Efficacy"), ("biomarker", "Biomarker")], max_length=20),
        ),
    ]
