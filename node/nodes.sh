# shellcheck shell=bash
# The nodes of one home, to be sourced after postgres.sh by node/start, which says what $root, $home, $daemon
# and $demo are. A home has one node, HOME/usher.yaml, or a cluster, HOME/nodes/1/usher.yaml and so on; beside the
# settings lie usherd.log, usherd.pid, and what the daemon keeps there.

say() { echo "[usher] $*"; }

declare -A pid=()    # of the nodes that were launched and not found dead yet
declare -A falls=()  # in a row
declare -A born=()   # when last launched
declare -A ready=()  # set once it has served since
declare -A due=()    # when to launch it again

is_cluster() { [ -d "$home/nodes" ]; }
folder() { if is_cluster; then echo "$home/nodes/$1"; else echo "$home"; fi; }
settings() { echo "$(folder "$1")/usher.yaml"; }
log_of() { echo "$(folder "$1")/usherd.log"; }

known_nodes() { # prints their numbers
  local file
  if ! is_cluster; then
    [ ! -s "$home/usher.yaml" ] || echo 1
    return
  fi
  for file in "$home"/nodes/[1-9]/usher.yaml; do
    [ ! -s "$file" ] || basename "$(dirname "$file")"
  done
}

# -- settings ---------------------------------------------------------------------------------------------------------

value_in() { # FILE SECTION NAME
  sed -n "/^$2:/,/^[^ #]/ s|^  $3: *\"\{0,1\}\([^\" ]*\).*|\1|p" "$1" | head -n 1
}

set_value() { # FILE SECTION NAME VALUE
  sed -i "/^$2:/,/^[^ #]/ s|^  $3: .*|  $3: $4|" "$1"
}

name_of() { value_in "$(settings "$1")" node name; }
port_of() { value_in "$(settings "$1")" http port; }
url_of() { echo "http://127.0.0.1:$(port_of "$1")"; }

base_port() { # the port of node 1, or what it would be by the first that there is
  local n port=""
  n=$(known_nodes | sed -n 1p)
  [ -z "$n" ] || port=$(port_of "$n")
  if [ -n "$port" ]; then echo $((port - n + 1)); else echo 8080; fi
}

port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

port_known() { # PORT N: another node than N has it in its settings
  local other
  for other in $(known_nodes); do
    [ "$other" != "$2" ] || continue
    [ "$(port_of "$other")" != "$1" ] && [ "$(value_in "$(settings "$other")" cluster port)" != "$1" ] || return 0
  done
  return 1
}

free_port() { # FIRST N: the first from there that nobody listens on and no other node has
  local port=$1
  while port_known "$port" "$2" || port_taken "$port"; do port=$((port + 1)); done
  echo "$port"
}

secret() { # PATH PREFIX: 32 random bytes as text, made once, for the owner's eyes
  [ -s "$1" ] || (umask 077 && echo "$2$(head -c 32 /dev/urandom | base64 -w 0)" >"$1.new" && mv "$1.new" "$1")
}

token_secret() { # FILE: prints the file with the secret that signs tokens, if these settings name one
  sed -n '/^security:/,/^[^ #]/ s|^[- ]*\(secret[a-z_]*\): *"\{0,1\}\([^" ]*\).*|\1 \2|p' "$1" |
    sed -n '1s/^secret_file //p'
}

# In a home from before tickets had a key of their own, what signed their codes until then goes on doing so.
keep_ticket_secret() {
  local n old kept=$home/secrets/tickets
  n=$(known_nodes | sed -n 1p)
  [ -n "$n" ] && [ ! -s "$kept" ] || return 0
  old=$(token_secret "$(settings "$n")")
  [ ! -s "$old" ] || (umask 077 && cat "$old" >"$kept.new" && mv "$kept.new" "$kept")
}

make_secrets() {
  (umask 077 && mkdir -p "$home/secrets")
  keep_ticket_secret
  secret "$home/secrets/jwt-k1" ""
  secret "$home/secrets/tickets" ""
  secret "$home/secrets/sandbox-webhook" whsec_
}

write_settings() { # FILE NAME PORT
  cat >"$1.new" <<YAML
# Written by node/start for a node on this machine. Yours to change: later starts only keep the ports,
# the base_url and the database's folder up to date. config/ has an example for production.
node:
  name: $2
  home: "$(dirname "$1")"
http:
  address: 127.0.0.1
  port: $3
database:
  owner: "host=$pg_socket dbname=usher user=usher"
  app: "host=$pg_socket dbname=usher user=usher_app"
  readers: 2
rate_limits:
  enabled: false
security:
  jwt_keys:
    - id: k1
      secret_file: "$home/secrets/jwt-k1"
  ticket_key:
    secret_file: "$home/secrets/tickets"
sandbox:
  enabled: true
  webhook_secret_file: "$home/secrets/sandbox-webhook"
  base_url: "http://127.0.0.1:$3"
log:
  level: warning
YAML
  chmod 600 "$1.new"
  mv "$1.new" "$1"
}

add_ticket_key() { # FILE: names the key of tickets there, unless that or what signs tokens is the operator's own affair
  ! grep -q '^  ticket_key:' "$1" && [ -n "$(token_secret "$1")" ] || return 0
  sed -i "s|^security:.*|&\n  ticket_key:\n    secret_file: \"$home/secrets/tickets\"|" "$1"
}

join_cluster() { # FILE NAME: says there what nodes show to each other, and makes it
  local at=$home/certificates
  "$root/config/make-certificates" "$at" "$2" >/dev/null
  grep -q '^cluster:' "$1" || printf 'cluster:\n  address: 127.0.0.1\n  port: 0\n' >>"$1"
  [ -z "$(value_in "$1" cluster certificate)" ] || return 0 # one that was alone may have had a port without
  sed -i "s|^cluster: *$|&\n  certificate: \"$at/$2.pem\"\n  key: \"$at/$2.key\"\n  authority: \"$at/ca.pem\"|" "$1"
}

# A home of one node becomes that of node 1, whole or not at all.
become_cluster() {
  local new=$home/nodes.new
  ! is_cluster || return 0
  rm -rf "$new"
  mkdir -p "$new"
  if [ -s "$home/usher.yaml" ]; then
    mkdir -p "$new/1"
    cp -p "$home/usher.yaml" "$new/1/"
    [ "$(value_in "$new/1/usher.yaml" node name)" != one ] || set_value "$new/1/usher.yaml" node name usher-1
    set_value "$new/1/usher.yaml" node home "\"$home/nodes/1\""
    [ ! -e "$home/incarnation" ] || cp -p "$home/incarnation" "$new/1/"
    say "the node of this home becomes node 1 of a cluster: its settings move to $home/nodes/1"
  fi
  mv "$new" "$home/nodes"
  rm -f "$home/usher.yaml" "$home/incarnation" "$home/usherd.pid"
}

prepare_node() { # N PORT: its settings, new or brought up to date
  local file name port=$2 cell=0 # of one that was there before there were cells
  mkdir -p "$(folder "$1")"
  file=$(settings "$1")
  if [ ! -s "$file" ]; then
    ! has_cells || cell=$(emptiest_cell)
    name=one
    ! is_cluster || name=usher-$1
    write_settings "$file" "$name" "$port"
  fi
  add_ticket_key "$file"
  set_value "$file" http port "$port"
  set_value "$file" sandbox base_url "\"http://127.0.0.1:$port\""
  ! is_cluster || join_cluster "$file" "$(name_of "$1")"
  ! has_cells || join_cells "$file" "$cell"
  at_cell "$(cell_of "$1")"
  sed -i -e "/^database:/,/^[^ #]/ s|host=[^ ]* dbname=usher|host=$pg_socket dbname=usher|" -e "/^  writers: 1$/d" "$file"
  is_cluster || return 0
  port=$(value_in "$file" cluster port)
  if [ "${port:-0}" = 0 ] || port_taken "$port"; then
    set_value "$file" cluster port "$(free_port "$((7400 + $1 - 1))" "$1")"
  fi
}

# -- processes --------------------------------------------------------------------------------------------------------

runs() { [ -n "$1" ] && grep -q '^State:.[^ZX]' "/proc/$1/status" 2>/dev/null; }
alive() { runs "${pid[$1]:-}"; }

written_pid() { # N: what its pid file says, if that is its daemon
  local old
  old=$(cat "$(folder "$1")/usherd.pid" 2>/dev/null) || return 0
  ! grep -qzF -- "$(settings "$1")" "/proc/$old/cmdline" 2>/dev/null || echo "$old"
}

stop_process() { # PID NAME: gracefully, and by force after 20 s
  runs "$1" || return 0
  kill -TERM "$1" 2>/dev/null || true
  kill -CONT "$1" 2>/dev/null || true # it may be paused
  for _ in $(seq 200); do
    runs "$1" || break
    sleep 0.1
  done
  if runs "$1"; then
    say "$2 did not stop in 20 s and is killed"
    kill -KILL "$1" 2>/dev/null || true
  fi
  wait "$1" 2>/dev/null || true
}

# One after the other: each hands over what it has, and the last sets it free.
stop_nodes() {
  local n
  for n in $(known_nodes | tac); do
    if alive "$n"; then stop_process "${pid[$n]}" "$(name_of "$n")"; fi
    rm -f "$(folder "$n")/usherd.pid" "$(folder "$n")/wanted"
  done
  pid=()
}

# A start that was killed leaves its daemons behind.
stop_orphans() {
  local n old
  for n in $(known_nodes | tac); do
    old=$(written_pid "$n")
    [ -n "$old" ] || continue
    say "stopping the daemon that an earlier start left behind"
    stop_process "$old" "$(name_of "$n")"
  done
}

launch() { # N [prepares]: one of a start prepares the house for all
  local log words=() setting
  log=$(log_of "$1")
  setting=$(settings "$1")
  [ -z "${2:-}" ] || [ -z "$demo" ] || words=(--demo "$root/config/venues")
  [ -n "${2:-}" ] || set -- "$1" "" env -u USHER_ADMIN_EMAIL -u USHER_ADMIN_PASSWORD
  if [ -s "$log" ] && [ "$(stat -c %s "$log")" -gt 50000000 ]; then
    mv "$log" "$log.1"
  fi
  # A session of its own: Ctrl-C in this terminal must reach it through us, after the trap.
  setsid "${@:3}" "$daemon" --config "$setting" "${words[@]}" >>"$log" 2>&1 9>&- </dev/null &
  pid[$1]=$!
  born[$1]=$SECONDS
  unset "due[$1]" "ready[$1]"
  echo "${pid[$1]}" >"$(folder "$1")/usherd.pid"
  rm -f "$(folder "$1")/wanted"
}

is_ready() { curl -fsS -m 2 -o /dev/null "$(url_of "$1")/readyz" 2>/dev/null; }

# A trap interrupts wait, not sleep; and wait would otherwise announce who was killed.
nap() { sleep "$1" 9>&- & wait $! 2>/dev/null || true; }

wait_ready() { # N
  local waited=0
  while alive "$1"; do
    if is_ready "$1"; then
      ready[$1]=1
      return
    fi
    nap 0.2
    waited=$((waited + 1))
    [ $((waited % 25)) != 0 ] || say "not ready yet ($((waited / 5)) s)"
    [ "$waited" -lt 1500 ] || break
  done
  return 1
}

last_words() { # N
  [ -s "$(log_of "$1")" ] || return 0
  say "the end of $(log_of "$1"):" >&2
  tail -n 10 "$(log_of "$1")" >&2
}

# -- watching ---------------------------------------------------------------------------------------------------------

# A node of a cluster is missed by nobody for long, so its end is for the operator to judge; but whoever was declared
# dead, lost a part of its own, or fell before it served, only has to come again: unless it was told to stop (0, or 143 if that
# was too early to be heard), or cannot know what it is to do (2). A node that is alone comes back whatever happened.
comes_back() { # N CODE
  [ "${falls[$1]:-0}" -lt 5 ] || return 1
  ! is_cluster || case $2 in
    70 | 71) ;;
    0 | 2 | 143) return 1 ;;
    *) [ -z "${ready[$1]:-}" ] ;;
  esac
}

how_it_ended() { # CODE
  case $1 in
    0) echo "has left" ;;
    70) echo "was declared dead by others, as it was silent for too long (exit code 70)" ;;
    71) echo "ended itself, as a part of it had ended (exit code 71; its log says which)" ;;
    134) echo "ended itself at a bug (SIGABRT, exit code 134; the end of its log says which)" ;;
    129 | 13[0-9] | 14[0-9] | 15[0-9]) echo "was killed by signal $(($1 - 128))" ;;
    *) echo "is gone (exit code $1)" ;;
  esac
}

note_end() { # N
  local n=$1 code=0 name
  wait "${pid[$n]}" 2>/dev/null || code=$?
  unset "pid[$n]"
  rm -f "$(folder "$n")/usherd.pid"
  name=$(name_of "$n")
  [ $((SECONDS - born[$n])) -le 60 ] || falls[$n]=0
  if comes_back "$n" "$code"; then
    falls[$n]=$((${falls[$n]:-0} + 1))
    due[$n]=$((SECONDS + (1 << falls[$n]) / 4)) # 0, 1, 2, 4, 8 s
    say "$name $(how_it_ended "$code"); starting it again"
    return
  fi
  say "$name $(how_it_ended "$code")"
  [ "$code" = 0 ] || [ -n "${ready[$n]:-}" ] || last_words "$n"
  ! is_cluster || say "  the others have its shards; ./node/start --home $home --add $n brings it back"
}

look_after() { # N
  if alive "$1"; then
    if [ -z "${ready[$1]:-}" ] && is_ready "$1"; then
      ready[$1]=1
      say "$(name_of "$1") serves: $(url_of "$1")   pid ${pid[$1]}"
    fi
  elif [ -n "${pid[$1]:-}" ]; then
    note_end "$1"
  elif [ -n "${due[$1]:-}" ] && [ "$SECONDS" -ge "${due[$1]}" ] || [ -e "$(folder "$1")/wanted" ]; then
    launch "$1"
  fi
}

revive() {
  pg_alive && return
  say "PostgreSQL$(of_cell) is gone; starting it again"
  pg_up || return 1
  say "PostgreSQL$(of_cell) runs again"
}

of_cell() { # where there are several: of which each_cell speaks
  ! has_cells || echo " of cell $cell"
}

# Until no node is left.
supervise() {
  local n
  while [ ${#pid[@]} -gt 0 ] || [ ${#due[@]} -gt 0 ]; do
    nap 0.5
    each_cell revive || return 1
    for n in $(known_nodes); do look_after "$n"; done
  done
  say "no node is left; nothing acknowledged is lost, simply start again"
  return 1
}

# -- what operators see -----------------------------------------------------------------------------------------------

state_of() { # PID
  case $(sed -n 's/^State:.\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null) in
    "" | Z | X) echo "not running" ;;
    T | t) echo paused ;;
    *) echo runs ;;
  esac
}

list_database() {
  local old state
  if old=$(pg_postmaster); then state=ready; else state="not running" old=-; fi
  printf '%-10s %-12s %-23s %-8s %s\n' "postgres$(! has_cells || echo "-$cell")" "$state" "$pg_socket" "$old" \
    "$pg_dir/{data/postmaster.pid,log}"
}

list_nodes() {
  local n old state
  printf '%-10s %-12s %-23s %-8s %s\n' NODE STATE FRONT PID "PID FILE AND LOG"
  for n in $(known_nodes); do
    old=$(written_pid "$n")
    state=$(state_of "${old:-none}")
    [ "$state" != runs ] || ! is_ready "$n" || state=ready
    printf '%-10s %-12s %-23s %-8s %s\n' "$(name_of "$n")" "$state" "$(url_of "$n")" "${old:--}" \
      "$(folder "$n")/usherd.{pid,log}"
  done
  each_cell list_database
}
