#!/bin/bash
# The service `backup`: a base backup each night and, between them, the WAL as it is written (docs/operations.md).
#   backup.sh           for ever        backup.sh now       one base backup more
#   backup.sh healthy   for the health check
# The slot keeps the WAL that is not here yet, up to max_slot_wal_keep_size of the database; beyond it the slot is lost
# and a new one begins, with a new base backup.
set -euo pipefail
umask 077
BACKUPS=${BACKUPS:-/backups}
DAYS=${DAYS:-14}    # how long a backup is kept
AT=${AT:-01:00}     # UTC
SLOT=${SLOT:-escalation_backup}
mkdir -p "$BACKUPS/base" "$BACKUPS/wal"

say() { echo "$(date -u +%FT%TZ) $*"; }
sql() { psql --no-psqlrc -v ON_ERROR_STOP=1 -At --dbname postgres -c "$1"; }
status() { sql "SELECT wal_status FROM pg_replication_slots WHERE slot_name = '$SLOT'" || echo unknown; }
newest() { ls "$BACKUPS/base" | tail -n 1; }

# A name appears when its backup is whole and was checked.
base() {
    local name half="$BACKUPS/base/.half"
    name=$(date -u +%Y-%m-%dT%H%M%SZ)
    rm -rf "$half" &&
        pg_basebackup --pgdata="$half" --format=tar --gzip --wal-method=stream --checkpoint=fast --no-password &&
        pg_verifybackup --quiet --no-parse-wal "$half" &&
        mv "$half" "$BACKUPS/base/$name" &&
        rm -f "$BACKUPS/wanted" &&
        say "base backup $name, checked"
}

# The WAL goes a day later than the base backup that it continues; the newest base stays, however old.
prune() {
    local keep=$((DAYS * 1440))
    find "$BACKUPS/base" -mindepth 1 -maxdepth 1 -mmin "+$keep" ! -name "$(newest)" -exec rm -rf {} +
    find "$BACKUPS" -mindepth 2 -path "$BACKUPS/wal*" -type f -mmin "+$((keep + 1440))" -delete
    find "$BACKUPS" -mindepth 1 -maxdepth 1 -name "wal.until-*" -empty -delete
}

# No slot, as in a new or restored database, or one that was lost: the WAL that is here may end with a gap.
begin() {
    local state
    state=$(status)
    case "$state" in "" | lost) ;; *) return ;; esac
    [ "$state" = "" ] || pg_receivewal --slot="$SLOT" --drop-slot --no-password || return
    pg_receivewal --slot="$SLOT" --create-slot --no-password || return
    [ -z "$(ls "$BACKUPS/wal")" ] || mv "$BACKUPS/wal" "$BACKUPS/wal.until-$(date -u +%Y-%m-%dT%H%M%SZ)"
    mkdir -p "$BACKUPS/wal"
    touch "$BACKUPS/wanted"
    say "slot $SLOT begins"
}

receive() {
    while true; do
        pg_receivewal --slot="$SLOT" --directory="$BACKUPS/wal" --synchronous --no-loop --no-password || true
        sleep 2
        begin || true
    done
}

due() {
    if [ -e "$BACKUPS/wanted" ] || [ -z "$(newest)" ]; then return 0; fi
    [[ "$(date -u +%H:%M)" > "$AT" && "$(newest)" < "$(date -u +%F)" ]]
}

case "${1:-}" in
now) base ;;
healthy) # a base of the last day, and somebody at the slot
    [ -n "$(find "$BACKUPS/base" -mindepth 1 -maxdepth 1 ! -name ".*" -mmin -1560)" ]
    [ "$(sql "SELECT active FROM pg_replication_slots WHERE slot_name = '$SLOT'")" = t ]
    ;;
"")
    trap 'trap - EXIT TERM INT; kill 0' EXIT TERM INT
    until begin; do sleep 5; done
    receive &
    while true; do
        if due; then
            if base; then prune; else say "THE BASE BACKUP FAILED; it is tried again"; fi
        fi
        sleep "${EVERY:-60}" &
        wait $!
    done
    ;;
*) echo "backup.sh, backup.sh now or backup.sh healthy" && exit 1 ;;
esac
