"""Keep with a withdrawal the state of the slot whose place it gave back, so that it can come back.

Why: a withdrawal that was entered in error may be of a patient before enrolment, whose slot it cancelled
(docs/domain.md, section 5: every stored fact can be corrected). Safe to deploy: a nullable column; null says that it
was not recorded, and a cancelled slot of before stays so. Backwards: drops the column.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0018_first_doses_and_amounts_taken_back"),
    ]

    operations = [
        migrations.AddField(
            model_name="withdrawal",
            name="gave_back",
            field=models.CharField(
                help_text="The state of the slot whose place it gave back; empty: it gave none. Null: not recorded.",
                max_length=20,
                null=True,
            ),
        ),
    ]
