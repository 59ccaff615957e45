"""Capture whole row images of audited tables, and refuse writes outside a ledger action.

Why: QuerySet.update(), the admin and psql all go round the services. 21 CFR 11.10(e).
Safe to deploy: adds functions, touches no row; `manage.py migrate` attaches the triggers at its end
(trial/guard.py). Backwards: drops them; no data is lost.
TRUNCATE is left to the application role's grants: a trigger on it would break the flush between transaction tests.
"""

from django.db import migrations

FORWARDS = r"""
CREATE FUNCTION ledger_guard() RETURNS trigger LANGUAGE plpgsql AS $$
-- arguments: the column that names the trial ('' hangs the row on the installation), 'insert only' or ''
DECLARE
    open_ledger text := coalesce(current_setting('app.ledger', true), '');
    open_trial text := coalesce(current_setting('app.trial', true), '');
    of_row text;
BEGIN
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

CREATE FUNCTION ledger_capture() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    at_ledger uuid := current_setting('app.ledger')::uuid;
    at_number int := current_setting('app.number')::int;
BEGIN
    IF EXISTS (SELECT 1 FROM trial_auditevent WHERE ledger_id = at_ledger AND number = at_number) THEN
        RAISE EXCEPTION 'action % of this ledger is sealed', at_number USING ERRCODE = 'restrict_violation';
    END IF;
    INSERT INTO trial_rowimage (ledger_id, number, "table", row, image)
        VALUES (at_ledger, at_number, TG_TABLE_NAME, NEW.id, to_jsonb(NEW));
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_trim(image jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    -- a nullable column added later is no difference; nulls inside JSON values stay
    SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(image) WHERE value <> 'null'::jsonb
$$;

ALTER TABLE trial_rowimage ADD CONSTRAINT rowimage_belongs_to_event
    FOREIGN KEY (ledger_id, number) REFERENCES trial_auditevent (ledger_id, number)
    DEFERRABLE INITIALLY DEFERRED;
"""
BACKWARDS = """
ALTER TABLE trial_rowimage DROP CONSTRAINT rowimage_belongs_to_event;
DROP FUNCTION ledger_guard() CASCADE;
DROP FUNCTION ledger_capture() CASCADE;
DROP FUNCTION ledger_trim(jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [("trial", "0001_initial")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
