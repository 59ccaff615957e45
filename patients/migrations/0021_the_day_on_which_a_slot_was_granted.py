"""Keep with a patient the day on which his slot was granted: an enrolment or first dose before it is marked.

Why: what was done is a fact, and is flagged where it was done without a place (docs/domain.md, section 5). Safe to
deploy: a nullable column; null says that it was not recorded, and nothing is marked by it. Backwards: drops the column.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0020_facts_checked_after_a_corrected_date"),
    ]

    operations = [
        migrations.AddField(
            model_name="patient",
            name="granted_on",
            field=models.DateField(
                help_text="The day on which the slot was granted, at its site. Null: not recorded, or from paper.",
                null=True,
            ),
        ),
    ]
