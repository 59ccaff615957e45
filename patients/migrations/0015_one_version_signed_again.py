"""Let a patient who withdrew sign the same version again, on a later day.

Safe to deploy: the new constraint allows more than the old one, so every row satisfies it. Backwards: fails where a
patient signed a version twice.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0014_whether_a_consent_ends_a_withdrawal"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="consent", name="consent_one_of_a_version"),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided", False), ("withdrawn_on", None)),
                fields=("slot", "kind", "version", "given_on"),
                name="consent_one_of_a_version_and_day",
            ),
        ),
    ]
