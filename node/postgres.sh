# shellcheck shell=bash
# A private PostgreSQL 15 for the nodes of this machine, to be sourced:
#   pg_place HOME   decides where it lives: sets pg_dir and pg_socket
#   pg_up           makes it on the first call, starts it unless it runs, sees to roles and database
#   pg_alive        true while its postmaster lives
#   pg_down [MODE]  stops it (fast unless told)
# It listens on a Unix socket only, inside a folder that nobody but its user (and root) may enter, so the
# socket needs no password. It never touches a cluster of the system.

pg_bin=${PGBIN:-/usr/lib/postgresql/15/bin}
pg_config=$(cd "$(dirname "${BASH_SOURCE[0]}")/../config" && pwd)
unset "${!PG@}"

pg_as() (cd / && exec "$pg_config/as-postgres" "$@")

pg_place() {
  local home=$1 place
  mkdir -p "$home"
  if [ "$(id -u)" = 0 ] && [ ! -e "$home/postgres" ] && ! pg_as test -x "$home"; then
    # A home under /root, say, that the user postgres may not enter.
    # A new folder each time, so that removing the home forgets everything.
    mkdir -p /var/lib/usher
    place=$(mktemp -d "/var/lib/usher/$(tr / - <<<"${home#/}").XXXX")
    ln -s "$place" "$home/postgres"
    echo "the user postgres may not enter $home: its data lives in $place"
  fi
  mkdir -p "$home/postgres/"
  pg_dir=$(readlink -f "$home/postgres")
  chmod 700 "$pg_dir"
  [ "$(id -u)" != 0 ] || chown postgres "$pg_dir"
  pg_socket=$pg_dir/socket
  # The kernel allows 107 bytes for the path of a socket.
  if [ ${#pg_socket} -gt 85 ]; then
    pg_socket=/tmp/usher-$(id -u)-$(sha256sum <<<"$pg_dir" | cut -c 1-12)
  fi
}

pg_postmaster() { # prints the pid of our living postmaster
  local pid
  pid=$(head -n 1 "$pg_dir/data/postmaster.pid" 2>/dev/null) || return 1
  [ -n "$pid" ] && [ -d "/proc/$pid" ] || return 1
  grep -qzxF -- "$pg_dir/data" "/proc/$pid/cmdline" 2>/dev/null || return 1
  echo "$pid"
}

pg_alive() { pg_postmaster >/dev/null; }

# syncfs: after a crash one call instead of an fsync for each of 1,300 files, 5 s on a busy disk.
pg_settings() {
  cat <<CONF
# Written by node/start at every start.
listen_addresses = ''
unix_socket_directories = '$pg_socket'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 256MB
fsync = on
synchronous_commit = on
full_page_writes = on
recovery_init_sync_method = syncfs
wal_buffers = 16MB
max_wal_size = 4GB
min_wal_size = 512MB
checkpoint_timeout = 15min
jit = off
random_page_cost = 1.1
log_min_messages = warning
log_timezone = 'UTC'
timezone = 'UTC'
CONF
}

pg_make() {
  [ -e "$pg_dir/data/PG_VERSION" ] && return
  echo "making a private PostgreSQL in $pg_dir (a few seconds)"
  rm -rf "$pg_dir/data.new"
  pg_as "$pg_bin/initdb" -D "$pg_dir/data.new" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
    --data-checksums --no-instructions >/dev/null
  pg_as tee -a "$pg_dir/data.new/postgresql.conf" <<<"include 'usher.conf'" >/dev/null
  mv "$pg_dir/data.new" "$pg_dir/data" # only a whole one is ever called data
}

# After a kill -9 the pid in a lock file may by now be somebody else's, which PostgreSQL cannot know.
pg_forget_the_dead() {
  pg_alive || rm -f "$pg_dir/data/postmaster.pid" "$pg_socket/.s.PGSQL.5432.lock"
}

pg_open_socket() {
  if [ -e "$pg_socket" ] && ! [[ "$(stat -c %U "$pg_socket")" =~ ^(postgres|$(id -un))$ ]]; then
    echo "$pg_socket belongs to somebody else" >&2
    return 1
  fi
  pg_as mkdir -p "$pg_socket" && pg_as chmod 700 "$pg_socket"
}

pg_start() {
  local try
  pg_open_socket || return 1
  pg_settings | pg_as tee "$pg_dir/data/usher.conf" >/dev/null
  for try in 1 2 3 4 5; do
    pg_forget_the_dead
    # No fd of ours may live on in it: start holds a lock on one.
    pg_as "$pg_bin/pg_ctl" -D "$pg_dir/data" -l "$pg_dir/log" -w -t 60 start >/dev/null 2>&1 9>&- && return
    pg_alive && return
    sleep "$try" # backends of a killed postmaster take a moment to notice and go
  done
  echo "PostgreSQL does not start; the end of $pg_dir/log:" >&2
  tail -n 15 "$pg_dir/log" >&2
  return 1
}

pg_query() { pg_as "$pg_bin/psql" -h "$pg_socket" -U postgres -qXAt -v ON_ERROR_STOP=1 "$@"; }

pg_wait() {
  for _ in $(seq 300); do
    pg_query -c 'SELECT 1' >/dev/null 2>&1 && return
    sleep 0.2
  done
  echo "PostgreSQL runs but does not answer" >&2
  return 1
}

pg_roles() {
  pg_query >/dev/null <<'SQL'
SELECT 'CREATE ROLE usher LOGIN CREATEROLE' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'usher') \gexec
SELECT 'CREATE ROLE usher_app LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'usher_app') \gexec
SELECT 'CREATE DATABASE usher OWNER usher' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'usher') \gexec
SQL
}

pg_up() {
  pg_make || return 1
  pg_alive || pg_start || return 1
  pg_wait && pg_roles
}

pg_down() {
  pg_alive || return 0
  pg_as "$pg_bin/pg_ctl" -D "$pg_dir/data" -m "${1:-fast}" -w -t 60 stop >/dev/null 2>&1
}
