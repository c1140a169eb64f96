#!/bin/sh
# One archive of what cannot be rebuilt of the home REGISTER_HOME, in the folder that is given.
# Archives older than the days in REGISTER_BACKUP_DAYS (14) go once the new one is whole.
set -eu
umask 077
folder=$1
name="register-$(date -u +%Y%m%dT%H%M%SZ).tar.gz"
cd "$REGISTER_HOME"
set --
# Published first: what it was made from may have grown since, and must not be shorter.
for part in published landing decisions statistics models quality/results operations outbox web; do
    if [ -e "$part" ]; then
        set -- "$@" "$part"
    fi
done
# What a load adds or removes meanwhile (1) is in the next archive; worse (2) ends this one.
tar --create --gzip --file "$folder/$name.part" --exclude '.*.part' "$@" || [ $? -eq 1 ]
mv "$folder/$name.part" "$folder/$name"
find "$folder" -name 'register-*.tar.gz' -mtime "+${REGISTER_BACKUP_DAYS:-14}" -delete
echo "$folder/$name"
