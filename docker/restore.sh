#!/bin/bash
# A database as it was at the end of the WAL that was received, or at a time:
#   docker compose run --rm restore                                          the newest base backup
#   docker compose run --rm restore 2026-11-29T010003Z '2026-11-29 14:02:00+00'
# Only into an empty volume. The database that is then started replays the WAL and goes on by itself.
set -euo pipefail
umask 077
BACKUPS=${BACKUPS:-/backups}
PGDATA=${PGDATA:-/var/lib/postgresql/18/docker}
name=${1:-$(ls "$BACKUPS/base" | tail -n 1)}
until=${2:-}
from="$BACKUPS/base/$name"

[ ! -e "$PGDATA/PG_VERSION" ] || { echo "$PGDATA holds a database: move it away first."; exit 1; }
[ -n "$name" ] && [ -d "$from" ] || { echo "There is no base backup '$name' in $BACKUPS/base."; exit 1; }
pg_verifybackup --quiet --no-parse-wal "$from"
mkdir -p "$PGDATA"
tar -xzf "$from/base.tar.gz" -C "$PGDATA"
tar -xzf "$from/pg_wal.tar.gz" -C "$PGDATA/pg_wal"

# The WAL since then, in the order received; the segment that was being written when the database was lost ends last.
first=$(ls "$PGDATA/pg_wal" | grep -E '^[0-9A-F]{24}$' | sed -n 1p)
for folder in "$BACKUPS"/wal.until-* "$BACKUPS/wal"; do
    [ -d "$folder" ] || continue
    for file in "$folder"/*; do
        segment=$(basename "${file%.partial}")
        case "$segment" in
        *.history) cp "$file" "$PGDATA/pg_wal/$segment" ;;
        ????????????????????????) [[ "$segment" < "$first" ]] || cp "$file" "$PGDATA/pg_wal/$segment" ;;
        esac
    done
done

{
    echo "restore_command = 'false'" # it all lies in pg_wal
    echo "recovery_target_timeline = 'latest'"
    [ -z "$until" ] || printf "recovery_target_time = '%s'\nrecovery_target_action = 'promote'\n" "$until"
} >> "$PGDATA/postgresql.auto.conf"
touch "$PGDATA/recovery.signal"
chmod 700 "$PGDATA"
echo "Restored $name${until:+ until $until}. Start the database, then check: manage.py verify_ledger, verify_decisions."
