"""Count failed attempts for an account over all addresses, and for a signed-in session.

Safe to deploy: a new table, empty. Backwards: drops it; nothing but the counting of a day is lost.
"""

from django.db import migrations, models

import trial.ids


class Migration(migrations.Migration):
    dependencies = [
        ("trial", "0010_signatures_with_a_second_factor"),
    ]

    operations = [
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                (
                    "of",
                    models.CharField(
                        help_text="SHA-256 of what it was for: an address at the log-in, or a session.", max_length=64
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["of", "at"], name="attempt_of_at")]},
        ),
    ]
