# shellcheck shell=bash
# The cells of one home, to be sourced after nodes.sh by node/start, which says what $home and $cells are. The PostgreSQL
# of the first cell is in HOME/postgres, that of cell 1 in HOME/cells/1/postgres, and so on.

has_cells() { [ -d "$home/cells" ]; }
cell_folder() { if [ "$1" = 0 ]; then echo "$home"; else echo "$home/cells/$1"; fi; }

count_cells() {
  local all=("$home"/cells/[1-9])
  if has_cells; then echo $((${#all[@]} + 1)); else echo 1; fi
}

make_cells() { # as many as $cells says; there cannot be fewer than there were
  local there cell
  there=$(count_cells)
  [ "${cells:-$there}" -ge "$there" ] || refuse "$home has $there cells, and what they sold: there can be more, not fewer"
  for ((cell = there; cell < ${cells:-$there}; cell++)); do mkdir -p "$home/cells/$cell"; done
}

declare -A pg_dirs=() pg_sockets=()

at_cell() { # CELL: what is said of PostgreSQL from here on is said of its own
  if [ -z "${pg_dirs[$1]:-}" ]; then
    pg_place "$(cell_folder "$1")"
    pg_dirs[$1]=$pg_dir pg_sockets[$1]=$pg_socket
  fi
  pg_dir=${pg_dirs[$1]} pg_socket=${pg_sockets[$1]}
}

each_cell() { # COMMAND ...: for the PostgreSQL of each
  local cell
  for ((cell = 0; cell < $(count_cells); cell++)); do
    at_cell "$cell" && "$@" || return 1
  done
}

cell_of() { # N: that of a node
  local cell
  cell=$(value_in "$(settings "$1")" cluster cell)
  echo "${cell:-0}"
}

nodes_in() { # CELL: how many
  local n count=0
  for n in $(known_nodes); do
    [ "$(value_in "$(settings "$n")" cluster cell)" != "$1" ] || count=$((count + 1))
  done
  echo "$count"
}

emptiest_cell() {
  local cell best=0
  for ((cell = 1; cell < $(count_cells); cell++)); do
    [ "$(nodes_in "$cell")" -ge "$(nodes_in "$best")" ] || best=$cell
  done
  echo "$best"
}

numbers_for_all_cells() { # N ...: these, and as many more as it takes to have a node in each cell
  local n cell new=0 empty=0
  for n in "$@"; do
    echo "$n"
    [ -s "$(settings "$n")" ] || new=$((new + 1))
  done
  for ((cell = 1; cell < $(count_cells); cell++)); do
    [ "$(nodes_in "$cell")" -gt 0 ] || empty=$((empty + 1))
  done
  [ "$new" -lt $# ] || empty=$((empty + 1)) # all are new: the first cell has none either
  for ((; new < empty; new++)); do echo $((++n)); done
}

join_cells() { # FILE CELL: which cell it is in, for ever, and how to reach all of them
  local cell list=""
  grep -q '^  cell: ' "$1" || sed -i "/^cluster:/a\\  cell: $2\n  cells: []" "$1"
  for ((cell = 0; cell < $(count_cells); cell++)); do
    at_cell "$cell"
    list+="${list:+, }{number: $cell, database: \"host=$pg_socket dbname=usher user=usher_app\"}"
  done
  set_value "$1" cluster cells "[$list]"
}
