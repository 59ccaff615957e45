"""Refuse the ledger's triggers on tables that are not its own; seal computed results; anchors between two days.

Why: the application's role could put the capturing trigger on a temporary table of its own and write images that no
service wrote. A result of a run could be edited unseen. An anchor a day leaves a day in which a signed decision could
be taken out of the record unseen.
Safe to deploy: functions are replaced in place, and until `manage.py migrate` ends by naming the audited tables
(trial/record/guard.py) all are taken for audited, as before; anchors keep their rows under a shorter name. Backwards:
anchors without a day must be gone first.
"""

import django.db.models.deletion
from django.db import migrations, models

GUARD = r"""
CREATE OR REPLACE FUNCTION ledger_audits(relation name) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT true $$;

CREATE OR REPLACE FUNCTION ledger_guard() RETURNS trigger LANGUAGE plpgsql AS $$
-- arguments: the column that names the trial ('' hangs the row on the installation), 'insert only' or ''
DECLARE
    open_ledger text := coalesce(current_setting('app.ledger', true), '');
    open_trial text := coalesce(current_setting('app.trial', true), '');
    of_row text;
BEGIN
    IF TG_TABLE_SCHEMA <> 'public' OR NOT public.ledger_audits(TG_TABLE_NAME) THEN
        RAISE EXCEPTION '% is no audited table', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'rows of % are never deleted; they are voided with a reason', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF open_ledger = '' THEN
        RAISE EXCEPTION 'a write to % outside an action of the ledger', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    of_row := CASE WHEN TG_ARGV[0] = '' THEN 'installation' ELSE to_jsonb(NEW) ->> TG_ARGV[0] END;
    IF of_row IS DISTINCT FROM open_trial THEN
        RAISE EXCEPTION 'a write to % inside an action of another trial', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF TG_ARGV[1] = 'insert only' THEN
            RAISE EXCEPTION 'rows of % are signed or sealed and never changed', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF OLD.id IS DISTINCT FROM NEW.id
            OR (TG_ARGV[0] <> '' AND to_jsonb(OLD) ->> TG_ARGV[0] IS DISTINCT FROM of_row) THEN
            RAISE EXCEPTION 'a row of % keeps its id and its trial', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    NEW.rev := current_setting('app.number')::int;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION ledger_capture() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    at_ledger uuid;
    at_number int;
BEGIN
    IF TG_TABLE_SCHEMA <> 'public' OR NOT public.ledger_audits(TG_TABLE_NAME) THEN
        RAISE EXCEPTION '% is no audited table', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    at_ledger := current_setting('app.ledger');
    at_number := current_setting('app.number');
    IF EXISTS (SELECT 1 FROM trial_auditevent WHERE ledger_id = at_ledger AND number = at_number) THEN
        RAISE EXCEPTION 'action % of this ledger is sealed', at_number USING ERRCODE = 'restrict_violation';
    END IF;
    INSERT INTO trial_rowimage (ledger_id, number, "table", row, image)
        VALUES (at_ledger, at_number, TG_TABLE_NAME, NEW.id, to_jsonb(NEW));
    RETURN NULL;
END $$;
"""
SEAL = r"""
CREATE FUNCTION result_digest(result jsonb) RETURNS text LANGUAGE sql STABLE AS $$
    -- a nullable column added later is no difference
    SELECT encode(sha256(convert_to(public.ledger_trim(result)::text, 'UTF8')), 'hex')
$$;

CREATE FUNCTION result_seal() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    IF TG_TABLE_SCHEMA <> 'public' THEN
        RAISE EXCEPTION '% is no table of results', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    INSERT INTO trial_resultseal (row, "table", trial_id, at, sha256)
        VALUES (NEW.id, TG_TABLE_NAME, NEW.trial_id, clock_timestamp(), result_digest(to_jsonb(NEW)));
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("trial", "0011_attempts_to_log_in")]

    operations = [
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
        migrations.RenameModel("DailyAnchor", "Anchor"),
        migrations.AlterField(
            "anchor",
            "day",
            models.DateField(
                help_text="UTC; null after a signature. The first one holds all days up to its own.",
                null=True,
                unique=True,
            ),
        ),
        migrations.AlterField(
            "accessevent", "at", models.DateTimeField(help_text="By the database's clock, which the anchors ask too.")
        ),
        migrations.CreateModel(
            name="ResultSeal",
            fields=[
                ("row", models.UUIDField(primary_key=True, serialize=False)),
                ("table", models.CharField(max_length=63)),
                ("at", models.DateTimeField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
        ),
        migrations.RunSQL(SEAL, "DROP FUNCTION result_seal() CASCADE; DROP FUNCTION result_digest(jsonb);"),
        migrations.AlterField(
            "notice",
            "to",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notices",
                to="trial.user",
            ),
        ),
        migrations.AddField(
            "notice",
            "address",
            models.EmailField(
                blank=True, default="", help_text="Of nobody's account, as where anchors are kept.", max_length=254
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "notice",
            models.UniqueConstraint(
                condition=models.Q(("to", None)), fields=("key", "address"), name="notice_key_unique_for_address"
            ),
        ),
        migrations.AddConstraint(
            "notice",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("address__gt", ""), ("to", None)),
                    models.Q(("address", ""), ("to__isnull", False)),
                    _connector="OR",
                ),
                name="notice_has_one_receiver",
            ),
        ),
    ]
