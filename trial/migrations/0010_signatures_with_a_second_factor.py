"""Say of a signature that a code of the second factor was given with the password.

Safe to deploy: no column and no row is touched. Backwards: likewise.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("trial", "0009_one_address_an_account"),
    ]

    operations = [
        migrations.AlterField(
            model_name="signature",
            name="proof",
            field=models.CharField(
                choices=[
                    ("password", "password"),
                    ("password_totp", "password_totp"),
                    ("simulated", "simulated"),
                ],
                max_length=20,
            ),
        ),
    ]
