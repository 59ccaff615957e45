"""Refuse a biomarker sample without the patient's own consent to the sub-study, in the database itself.

Why: docs/domain.md, section 5: "without it no sBCMA value can be stored". A foreign key alone would take the consent
to the trial, or another patient's.
Safe to deploy: adds a function and a trigger, touches no row. Backwards: drops both; no data lost.
Names are qualified, so that the shadow tables of `ledger.as_of` are never asked.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION sample_needs_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT NEW.voided AND NOT EXISTS (
        SELECT 1 FROM public.patients_consent c JOIN public.patients_patient p ON p.slot_id = c.slot_id
        WHERE c.id = NEW.consent_id AND p.id = NEW.patient_id AND p.trial_id = NEW.trial_id
          AND c.kind = 'biomarker' AND NOT c.voided AND c.withdrawn_on IS NULL AND c.given_on <= NEW.taken_on
    ) THEN
        RAISE EXCEPTION 'sample_needs_consent: no consent to the sub-study in force covers this sample'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sample_needs_consent BEFORE INSERT OR UPDATE ON assessments_sample
    FOR EACH ROW EXECUTE FUNCTION sample_needs_consent();
"""
BACKWARDS = """
DROP TRIGGER sample_needs_consent ON assessments_sample;
DROP FUNCTION sample_needs_consent();
"""


class Migration(migrations.Migration):
    dependencies = [("assessments", "0002_biomarker_substudy")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
