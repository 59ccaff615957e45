#!/bin/bash
# The roles, the database of the owner, and leave to copy it for backups. The image runs it when the volume is empty;
# it may be run again at any time, after an update or for a new password:
#   docker compose exec db bash /docker-entrypoint-initdb.d/roles.sh
# The application's role owns nothing; `manage.py migrate` grants it what it may do.
set -euo pipefail
psql() { command psql --no-psqlrc -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres "$@"; }

psql --quiet -v owner="$OWNER_PASSWORD" -v app="$APP_PASSWORD" -v backup="$BACKUP_PASSWORD" <<'SQL'
SELECT format('CREATE ROLE %I LOGIN', name) FROM unnest(ARRAY['escalation_owner', 'escalation_app', 'escalation_backup']) name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE escalation_owner PASSWORD :'owner';
ALTER ROLE escalation_app PASSWORD :'app';
ALTER ROLE escalation_backup REPLICATION PASSWORD :'backup';
SELECT 'CREATE DATABASE escalation OWNER escalation_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'escalation') \gexec
REVOKE ALL ON DATABASE escalation FROM PUBLIC;
GRANT CONNECT ON DATABASE escalation TO escalation_app;
SQL

hba=$(psql --quiet -At -c "SHOW hba_file")
line="host replication escalation_backup all scram-sha-256"
grep -qxF "$line" "$hba" || echo "$line" >> "$hba"
psql --quiet -At -o /dev/null -c "SELECT pg_reload_conf()"
