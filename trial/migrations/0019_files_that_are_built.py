"""Keep the files that workers build, in parts: what was built is never changed or deleted, by whomever.

Parts come while their file is built, and it is done when it has as many bytes as they. Each is stored as it is: a
document is compressed already, and PostgreSQL would try in vain.
Safe to deploy: new tables, empty. Backwards: drops them with the files; they can be built again from their cuts.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trial.ids

GUARD = """
CREATE FUNCTION artifact_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state IN ('done', 'failed') THEN
        RAISE EXCEPTION 'A file that was asked for is kept as it came out.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state = 'done' AND NEW.size IS DISTINCT FROM (
        SELECT coalesce(sum(octet_length(p.bytes)), 0) FROM trial_artifactpart p WHERE p.artifact_id = NEW.id) THEN
        RAISE EXCEPTION 'A file is done when all of it is stored.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION artifactpart_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' OR (SELECT a.state FROM trial_artifact a WHERE a.id = NEW.artifact_id) <> 'building' THEN
        RAISE EXCEPTION 'What was built is kept as it is.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER artifact_guard BEFORE DELETE OR UPDATE ON trial_artifact
    FOR EACH ROW EXECUTE FUNCTION artifact_guard();
CREATE TRIGGER artifactpart_guard BEFORE INSERT OR DELETE OR UPDATE ON trial_artifactpart
    FOR EACH ROW EXECUTE FUNCTION artifactpart_guard();
ALTER TABLE trial_artifactpart ALTER COLUMN bytes SET STORAGE EXTERNAL;
"""
UNGUARD = """
DROP TRIGGER artifact_guard ON trial_artifact;
DROP TRIGGER artifactpart_guard ON trial_artifactpart;
DROP FUNCTION artifact_guard();
DROP FUNCTION artifactpart_guard();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("trial", "0018_what_whoever_acted_wrote_himself"),
    ]

    operations = [
        migrations.CreateModel(
            name="Artifact",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("key", models.CharField(help_text="What was asked for, of its kind and cut.", max_length=200)),
                ("title", models.CharField(max_length=250)),
                ("filename", models.CharField(max_length=150)),
                ("media_type", models.CharField(max_length=80)),
                (
                    "cut",
                    models.CharField(
                        blank=True, help_text="Its name, as of a meeting's; empty: the record then.", max_length=80
                    ),
                ),
                (
                    "number",
                    models.PositiveIntegerField(
                        help_text="Of the trial's ledger: the last action that the cut contains."
                    ),
                ),
                ("on", models.DateField(help_text="The clinical date of the cut.")),
                ("cut_hash", models.CharField(help_text="Of the ledger's chain at that number.", max_length=64)),
                (
                    "without",
                    models.JSONField(
                        help_text="Ids of rows that nobody might read when it was asked for. Null: it reads none such.",
                        null=True,
                    ),
                ),
                (
                    "without_hash",
                    models.CharField(blank=True, help_text="SHA-256 of `without`; empty where null.", max_length=64),
                ),
                ("requested_at", models.DateTimeField(auto_now_add=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("building", "Being built"),
                            ("done", "Built"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("next_try_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.TextField(blank=True)),
                ("built_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("size", models.PositiveBigIntegerField(help_text="Bytes.", null=True)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ArtifactPart",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                ("n", models.PositiveIntegerField()),
                ("bytes", models.BinaryField()),
                (
                    "artifact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="trial.artifact"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ArtifactProgress",
            fields=[
                (
                    "artifact",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="progress",
                        serialize=False,
                        to="trial.artifact",
                    ),
                ),
                ("percent", models.PositiveSmallIntegerField(default=0)),
                ("step", models.CharField(blank=True, max_length=120)),
                ("at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("percent__lte", 100)), name="artifact_progress_percent")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="artifact",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "building"])), fields=["next_try_at"], name="artifact_due"
            ),
        ),
        migrations.AddIndex(
            model_name="artifact",
            index=models.Index(fields=["trial", "kind", "-requested_at"], name="artifact_listed"),
        ),
        migrations.AddConstraint(
            model_name="artifact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "failed"), _negated=True),
                fields=("trial", "kind", "key", "number", "on", "without_hash"),
                name="artifact_built_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="artifact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("built_at__isnull", False),
                        ("sha256__regex", "^[0-9a-f]{64}$"),
                        ("size__isnull", False),
                        ("state", "done"),
                    ),
                    models.Q(
                        models.Q(("state", "done"), _negated=True), ("built_at", None), ("sha256", ""), ("size", None)
                    ),
                    _connector="OR",
                ),
                name="artifact_done_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="artifact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("failed_at__isnull", False), ("state", "failed"), models.Q(("last_error", ""), _negated=True)
                    ),
                    models.Q(models.Q(("state", "failed"), _negated=True), ("failed_at", None)),
                    _connector="OR",
                ),
                name="artifact_failed_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="artifactpart",
            constraint=models.UniqueConstraint(fields=("artifact", "n"), name="artifactpart_once"),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
