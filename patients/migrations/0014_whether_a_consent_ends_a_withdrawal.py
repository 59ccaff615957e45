"""Keep with a consent whether the patient consents again to what was withdrawn before.

Why: a re-consent that the trial asks of everybody ends no withdrawal from treatment (docs/domain.md, section 5). Safe
to deploy: a nullable column; null says that it was not asked, and docs/decisions/2026-11-30-consent-and-slots.md how
such a consent is read. Backwards: drops the column.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0013_screening"),
    ]

    operations = [
        migrations.AddField(
            model_name="consent",
            name="resumes",
            field=models.BooleanField(
                help_text="Whether the patient consents again to what was withdrawn before. "
                "Null: from before it was asked.",
                null=True,
            ),
        ),
    ]
