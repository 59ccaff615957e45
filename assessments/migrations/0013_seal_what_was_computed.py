"""Seal the results of endpoint runs that were stored before results were sealed.

Safe to deploy: adds one row a result, in `trial_resultseal`; reads each result once. Backwards: takes those rows away.
"""

from django.db import migrations

SEAL = """
SET LOCAL timezone = 'UTC';
INSERT INTO trial_resultseal (row, "table", trial_id, at, sha256)
    SELECT id, 'assessments_endpointrun', trial_id, clock_timestamp(), result_digest(to_jsonb(r))
    FROM assessments_endpointrun r;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0012_why_an_unlikely_value_stands"),
        ("trial", "0012_what_is_sealed_and_what_watches_it"),
    ]
    operations = [migrations.RunSQL(SEAL, "DELETE FROM trial_resultseal WHERE \"table\" = 'assessments_endpointrun';")]
