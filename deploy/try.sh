#!/usr/bin/env bash
# Follows README.md word for word on a copy of this machine: its files under an overlay, its own network, no systemd.
# Nothing outside is changed. Needs root on Linux with Debian's packages of step one, Python's venv, and Chromium.
# With EMPTY=folder it is an empty Debian instead, made there by debootstrap the first time; step one installs there.
# The last commit is installed; then one more commit with one more migration plays the next version.
set -euo pipefail
source_=$(cd "$(dirname "$0")/.." && pwd)
host=estimate.clinic.example

blocks() { # The commands below a heading of the README, as they stand there.
    awk -v heading="## $1" '/^##/ { is_there = ($0 == heading) } /^```/ { in_block = is_there && /sh$/; next } in_block' \
        "$source_/deploy/README.md"
}
follow() {
    echo "== $1"
    # A password is typed in by a person; here it comes from standard input.
    # Services start when they are installed, but not where systemd isn't.
    blocks "$1" | sed -e 's/^estimator accounts add .*/echo "four blue herons" | & --password-stdin/' \
        -e 's/^apt-get .*/&\nservice postgresql start\nservice nginx start/' >/try/steps.sh
    bash -euxo pipefail /try/steps.sh 2>&1 | sed 's/^/   /'
}
ready() {
    for _ in $(seq 120); do
        if [ "$(curl --silent --max-time 5 http://127.0.0.1:8000/readyz)" = ready ]; then return; fi
        sleep 1
    done
    echo "Not ready after two minutes:" >&2
    tail -n 20 /run/tried/*.log >&2
    exit 1
}
journey() {
    ready
    # A browser is no part of the machine that serves.
    chroot /try/machine env TMPDIR="$copy" "$python" "${source_#/try/machine}/deploy/try/journey.py" "https://$host"
}
commit_next_version() {
    git clone --quiet /try/source.git /try/next
    cd /try/next
    last=$(sed -n 's/^HEAD = "\(.*\)"/\1/p' estimator/db/migrations/__init__.py)
    sed -i 's/^HEAD = .*/HEAD = "9999"/' estimator/db/migrations/__init__.py
    cat >estimator/db/migrations/versions/v9999_next.py <<END
"""A table of the next version."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "9999", "$last"


def upgrade() -> None:
    """Make the table."""
    op.create_table("next_version", sa.Column("id", sa.Integer()))
END
    git add .
    git -c user.name=try -c user.email=try@clinic.example commit --quiet --message "The next version"
    git push --quiet
    cd /
}

if [ "${1:-}" = on-the-copy ]; then
    python=$2 copy=$3
    mkdir -p /run/lock
    ip link set lo up
    echo "127.0.0.1 localhost $host" >/etc/hosts
    cp "$source_/deploy/try/systemctl" /usr/local/bin/systemctl
    ln -sf /usr/bin/true /usr/local/bin/journalctl
    printf '[url "/try/source.git"]\n\tinsteadOf = https://git.example/therapy-cost-estimator.git\n' >/etc/gitconfig
    if [ -z "${EMPTY:-}" ]; then
        # What step one installs is here already, so it needs no network.
        rm -rf /etc/apt/sources.list* /var/lib/apt/lists/*
        # The database of an empty machine; the one of this machine isn't touched.
        install -d -o postgres -g postgres /run/postgresql
        pg_dropcluster 15 main
        pg_createcluster 15 main --start >/dev/null
    fi

    follow Install
    curl --silent --fail --cacert /etc/ssl/estimator/cert.pem "https://$host/livez"
    journey
    follow "Restore drill" 2>/dev/null && exit 1 # There is no backup yet, and it says so.
    commit_next_version
    follow Upgrade
    journey
    test "$(runuser -u postgres -- psql -Atc 'SELECT version_num FROM alembic_version' estimator)" = 9999
    follow "Restore drill"
    follow "Roll back"
    journey
    test "$(runuser -u postgres -- psql -Atc 'SELECT version_num FROM alembic_version' estimator)" != 9999
    follow "Restore drill"
    systemctl stop estimator-web estimator-worker
    # Links to saved estimates and passwords are in no log, of whichever program.
    ! grep -rlE "/saved/[A-Za-z0-9_-]{20,}|four blue herons" /run/tried /var/log/nginx /var/log/postgresql
    echo "The README holds: installed, upgraded, rolled back, restored."
    exit
fi

copy=$(mktemp -d -p "${TMPDIR:-/var/tmp}" estimator-try.XXXXXX) # On a disk: an overlay cannot lie in memory.
trap 'rm -rf "$copy"' EXIT
mkdir "$copy/upper" "$copy/work" "$copy/tree"
lower=/
if [ -n "${EMPTY:-}" ]; then
    lower=$EMPTY
    if [ ! -e "$lower/etc/debian_version" ]; then debootstrap bookworm "$lower" >"$copy/debootstrap.log"; fi
    # The copy has no network, so the packages are laid ready before.
    chroot "$lower" apt-get update -qq
    blocks Install | sed -n 's/.*apt-get install -y //p' | xargs chroot "$lower" apt-get install -y -qq --download-only
fi
python=${PYTHON:-$source_/.venv/bin/python}
wheels=${WHEELS:-$copy/wheels} # A folder to keep them in saves a minute the next time.
mkdir -p "$wheels"
# The copy has no network, so what pip installs is fetched before.
pip() { "$python" -m pip download --quiet --dest "$wheels" "$@" 2>/dev/null; }
pip --no-deps --require-hashes -r "$source_/deploy/requirements.txt"
pip hatchling
git clone --quiet --bare "$source_" "$copy/source.git"
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PIP_NO_INDEX=1 PIP_FIND_LINKS=/try/wheels PYTHONDONTWRITEBYTECODE=
unshare --mount --net --pid --fork --kill-child bash -euo pipefail -c '
    copy=$1 source=$2 python=$3 wheels=$4 lower=$5 host=$6
    mount --make-rprivate /
    mount -t proc proc /proc
    echo "127.0.0.1 localhost $host" >"$copy/hosts"
    mount --bind "$copy/hosts" /etc/hosts
    mount -t overlay overlay -o "lowerdir=$lower,upperdir=$copy/upper,workdir=$copy/work" "$copy/tree"
    mount -t proc proc "$copy/tree/proc"
    mount --rbind /dev "$copy/tree/dev"
    mount --rbind /sys "$copy/tree/sys"
    mount -t tmpfs tmpfs "$copy/tree/run"
    mkdir -p "$copy/tree/try/machine"
    mount --rbind / "$copy/tree/try/machine"
    mount --bind "$wheels" "$(mkdir "$copy/tree/try/wheels" && echo "$copy/tree/try/wheels")"
    cp -r "$copy/source.git" "$copy/tree/try/source.git"
    exec chroot "$copy/tree" env -u TMPDIR -u LANG -u LC_ALL bash "/try/machine$source/deploy/try.sh" on-the-copy "$python" "$copy"
' bash "$copy" "$source_" "$python" "$wheels" "$lower" "$host"
