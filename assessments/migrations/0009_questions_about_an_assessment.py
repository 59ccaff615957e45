"""Store what the site answers to a question about an assessment, and how many plasmacytomas were counted.

Safe to deploy: a new table, and one more word that a measurement may be about; no row is touched. Backwards: drops the
table with its answers; counted plasmacytomas stay as rows that the older program does not know.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trial.ids


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0008_lowest_value_of_a_count"),
        ("trial", "0006_schedule_of_a_dose_as_data"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="measurement",
            name="parameter",
            field=models.CharField(
                choices=[
                    ("serum_m", "Serum M-protein"),
                    ("ife_serum", "Serum immunofixation"),
                    ("kappa", "Kappa"),
                    ("lambda", "Lambda"),
                    ("ratio", "Kappa/lambda ratio"),
                    ("urine_m", "Urine M-protein"),
                    ("ife_urine", "Urine immunofixation"),
                    ("marrow_pc", "Marrow plasma cells"),
                    ("marrow_clonal", "Clonal plasma cells in marrow"),
                    ("spd", "Plasmacytomas, sum of products of diameters"),
                    ("lesions", "Number of plasmacytomas"),
                    ("longest_diameter", "Longest diameter"),
                    ("short_axis", "Short axis"),
                    ("new_lesion", "New lesion"),
                    ("calcium", "Calcium, corrected"),
                    ("circulating_pc_percent", "Circulating plasma cells, share"),
                    ("circulating_pc_per_ul", "Circulating plasma cells, count"),
                ],
                max_length=30,
            ),
        ),
        migrations.CreateModel(
            name="QuestionAnswered",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                (
                    "rev",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Number of its last change; by trigger."
                    ),
                ),
                ("voided", models.BooleanField(default=False)),
                ("question", models.TextField()),
                ("answer", models.TextField()),
                ("answered_on", models.DateField()),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="assessments.diseaseassessment",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
            options={
                "ordering": ["rev"],
                "constraints": [
                    models.UniqueConstraint(fields=("assessment", "question"), name="question_answered_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("question", ""), _negated=True), models.Q(("answer", ""), _negated=True)
                        ),
                        name="question_is_answered",
                    ),
                ],
            },
        ),
    ]
