"""Let a deviation stand whose reason the investigator still owes.

Why: a withdrawal that is entered late lies before what is recorded already; each such fact is listed as a deviation
(docs/domain.md, section 5). Safe to deploy: two columns that may be null; every row of before has its reason and who
gave it, and meets the new constraint. Backwards: fails while a reason is owed, and loses nothing else.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0015_one_version_signed_again"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="deviation",
            name="found_late",
            field=models.BooleanField(
                help_text="Whether the fact was recorded before the withdrawal was. Null: it was recorded after it.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="deviation",
            name="by",
            field=models.ForeignKey(
                help_text="Who gave the reason.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="deviation",
            name="reason",
            field=models.TextField(blank=True, help_text="Empty while the investigator owes it."),
        ),
        migrations.RemoveConstraint(model_name="deviation", name="deviation_has_reason"),
        migrations.AddConstraint(
            model_name="deviation",
            constraint=models.CheckConstraint(
                condition=models.Q(("by", None), ("found_late", True), ("reason", ""))
                | (models.Q(("reason", ""), _negated=True) & models.Q(("by__isnull", False))),
                name="deviation_reason_is_somebodys",
            ),
        ),
    ]
