#!/bin/bash
#
# Measures the statements of schema/queries with pgbench, each with the session,
# the transaction and the kind of plan that it has in a worker:
#
#   tests/bench/statements.sh [SAMPLE [ROUNDS [SECONDS [WHAT]]]]
#
# prints a table, times in milliseconds: the median and the best of ROUNDS (3),
# each of which takes every case in turn for SECONDS (1), and the ratio to the
# table's first line.  A case is what a worker sends in one transaction.  WHAT
# is a regular expression: only cases whose name it matches.  About SAMPLE (full
# or small), and how to keep it: lib.sh.
set -euo pipefail
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh" psql pgbench

sample=${1:-full}
rounds=${2:-3}
seconds=${3:-1}
what=${4:-.}

case_names=()

# add NAME CALL…: a case, and its calls of statements.  The word KNOWN among
# the arguments becomes the snapshot of that moment.
add() {
  local name=$1 call file=$T/case.${#case_names[@]}
  shift
  # The first is what the ratios refer to.
  ((${#case_names[@]} == 0)) || [[ $name =~ $what ]] || return 0
  case_names+=("$name")
  {
    printf '%s\n' '\if not :ready'
    printf '%s\n' "$@" | sed 's/(.*//' | sort -u | while read -r call; do
      echo "PREPARE $call AS"
      grep -v '^--' "$bench_top/schema/queries/$call.sql"
      echo ';'
    done
    printf '%s\n' '\set ready true' '\endif' 'BEGIN;'
    [[ "$*" != *KNOWN* ]] || printf '%s\n' \
      "SELECT concat_ws(' ', current_database(), current_user," \
      "'contacts'::regclass::oid, pg_postmaster_start_time()," \
      'pg_stat_get_bgwriter_stat_reset_time(), pg_current_snapshot())' \
      'AS snapshot \gset'
    for call; do
      echo "EXECUTE ${call//KNOWN/"':snapshot'"};"
    done
    echo 'COMMIT;'
  } >"$file"
}

# run CASE: a line for each call of the case: its number, how long it took.
run() {
  PGUSER=my500 PGOPTIONS="-c default_transaction_read_only=on \
-c default_transaction_isolation=repeatable\\ read \
-c plan_cache_mode=force_generic_plan -c jit=off \
-c max_parallel_workers_per_gather=0" \
    pgbench -n -M simple -D ready=false -T "$seconds" -r -f "$T/case.$1" \
    >"$T/pgbench.log" 2>&1 || {
    cat "$T/pgbench.log" >&2
    return 70
  }
  awk '$0 ~ "  EXECUTE " { print ++n, $1 }' "$T/pgbench.log"
}

literal() {
  printf "'%s'" "${1//\'/\'\'}"
}

# As the worker writes it (contact_store.c).
pattern() {
  literal "%$(sed 's/[\\%_]/\\&/g' <<<"$1")%"
}

# count_matches USER TERM
count_matches() {
  psql -XAtc "SELECT count(*) FROM contacts c WHERE \"userId\" = '$1' AND (
    name ILIKE $(pattern "$2") OR email ILIKE $(pattern "$2")
    OR organisation ILIKE $(pattern "$2"))"
}

# place_of USER ROW: the place of that row in the order, as five arguments.
place_of() {
  psql -XAtc "SELECT format('%L, %L, %L, %L, %L', \"addedToCampaign\",
      \"warmnessScore\", \"lastContacted\", \"createdAt\", id)
    FROM contacts WHERE \"userId\" = '$1'
    ORDER BY \"addedToCampaign\" DESC, \"warmnessScore\", \"lastContacted\",
      \"createdAt\" DESC, id OFFSET $2 - 1 LIMIT 1"
}

bench_sample "$sample" shared_buffers=2GB
few=$(psql -XAtc "SELECT id FROM users WHERE email = 'user001@example.com'")
echo "few: a user of 500 contacts; many: one of $big_contacts" >"$T/legend"

# --- the list ----------------------------------------------------------------


found=("found_contacts('$big')" 'found_activities(5)')
found_few=("found_contacts('$few')" 'found_activities(5)')
add 'list few, offset 0' \
  "page_contacts('$few', 20, 0)" "page_activities('$few', 20, 0, 5)"
for offset in 0 100 240 1000 10000 80000; do
  ((offset < big_contacts)) || continue
  add "list many, offset $offset" "page_contacts('$big', 20, $offset)" \
    "page_activities('$big', 20, $offset, 5)"
  add "list many, offset $offset, ids first" \
    "find_page('$big', 20, $offset)" "${found[@]}"
done
for row in 1 20 $((big_contacts / 2)) $((big_contacts / 5 * 4 - 20)) \
  $((big_contacts - 10)); do
  add "list many, after row $row" \
    "find_after('$big', $(place_of "$big" "$row"), 20, NULL)" "${found[@]}"
done
add 'list few, after row 20' \
  "find_after('$few', $(place_of "$few" 20), 20, NULL)" "${found_few[@]}"

for user in few many; do
  id=$few
  [[ $user == few ]] || id=$big
  add "numbers, $user" "page_summary('$id', NULL)"
  add "numbers, $user, known" "page_summary('$id', KNOWN)"
done

# --- the search --------------------------------------------------------------

# known_matches USER TERM: what the worker remembers of them.
known_matches() {
  local ids=NULL total
  total=$(count_matches "$1" "$2")
  ((total >= 2000)) ||
    ids=$(literal "$(psql -XAtc "SELECT coalesce(array_agg(id), '{}')
      FROM contacts WHERE \"userId\" = '$1' AND (name ILIKE $(pattern "$2")
        OR email ILIKE $(pattern "$2") OR organisation ILIKE $(pattern "$2"))")")
  echo "KNOWN, '$total', $ids"
}

unknown='NULL, NULL, NULL'
from_start='NULL, NULL, NULL, NULL, NULL'

# search USER ID TERM: page 1, with the total unknown and known.
search() {
  local name like
  name="search $1, \"$3\" ($(count_matches "$2" "$3"))"
  like=$(pattern "$3")
  add "$name" "search_user('$2', NULL)" \
    "search_count('$2', $like, $unknown, 2000)" \
    "search_contacts('$2', $like, 20, 0, $from_start)" \
    "found_contacts('$2')" 'found_activities(5)'
  add "$name, known" "search_user('$2', KNOWN)" \
    "search_count('$2', $like, $(known_matches "$2" "$3"), 2000)" \
    "search_contacts('$2', $like, 20, 0, $from_start)" \
    "found_contacts('$2')" 'found_activities(5)'
}

# search_on USER ID TERM: behind the first page, by number and by cursor, in
# both ways that there are: the worker's choice depends on how many match.
search_on() {
  local name like row
  name="search $1, \"$3\" ($(count_matches "$2" "$3"))"
  like=$(pattern "$3")
  add "$name, page 2" "search_user('$2', NULL)" \
    "search_count('$2', $like, $unknown, 2000)" \
    "search_contacts('$2', $like, 20, 20, $from_start)"
  for row in 100 $((big_contacts / 2)) $((big_contacts - 100)); do
    add "$name, after row $row, sorted" "search_user('$2', NULL)" \
      "search_count('$2', $like, $unknown, 1000000)" \
      "search_contacts('$2', $like, 20, 0, $(place_of "$2" "$row"))"
    add "$name, after row $row, in order" \
      "find_after('$2', $(place_of "$2" "$row"), 20, $like)"
  done
}

for term in zzzz 1234@ anna gmail.com 'anna smith' example an e; do
  search few "$few" "$term"
done
# None, one, tens, hundreds, thousands, a third, most; shorter than trigrams.
for term in zzzz qxqx 54321@ 1234 'jane smith' 李小龍 anna müller gmbh gmail \
  mail example qz .o an or % e; do
  search many "$big" "$term"
done
for term in 1234 'jane smith' 'a b' 李小龍 anna gmail example; do
  search_on many "$big" "$term"
done

# --- the rounds --------------------------------------------------------------

: >"$T/taken"
for ((round = 1; round <= rounds; round++)); do
  for ((i = 0; i < ${#case_names[@]}; i++)); do
    [[ ! -t 2 ]] || printf '\rround %d, case %d of %d ' \
      "$round" "$((i + 1))" "${#case_names[@]}" >&2
    run "$i" | sed "s/^/$round $i /" >>"$T/taken"
  done
done
[[ ! -t 2 ]] || printf '\r%40s\r' '' >&2

cat "$T/legend"
printf '%-56s %-17s %9s %9s %8s\n' case statement median best ratio
first=
# line CASE STATEMENT MILLISECONDS…
line() {
  local name=$1 statement=$2 middle best
  shift 2
  middle=$(printf '%s\n' "$@" | median)
  best=$(printf '%s\n' "$@" | sort -g | head -n 1)
  first=${first:-$middle}
  awk -v name="$name" -v statement="$statement" -v middle="$middle" \
    -v best="$best" -v first="$first" 'BEGIN {
      printf "%-56s %-17s %9.3f %9.3f %8.2f\n", name, statement, middle, best,
        middle / first }'
}

# shellcheck disable=SC2046
for ((i = 0; i < ${#case_names[@]}; i++)); do
  name=${case_names[i]}
  mapfile -t calls < <(sed -n 's/^EXECUTE \([a-z_]*\).*/\1/p' "$T/case.$i")
  for ((n = 1; n <= ${#calls[@]}; n++)); do
    line "$name" "${calls[n - 1]}" \
      $(awk -v i="$i" -v n="$n" '$2 == i && $3 == n { print $4 }' "$T/taken")
  done
  if ((${#calls[@]} > 1)); then
    line "$name" '(together)' $(awk -v i="$i" '$2 == i { sum[$1] += $4 }
      END { for (round in sum) print sum[round] }' "$T/taken")
  fi
done
