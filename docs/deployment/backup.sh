#!/bin/sh
# Back up the parts of the home (REGISTER_HOME) that cannot be rebuilt, as an archive in folder $1.
# Once the new archive is complete, delete those older than REGISTER_BACKUP_DAYS (default: 14 days).
set -eu
umask 077
folder=$1
name="register-$(date -u +%Y%m%dT%H%M%SZ).tar.gz"
cd "$REGISTER_HOME"
set --
# `published` comes first. The files from which it was made may gain rows during the backup; the
# archive must never have fewer of their rows than `published` needs.
for part in published landing decisions access_record statistics models quality/results operations \
    outbox web; do
    if [ -e "$part" ]; then
        set -- "$@" "$part"
    fi
done
# tar exits with 1 if a load changes files during the backup; the next archive has these changes.
# Exit code 2 is an error, and the script stops.
tar --create --gzip --file "$folder/$name.part" --exclude '.*.part' "$@" || [ $? -eq 1 ]
mv "$folder/$name.part" "$folder/$name"
find "$folder" -name 'register-*.tar.gz' -mtime "+${REGISTER_BACKUP_DAYS:-14}" -delete
echo "$folder/$name"
