"""Keep in whose ledger a request was carried out: the same key in another trial is another request.

Why: a program that counts its keys, or a form that was copied, got the answer of the other trial, or an error.
Safe to deploy: a column that may be null. Rows of before get the ledger of the row that answered them; of the few that
name none it stays unknown, and they answer in every trial as they did, so that no request is carried out twice.
Backwards: keys used in two trials since must be gone first.
"""

import django.db.models.deletion
from django.db import migrations, models

OF_BEFORE = """
UPDATE trial_once o SET ledger_id = i.ledger_id
FROM (SELECT DISTINCT ON ("row") "row", ledger_id FROM trial_rowimage) i WHERE i."row" = o.result
"""


class Migration(migrations.Migration):
    dependencies = [
        ("trial", "0016_what_a_reader_has_seen"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="once", name="once_key_unique_for_user"),
        migrations.AddField(
            model_name="once",
            name="ledger",
            field=models.ForeignKey(
                help_text="Null: from before a key was of one trial.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="trial.ledger",
            ),
        ),
        migrations.AddConstraint(
            model_name="once",
            constraint=models.UniqueConstraint(fields=("user", "key", "ledger"), name="once_key_unique_in_ledger"),
        ),
        migrations.RunSQL(OF_BEFORE, migrations.RunSQL.noop),
    ]
