# Shared by every bench script: private temp dir, own Postgres/Redis, noise
# sampling, CPU accounting, one JSON line at the end, cleanup of own pids only.
set -euo pipefail
BENCH_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BENCH_TMP=${BENCH_TMP:-${TMPDIR:-/tmp}/usher-peers}          # scratch (run dirs, builds)
BUILD=$BENCH_TMP/build
PGBIN=${PGBIN:-/usr/lib/postgresql/15/bin}
PG_OS_USER=${PG_OS_USER:-postgres}               # initdb refuses root
SECS=${SECS:-6}                                  # measured seconds per point
BENCH=$(basename "$0" .sh)
mkdir -p "$BUILD"; chmod 755 "$BENCH_TMP" "$BUILD"
RUN=$(mktemp -d "$BENCH_TMP/run.$BENCH.XXXXXX"); chmod 755 "$RUN"
RES=$RUN/res.txt; : > "$RES"
PIDS=()                                          # pids we started
PG_UP=""

log()  { echo "[$BENCH $(date +%T)] $*" >&2; }
need() { for c in "$@"; do command -v "$c" >/dev/null || { log "missing command: $c (see README.md, packages)"; exit 3; }; done; }
emit() { printf '%s %s\n' "$1" "$2" >> "$RES"; log "  $1 = $2"; }

cleanup() {
  local rc=$? p
  set +e
  if [ -n "$PG_UP" ]; then runuser -u "$PG_OS_USER" -- "$PGBIN/pg_ctl" -D "$RUN/pg" -m immediate -w stop >/dev/null 2>&1; fi
  for p in "${PIDS[@]:-}"; do [ -n "$p" ] && kill "$p" 2>/dev/null; done
  for p in "${PIDS[@]:-}"; do [ -n "$p" ] && wait "$p" 2>/dev/null; done
  if [ -n "${KEEP:-}" ]; then log "kept $RUN"; else rm -rf "$RUN"; fi
  exit $rc
}
trap cleanup EXIT
trap 'exit 130' INT TERM

stop_pid() { kill "$1" 2>/dev/null || true; wait "$1" 2>/dev/null || true; }

# --- noise ---------------------------------------------------------------
NCPU=$(nproc); NOISE_MAX=${NOISE_MAX:-15}; TRIES=${TRIES:-3}; QUIET_WAIT=${QUIET_WAIT:-40}
busy_ticks()  { awk 'NR==1{print $2+$3+$4+$9}' /proc/stat; }      # user nice system steal (softirq left out)
busyall_ticks() { awk 'NR==1{print $2+$3+$4+$7+$8+$9}' /proc/stat; } # with irq and softirq (loopback TCP)
total_ticks() { awk 'NR==1{print $2+$3+$4+$5+$6+$7+$8+$9}' /proc/stat; }
steal_ticks() { awk 'NR==1{print $9}' /proc/stat; }
bg_cpu() { # machine-wide busy % over N s (1)
  local b t; b=$(busy_ticks) t=$(total_ticks); sleep "${1:-1}"
  awk -v b="$b" -v t="$t" -v b2="$(busy_ticks)" -v t2="$(total_ticks)" 'BEGIN{printf "%.1f", (t2>t)?100*(b2-b)/(t2-t):0}'
}
own_cpu() { awk -v a="$(cpu_s $$)" -v b="$( [ -n "${PG_PID:-}" ] && cpu_s "$PG_PID" || echo 0)" 'BEGIN{print a+b}'; }
wait_quiet() { # wait (bounded) until others leave the machine alone
  local i b; for ((i = 0; i < QUIET_WAIT; i++)); do b=$(bg_cpu 0.7); awk -v b="$b" 'BEGIN{exit !(b<10)}' && return; done; log "  (machine still busy: $b %)"
}
noise_begin() { NB_B=$(busy_ticks); NB_A=$(busyall_ticks); NB_T=$(total_ticks); NB_O=$(own_cpu); }
noise_end() { # OTHER = % of the machine used by processes that are not ours, BUSY = % used in all, with irq/softirq
  local b t o a; a=$(busyall_ticks) b=$(busy_ticks) t=$(total_ticks) o=$(own_cpu)
  read -r OTHER BUSY < <(awk -v b="$((b-NB_B))" -v all="$((a-NB_A))" -v t="$((t-NB_T))" -v o="$o" -v o0="$NB_O" 'BEGIN{x=100*(b-(o-o0)*100)/t;printf "%.1f %.1f\n",x<0?0:x,100*all/t}')
}
# point NAME FUNC ARGS...: run FUNC (which emits NAME.*), again (up to TRIES) if others took
# more than NOISE_MAX % of the machine; keep the least disturbed try.
attempt() {
  local name=$1 real=$RES i best=999 ; shift
  [[ $name =~ ${POINTS:-.} ]] || return 0
  for ((i = 1; i <= TRIES; i++)); do
    wait_quiet; RES=$RUN/res.try$i; : > "$RES"; OTHER=0; "$@"; emit "$name.other_cpu_pct" "$OTHER"
    if awk -v a="$OTHER" -v b="$best" 'BEGIN{exit !(a<b)}'; then best=$OTHER; cp "$RES" "$RUN/res.best"; fi
    awk -v a="$OTHER" -v m="$NOISE_MAX" 'BEGIN{exit !(a<=m)}' && break
    log "  (disturbed: others used $OTHER % of the machine)"
  done
  RES=$real; cat "$RUN/res.best" >> "$RES"
}

# CPU seconds used so far by a process, its live descendants and the children they have reaped
cpu_s() {
  { cat /proc/[0-9]*/stat 2>/dev/null || :; } | awk -v root="$1" '{p=$1;l=$0;sub(/^.*\) /,"",l);split(l,f," ");pp[p]=f[2];c[p]=f[12]+f[13]+f[14]+f[15]}
    END{for(p in pp){x=p;for(i=0;i<20&&x!=root&&(x in pp);i++)x=pp[x];if(x==root)t+=c[p]}printf "%.2f",t/100}'
}
calc() { awk "BEGIN{printf \"%.${2:-2}f\", $1}"; }

# build FILE.cpp -> $BUILD/FILE (rebuilt when the source is newer)
build() {
  local src=$BENCH_DIR/src/$1.cpp out=$BUILD/$1; shift
  if [ ! -x "$out" ] || [ "$src" -nt "$out" ]; then
    log "building $(basename "$out")"; g++ -std=c++17 -O2 -DNDEBUG -o "$out.tmp" "$src" "$@" -lpthread && mv "$out.tmp" "$out"
  fi
}

# FSYNC_DELAY_US=n: LD_PRELOAD shim that adds n microseconds to fsync/fdatasync in
# Postgres/Redis, to emulate an ordinary disk (this VM answers in ~0.1 ms).
shim() {
  FSYNC_DELAY_US=${FSYNC_DELAY_US:-0}
  if [ "$FSYNC_DELAY_US" != 0 ]; then
    [ -e "$BUILD/fsync_delay.so" ] || gcc -O2 -shared -fPIC -o "$BUILD/fsync_delay.so" "$BENCH_DIR/src/fsync_delay.c" -ldl
    echo "LD_PRELOAD=$BUILD/fsync_delay.so FSYNC_DELAY_US=$FSYNC_DELAY_US"
  fi
}

# private durable Postgres 15 on a unix socket: $PGSOCK, database bench
start_pg() {
  need runuser psql; PGSOCK=$RUN/sock; mkdir -p "$RUN/pg" "$PGSOCK"; chown "$PG_OS_USER" "$RUN/pg" "$PGSOCK"; chmod 700 "$RUN/pg"; chmod 755 "$PGSOCK"
  runuser -u "$PG_OS_USER" -- "$PGBIN/initdb" -D "$RUN/pg" -A trust -U bench --no-instructions -E UTF8 --locale=C >"$RUN/initdb.log" 2>&1
  cat >> "$RUN/pg/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$PGSOCK'
max_connections = 200
shared_buffers = 1GB
fsync = on
synchronous_commit = on
full_page_writes = on
wal_level = replica
max_wal_size = 8GB
min_wal_size = 2GB
checkpoint_timeout = 15min
wal_buffers = 64MB
jit = off
autovacuum = on
random_page_cost = 1.1
logging_collector = off
log_min_messages = fatal
log_min_error_statement = panic
${PG_EXTRA_CONF:-}
CONF
  # shellcheck disable=SC2046
  runuser -u "$PG_OS_USER" -- env $(shim) "$PGBIN/pg_ctl" -D "$RUN/pg" -l "$RUN/pg/log" -w -t 60 start >/dev/null
  PG_UP=1; PG_PID=$(head -1 "$RUN/pg/postmaster.pid")
  export PGHOST=$PGSOCK PGUSER=bench PGDATABASE=bench PGSSLMODE=disable
  psql -qX -d postgres -c 'create database bench' >/dev/null
  # A fresh cluster zero-fills every new 16 MB WAL segment while commits wait (20..40 ms each); a server that
  # has run for a while recycles old ones. Make ours look like the latter: create segments, checkpoint, recycle.
  if [ -z "${COLD_WAL:-}" ]; then
    for _ in $(seq 100); do echo "SELECT pg_logical_emit_message(true,'w','x'); SELECT pg_switch_wal();"; done | psql -qXAt >/dev/null
    psql -qX -c CHECKPOINT
  fi
}
q() { psql -qXAt -v ON_ERROR_STOP=1 -c "$1"; }

# start_redis NAME extra-args... -> $REDIS_PORT (127.0.0.1) and $REDIS_SOCK
start_redis() {
  local d=$RUN/redis.$1; shift; mkdir -p "$d"
  REDIS_PORT=$(free_port); REDIS_SOCK=$d/s
  # shellcheck disable=SC2046
  env $(shim) redis-server --bind 127.0.0.1 --port "$REDIS_PORT" --unixsocket "$REDIS_SOCK" --dir "$d" --save "" \
      --daemonize no --loglevel warning --logfile "$d/log" "$@" &
  REDIS_PID=$!; PIDS+=("$REDIS_PID")
  for _ in $(seq 100); do redis-cli -s "$REDIS_SOCK" ping >/dev/null 2>&1 && return; sleep 0.05; done; log "redis did not start"; exit 1
}
free_port() { python3 - <<'P'
import socket; s=socket.socket(); s.bind(('127.0.0.1',0)); print(s.getsockname()[1])
P
}
wait_http() { for _ in $(seq 200); do (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return; sleep 0.05; done; log "nothing on port $1"; exit 1; }

# run wrk, leave its figures in W_REQS W_OK W_BAD W_RPS W_OKPS W_P50 W_P99 W_CPU
run_wrk() { # url script secs conns [lua args...]
  local url=$1 script=$2 secs=$3 conns=$4; shift 4
  timeout $((secs + 20)) wrk -t"${WRK_THREADS:-1}" -c"$conns" -d"${secs}s" --timeout 5s -s "$script" "$url" -- "$@" > "$RUN/wrk.out" 2>"$RUN/wrk.err" || { cat "$RUN/wrk.out" "$RUN/wrk.err" >&2; exit 1; }
  local line; line=$(grep '^RESULT ' "$RUN/wrk.out" | tail -1)
  W_REQS=$(sed -n 's/.* reqs=\([0-9.]*\).*/\1/p' <<<"$line"); W_BAD=$(sed -n 's/.* bad=\([0-9.]*\).*/\1/p' <<<"$line")
  W_ERR=$(sed -n 's/.* err=\([0-9.]*\).*/\1/p' <<<"$line")
  W_RPS=$(sed -n 's/.* rps=\([0-9.]*\).*/\1/p' <<<"$line"); W_OKPS=$(sed -n 's/.* okps=\([0-9.]*\).*/\1/p' <<<"$line")
  W_P50=$(sed -n 's/.* p50_us=\([0-9.]*\).*/\1/p' <<<"$line"); W_P99=$(sed -n 's/.* p99_us=\([0-9.]*\).*/\1/p' <<<"$line")
  W_EXTRA=$(sed -n 's/.* extra=\([^ ]*\).*/\1/p' <<<"$line")
}

finish() {
  emit noise.bg_cpu_pct_start "$BG0"; emit noise.bg_cpu_pct_end "$(bg_cpu)"
  emit noise.steal_ticks "$(( $(steal_ticks) - STEAL0 ))"
  emit wall_s "$SECONDS"
  awk -v b="$BENCH" -v ts="$(date +%FT%T)" -v d="${FSYNC_DELAY_US:-0}" 'BEGIN{printf "{\"bench\":\"%s\",\"ts\":\"%s\",\"fsync_delay_us\":%d",b,ts,d}{printf ",\"%s\":%s",$1,$2}END{print "}"}' "$RES"
}
STEAL0=$(steal_ticks)
BG0=$(bg_cpu)
