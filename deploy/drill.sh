#!/bin/sh
# The restore drill: reads the newest backup, or the one named, into an empty database in a scratch folder, and says
# what is in it. The database that serves is not touched.
set -eu
file=${1:-$(ls -t /var/lib/estimator/backups/*.gz 2>/dev/null | head -n 1)}
if [ ! -f "$file" ]; then
    echo "There is no backup yet. Make one: systemctl start estimator-backup" >&2
    exit 1
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chown estimator:estimator "$folder"
scratch() {
    runuser -u estimator -- env DATABASE_URL= ESTIMATOR_DATA="$folder" /opt/estimator/current/bin/estimator "$@"
}
scratch db restore "$file"
restored=$(scratch db status | grep ^Plans)
serving=$(estimator db status | grep ^Plans)
echo "Restored from $file: $restored"
echo "Serving now: $serving"
