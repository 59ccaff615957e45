"""Keep what administrators do to accounts: addresses, suspensions of signing, the ends of sessions.

Safe to deploy: nullable columns, columns with a constant default, and a new table; everybody signs in once again.
Backwards: drops them; which address an account had when stays in the audit trail.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trial.ids


class Migration(migrations.Migration):
    dependencies = [
        ("trial", "0012_what_is_sealed_and_what_watches_it"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="email",
            field=models.EmailField(
                help_text="Null: as it was before addresses were kept here.", max_length=254, null=True
            ),
        ),
        migrations.AddField(
            model_name="account",
            name="new_email",
            field=models.EmailField(
                help_text="Asked for by an administrator, until its owner confirms it.", max_length=254, null=True
            ),
        ),
        migrations.AddField(
            model_name="account",
            name="new_email_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="signature",
            name="suspended",
            field=models.JSONField(
                help_text="What had suspended signing since this person's last signature; null: nothing.", null=True
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="sessions_ended",
            field=models.PositiveIntegerField(default=0, help_text="How often all its sessions were ended at once."),
        ),
        migrations.CreateModel(
            name="Suspension",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                (
                    "rev",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Number of its last change; by trigger."
                    ),
                ),
                ("voided", models.BooleanField(default=False)),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("address", "address changed"),
                            ("opened", "account opened again"),
                            ("password", "new password given by an administrator"),
                            ("factor", "second factor taken away"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suspensions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["at"],
                "indexes": [
                    models.Index(condition=models.Q(("confirmed_by", None)), fields=["user"], name="suspension_open")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_at", None), ("confirmed_by", None)),
                            models.Q(
                                ("confirmed_at__isnull", False),
                                ("confirmed_by__isnull", False),
                                models.Q(("confirmed_by", models.F("user")), _negated=True),
                                models.Q(
                                    ("by", None),
                                    models.Q(("confirmed_by", models.F("by")), _negated=True),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="suspension_confirmed_by_another_person",
                    )
                ],
            },
        ),
    ]
