"""Let amounts be recorded anew after those of another patient were taken back.

Why: a first dose, and the amounts with it, may have been entered for the wrong patient (docs/domain.md, section 5).
Safe to deploy: the constraint is narrowed to rows that stand; the other change is a name in Python alone. Backwards:
fails once amounts were taken back and recorded anew.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0017_the_day_of_an_answer_about_eligibility"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="dosetaken", name="dosetaken_one_per_drug"),
        migrations.AddConstraint(
            model_name="dosetaken",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided", False)), fields=("patient", "drug"), name="dosetaken_one_per_drug"
            ),
        ),
        migrations.AlterField(
            model_name="treatment",
            name="patient",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="treatment_row", to="patients.patient"
            ),
        ),
    ]
