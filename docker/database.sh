#!/bin/bash
# Runs once, when the volume is empty: the two roles and the database of the owner.
# The application's role owns nothing; `manage.py migrate` grants it what it may do.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -v owner="$OWNER_PASSWORD" -v app="$APP_PASSWORD" --username "$POSTGRES_USER" <<'SQL'
CREATE ROLE escalation_owner LOGIN PASSWORD :'owner';
CREATE ROLE escalation_app LOGIN PASSWORD :'app';
CREATE DATABASE escalation OWNER escalation_owner;
REVOKE ALL ON DATABASE escalation FROM PUBLIC;
GRANT CONNECT ON DATABASE escalation TO escalation_app;
SQL
