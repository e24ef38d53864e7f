#!/usr/bin/env bash
# Usher under the load that the peers get: a real daemon on a PostgreSQL of its own with the peers' settings, driven
# by wrk -t1 with signed-in users and open sessions. Every hold is durable when acknowledged; afterwards PostgreSQL
# alone is asked whether all of them are there and no seat went to two sessions.
# env: SECS (6), CONNS (64), POINTS (a regex), EVENTS (500 x 20,000 seats), EXTRA (10000 quiet events), FACTS (1000000),
#      USHERD (build/release/usherd), FSYNC_DELAY_US; prints one line of JSON like the peers do
. "$(dirname "$0")/peers/lib.sh"
HERE=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
USHERD=${USHERD:-$ROOT/build/release/usherd}
EVENTS=${EVENTS:-500} CONNS=${CONNS:-64} BIG=20x20x50 EXTRA=${EXTRA:-10000} FACTS=${FACTS:-1000000} POINTS=${POINTS:-.}
need wrk psql curl python3
[ -x "$USHERD" ] || { log "no $USHERD; build the preset release first"; exit 3; }

uq() { psql -qXAt -v ON_ERROR_STOP=1 -d usher -c "$1"; }
prepare() { "$HERE/setup.py" "$PORT" "$RUN" "$@"; }
FRONTS=() # who shares the load of holds evenly
wanted() { local name; for name in "$@"; do [[ $name =~ $POINTS ]] && return; done; return 1; }

settings() {
  mkdir -p "$RUN/home"
  [ -s "$RUN/jwt" ] || head -c 32 /dev/urandom | base64 -w 0 >"$RUN/jwt"
  [ -s "$RUN/hook" ] || echo "whsec_$(head -c 32 /dev/urandom | base64 -w 0)" >"$RUN/hook"
  chmod 600 "$RUN/jwt" "$RUN/hook"
  cat >"$RUN/usher.yaml" <<YAML
node: {name: bench, home: "$RUN/home"}
http: {address: 127.0.0.1, port: $PORT}
database: {owner: "host=$PGSOCK dbname=usher user=usher", app: "host=$PGSOCK dbname=usher user=usher_app", readers: 2}
rate_limits: {enabled: false}
sales: {max_hold: 2h}
security: {jwt_keys: [{id: k1, secret_file: "$RUN/jwt"}]}
sandbox: {enabled: true, webhook_secret_file: "$RUN/hook", base_url: "http://127.0.0.1:$PORT"}
log: {level: warning}
YAML
}
launch() {
  "$USHERD" --config "$RUN/usher.yaml" >>"$RUN/usherd.log" 2>&1 &
  U=$!; PIDS+=("$U")
}
wait_serving() {
  local i
  for ((i = 0; i < 1200; i++)); do
    curl -fsS -m 2 -o /dev/null "http://127.0.0.1:$PORT/readyz" 2>/dev/null && return
    kill -0 "$U" 2>/dev/null || break
    sleep 0.05
  done
  log "usherd does not get ready:"; tail -n 5 "$RUN/usherd.log" >&2; exit 1
}
memory_mb() { awk '/^VmRSS/ {printf "%.0f", $2 / 1024}' "/proc/$U/status"; }
stored() { uq "SELECT coalesce(sum((length(facts) - length(replace(facts, '$1', ''))) / length('$1')), 0) FROM journal WHERE kind = $2"; }
load() { run_wrk "http://127.0.0.1:$PORT/" "$HERE/lua/$1.lua" "$2" "$3" "${@:4}"; }

load_holds() { # SECS CONNS EVENTS-NAME LUA-OPTIONS...: at all fronts at once, each with the sessions that were opened there
  local secs=$1 conns=$(($2 / ${#FRONTS[@]})) name=$3 i jobs=() dirs=(); shift 3
  for i in "${!FRONTS[@]}"; do
    (
      all=$RUN RUN=$RUN/front.$i; mkdir -p "$RUN"
      run_wrk "http://127.0.0.1:${FRONTS[i]}/" "$HERE/lua/usher_hold.lua" "$secs" "$conns" \
        "sessions=$all/$name.$i.sessions" seed="$((SEED + 1000 * i))" "$@"
      echo "$W_REQS $W_BAD $W_ERR $W_RPS $W_OKPS $W_P50 $W_P99 ${W_EXTRA//:/ }" >"$RUN/figures"
    ) &
    jobs+=("$!") dirs+=("$RUN/front.$i/figures")
  done
  for i in "${jobs[@]}"; do wait "$i" || exit 1; done
  read -r W_REQS W_BAD W_ERR W_RPS W_OKPS W_P50 W_P99 W_EXTRA < <(awk '
    {for (i = 1; i <= 5; i++) sum[i] += $i; p50 += $6; if ($7 > p99) p99 = $7; refused += $8; failed += $9}
    END {print sum[1], sum[2], sum[3], sum[4], sum[5], p50 / NR, p99, refused ":" failed}' "${dirs[@]}")
}

seed() { SEED=$((${SEED:-$$} + 1)); } # a new one each time: the same seats again would be refused
usherd_cpu() { calc "$(cpu_s "$U")+$([ -z "${U2:-}" ] && echo 0 || cpu_s "$U2")"; }
begin() { noise_begin; C0=$(usherd_cpu) P0=$(cpu_s "$PG_PID"); }
end() { # NAME REQUESTS: who spent how much on one request
  noise_end
  emit "$1.usherd_cpu_us" "$(calc "($(usherd_cpu)-$C0)*1e6/($2+1)" 2)"; emit "$1.pg_cpu_us" "$(calc "($(cpu_s "$PG_PID")-$P0)*1e6/($2+1)" 2)"
  emit "$1.machine_cpu_us" "$(calc "$BUSY/100*$NCPU*$SECS*1e6/($2+1)" 2)"; emit "$1.machine_busy_pct" "$BUSY"
  emit "$1.usherd_mb" "$(memory_mb)"
}
speed() { # NAME: the figures of the last run_wrk
  emit "$1.req_s" "$W_RPS"; emit "$1.ok_s" "$W_OKPS"; emit "$1.reject_pct" "$(calc "100*$W_BAD/($W_REQS+1)" 1)"
  emit "$1.p50_ms" "$(calc "$W_P50/1000" 3)"; emit "$1.p99_ms" "$(calc "$W_P99/1000" 3)"; emit "$1.err" "$W_ERR"
}
no_failures() { # of the last classified run: refusals are answers, anything else is not
  local failed=${W_EXTRA##*:}
  [ "$failed" = 0 ] && [ "$W_ERR" = 0 ] || { log "$1: $failed answers that are neither 200 nor 409, $W_ERR socket errors"; exit 1; }
}

holds() { # NAME EVENTS SHAPE CONNS LUA-OPTIONS...: acknowledged holds, each held against what is stored
  local name=$1 events=$1 conns=$4 n0 n1
  prepare events "$events" "$2" "$3" # fresh ones, so that refusals stay rare
  # A user has one session for an event, as buyers do: 127 users and 500 events share no divisor.
  local sessions=${SESSIONS:-40000} pairs=$((${USERS:-127} * $2)); [ "$sessions" -le "$pairs" ] || sessions=$pairs
  local share=$((sessions / ${#FRONTS[@]})) i
  for i in "${!FRONTS[@]}"; do
    "$HERE/setup.py" "${FRONTS[i]}" "$RUN" sessions "$events" "$events.$i" "$share" $((i * share))
  done; shift 4
  seed; load_holds 2 "$conns" "$events" classify=1 "$@"; no_failures "$name"
  sleep 0.3; seed; n0=$(stored seat_block.held/1 6); begin
  load_holds "$SECS" "$conns" "$events" from=6000 "$@"
  end "$name" "$W_REQS"; sleep 0.3; n1=$(stored seat_block.held/1 6); speed "$name"
  emit "$name.acked" "$((W_REQS - W_BAD))"; emit "$name.stored" "$((n1 - n0))"
  if [ "$name" = hot1k ]; then # a session may be granted what it holds already: look for each seat instead of counting
    "$HERE/granted.py" "$RUN/$events.grants" || exit 1
  elif [ $((n1 - n0)) -lt $((W_REQS - W_BAD)) ]; then
    log "LOST: acknowledged $((W_REQS - W_BAD)), stored $((n1 - n0))"; exit 1
  fi
}
cycle() { # NAME: sales from hold to completed session
  local name=$1 n0 n1 held paying paid refused failed completed
  prepare events cycle "$EVENTS" "$BIG"
  prepare sessions cycle cycle "${SALES:-60000}"
  seed; n0=$(stored booking_session.completed/1 8); begin
  load usher_cycle "$SECS" "$CONNS" "sessions=$RUN/cycle.sessions" seed="$SEED"
  end "$name" "$W_REQS"; IFS=: read -r held paying paid refused failed <<<"$W_EXTRA"
  [ "$paid" -gt 0 ] || { log "$name: nothing was sold ($W_EXTRA)"; exit 1; }
  completed=0 # a sale is done when its session has completed, a moment after the payment
  for _ in $(seq 50); do
    n1=$(stored booking_session.completed/1 8); completed=$((n1 - n0)); [ "$completed" -ge "$paid" ] && break; sleep 0.1
  done
  emit "$name.sold_s" "$(calc "$paid/$SECS" 0)"; emit "$name.req_s" "$W_RPS"; emit "$name.held" "$held"; emit "$name.paid" "$paid"
  emit "$name.completed" "$completed"; emit "$name.refused" "$refused"; emit "$name.err" "$((W_ERR + failed))"
  emit "$name.p50_ms" "$(calc "$W_P50/1000" 3)"; emit "$name.p99_ms" "$(calc "$W_P99/1000" 3)"
  [ "$completed" -ge "$paid" ] || { log "LOST: paid $paid, completed $completed"; exit 1; }
}
map_gets() { # NAME LUA-OPTIONS...
  local name=$1; shift
  begin; load usher_get "$SECS" 16 "path=/v1/events/$ARENA/seats" "$@"; end "$name" "$W_REQS"; speed "$name"
  emit "$name.kb" "$(calc "${W_EXTRA:-0}/1000/($W_REQS+1)" 1)"
}
maps() {
  local etag
  prepare events arena 1 arena; ARENA=$(head -n 1 "$RUN/arena.events")
  etag=$(curl -fsS -D - -o /dev/null "http://127.0.0.1:$PORT/v1/events/$ARENA/seats" | tr -d '\r' | sed -n 's/^[Ee][Tt]ag: //p')
  [ -n "$etag" ] || { log "the seat map has no ETag"; exit 1; }
  attempt map.304 map_gets map.304 "etag=$etag"
  attempt map.full map_gets map.full
  attempt map.gzip map_gets map.gzip gzip=1
}
sizes() { # quiet events that merely exist; the load stays on the same ones
  local have=0 n
  for n in 1 100 "$EXTRA"; do
    [ "$n" -gt "$have" ] || continue
    wanted "size.$n" || continue
    prepare events "quiet$n" $((n - have)) 4x5x10; have=$n
    [ "$n" != "$EXTRA" ] || sleep "${SETTLE:-75}" # quiet entities leave memory after a minute
    emit "size.$n.idle_mb" "$(memory_mb)"
    attempt "size.$n" holds "size.$n" "$EVENTS" "$BIG" "$CONNS"
  done
}
restart() { # kill -9, start, and the time until it is ready and until a hold is acknowledged
  local have t0 token session event
  prepare events fill "$EVENTS" "$BIG"
  have=$(uq "SELECT count(*) FROM journal")
  while [ "$have" -lt "$FACTS" ]; do
    log "filling the journal: $have of $FACTS"
    prepare sessions fill fill 12000
    seed; load usher_hold 10 "$CONNS" "sessions=$RUN/fill.sessions" seed="$SEED"
    [ "$(uq "SELECT count(*) FROM journal")" -gt $((have + 1000)) ] || { log "the journal does not grow"; exit 1; }
    have=$(uq "SELECT count(*) FROM journal")
  done
  # The tokens outlive the daemon, and so do the sessions.
  prepare sessions fill again 1
  read -r token session event <"$RUN/again.sessions"
  kill -KILL "$U"; wait "$U" 2>/dev/null || true
  t0=$(date +%s.%N); launch; wait_serving
  emit restart.ready_s "$(calc "$(date +%s.%N)-$t0" 2)"
  for _ in $(seq 400); do
    curl -sS -m 5 -o "$RUN/first" -w '%{http_code}' -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
      -d '{"best_available":{"count":1}}' "http://127.0.0.1:$PORT/v1/sessions/$session/seats" 2>/dev/null | grep -qx 200 && break
    sleep 0.05
  done
  grep -q '"session"' "$RUN/first" || { log "no hold after the restart: $(cat "$RUN/first")"; exit 1; }
  emit restart.first_hold_s "$(calc "$(date +%s.%N)-$t0" 2)"; emit restart.facts "$have"; emit restart.usherd_mb "$(memory_mb)"
}
cluster() { # two nodes with half of the shards each, and the load on both fronts, as from a balancer; then on one alone
  local i port2; port2=$(free_port)
  kill -TERM "$U"; wait "$U" 2>/dev/null || true
  sed -e "s|name: bench|name: bench-2|; s|$RUN/home|$RUN/home2|; s|port: $PORT|port: $port2|" "$RUN/usher.yaml" >"$RUN/usher2.yaml"
  for i in "" 2; do echo "cluster: {address: 127.0.0.1, port: $(free_port)}" >>"$RUN/usher$i.yaml"; done
  launch; wait_serving
  "$USHERD" --config "$RUN/usher2.yaml" >>"$RUN/usherd2.log" 2>&1 & U2=$!; PIDS+=("$U2")
  for ((i = 0; i < 200; i++)); do
    [ "$(uq "SELECT count(*) FROM (SELECT owner FROM shard GROUP BY owner HAVING count(*) > 80) x")" = 2 ] && break
    sleep 0.1
  done
  [ "$i" -lt 200 ] || { log "the two nodes do not share:"; tail -n 5 "$RUN/usherd2.log" >&2; exit 1; }
  sleep 1
  FRONTS=("$PORT" "$port2")
  attempt cluster2 holds cluster2 "$EVENTS" "$BIG" "$CONNS"
  FRONTS=("$PORT")
  attempt cluster2.one holds cluster2.one "$EVENTS" "$BIG" "$CONNS"
  kill -TERM "$U2"; wait "$U2" 2>/dev/null || true; U2=""
}
verdict() { # from PostgreSQL alone
  local line
  line=$(psql -qX -d usher -c "COPY (SELECT entity, (extract(epoch FROM at) * 1000)::bigint, facts FROM journal WHERE kind = 6 ORDER BY entity, version) TO STDOUT" | "$HERE/check.py")
  log "$line"; emit double_held "${line##*double=}"
  [ "${line##*double=}" = 0 ] || { log "SEATS GIVEN TWICE"; exit 1; }
}

start_pg
psql -qX -d postgres -c "CREATE ROLE usher LOGIN CREATEROLE" -c "CREATE ROLE usher_app LOGIN" -c "CREATE DATABASE usher OWNER usher"
unset PGUSER PGDATABASE; export PGUSER=bench
PORT=$(free_port); FRONTS=("$PORT"); settings; launch; wait_serving
emit start.usherd_mb "$(memory_mb)"
log "signing up users"
prepare users "${USERS:-127}"
attempt spread holds spread "$EVENTS" "$BIG" "$CONNS"
attempt across holds across "$EVENTS" "$BIG" "$CONNS" across=1
attempt c256 holds c256 "$EVENTS" "$BIG" 256
attempt hot1k holds hot1k 1 1x20x50 "$CONNS" sections=1 "grants=$RUN/hot1k.grants"
attempt cycle cycle cycle
if wanted cluster2 cluster2.one; then
  attempt spread.again holds spread.again "$EVENTS" "$BIG" "$CONNS" # right before, as machines change within minutes
  cluster
fi
if wanted map.304 map.full map.gzip; then maps; fi
if wanted size.1 size.100 "size.$EXTRA"; then sizes; fi
if wanted restart; then restart; fi
verdict
finish
