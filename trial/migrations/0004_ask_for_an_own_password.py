"""Mark the accounts whose password somebody else chose.

Why: until its owner has chosen his own, two people can sign in, and sign, as one.
Safe to deploy: adds a column with a default; accounts that exist are not asked. Backwards: drops it.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("trial", "0003_protocol_version_checked"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="must_change_password",
            field=models.BooleanField(default=False, help_text="Somebody else chose the present one."),
        ),
    ]
