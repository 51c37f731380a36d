#!/bin/bash
#
# Measures what the triggers of schema/notify.sql cost those who write, with
# fsync on and somebody who listens:
#
#   tests/bench/writers.sh [SAMPLE [ROUNDS [SECONDS [WHAT]]]]
#
# prints a table, times in milliseconds: the medians without and with triggers
# of ROUNDS (3), each of which takes every case in both ways, one right after
# the other (SECONDS of it, 3, where it is one write after the other); the
# median of the rounds' ratios; of bulks, the ratio of all time on a CPU, which
# others on this machine disturb less; and how much of the statement's time was
# spent in the triggers, as EXPLAIN ANALYZE has it.  WHAT is a regular
# expression: only cases whose name it matches ("500 rows" and "100000 rows" for
# the bulks).  About SAMPLE (full or small), and how to keep it: lib.sh; this
# works on a copy of one that is kept.
set -euo pipefail
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh" psql pgbench

sample=${1:-full}
rounds=${2:-3}
seconds=${3:-3}
what=${4:-.}

PATH=$(postgres_bin):$PATH

sql() {
  psql -XAtq -v ON_ERROR_STOP=1 "$@"
}

# --- the sample --------------------------------------------------------------

bench_sample "$sample"
stop_postgres
if [[ -L $T/data ]]; then
  kept=$(readlink "$T/data")
  rm "$T/data"
  cp -a --reflink=auto "$kept" "$T/data"
fi
start_postgres max_wal_size=8GB shared_buffers=1GB autovacuum=off \
  fsync=on full_page_writes=on synchronous_commit=on

# Contacts to choose from, of many users; and a user of our own.
sql <<'SQL'
CREATE TABLE chosen AS
SELECT row_number() OVER () AS n, id, "userId" FROM (
  SELECT id, "userId" FROM contacts ORDER BY md5(id) LIMIT 10000) AS c;
ALTER TABLE chosen ADD PRIMARY KEY (n), ADD COLUMN activity text;
INSERT INTO activities (id, type, "updatedAt", "userId", "contactId")
SELECT 'chosen' || n, 'CALL', now(), "userId", id FROM chosen;
INSERT INTO users (id, email, "updatedAt") VALUES ('writer', 'writer', now());
-- What this session has spent, in ms.
CREATE FUNCTION cpu() RETURNS float8 LANGUAGE sql AS $$
  SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::float8 / 1e6
$$;
VACUUM ANALYZE;
SQL

# As the invalidator does, which reads what it is told.
while sleep 0.2; do
  echo 'SELECT;'
done | sql -c 'LISTEN my500' -f - >"$T/listen.log" 2>&1 &

# triggers off|on
triggers() {
  local do='ENABLE ALWAYS'
  [[ $1 == on ]] || do=DISABLE
  sql <<SQL
SELECT format('ALTER TABLE %s $do TRIGGER %I', tgrelid::regclass, tgname)
FROM pg_trigger WHERE tgname ~ '^my500_' \\gexec
CHECKPOINT;
SQL
}

# --- the cases ---------------------------------------------------------------

contact='(id, name, email, organisation, "updatedAt", "userId")'
activity='(id, type, subject, "updatedAt", "userId", "contactId")'

# upsert FROM TO: new and old contacts of one user, as an import writes them.
upsert() {
  echo "INSERT INTO contacts $contact
    SELECT 'upsert' || n, 'Name ' || n, n || '@example.com', 'Firm ' || n,
      now(), 'writer'
    FROM generate_series($1, $2) n
    ON CONFLICT (id) DO UPDATE SET name = excluded.name,
      \"updatedAt\" = excluded.\"updatedAt\", \"warmnessScore\" =
      contacts.\"warmnessScore\" + 1;"
}

rates=()
# rate NAME CLIENTS SCRIPT: one transaction after the other.
rate() {
  [[ $1 =~ $what ]] || return 0
  printf '%s\n' "$3" >"$T/rate.${#rates[@]}"
  rates+=("$2|$1")
}
any='\set n random(1, 10000)'
for clients in 1 8; do
  by=
  ((clients == 1)) || by=", $clients writers"
  rate "a contact changes$by" "$clients" "$any
UPDATE contacts SET \"warmnessScore\" = \"warmnessScore\" + 1
  WHERE id = (SELECT id FROM chosen WHERE n = :n);"
  rate "an activity comes$by" "$clients" "$any
INSERT INTO activities $activity SELECT gen_random_uuid(), 'CALL', 'x', now(),
  \"userId\", id FROM chosen WHERE n = :n;"
  rate "an activity changes$by" "$clients" "$any
UPDATE activities SET \"replicatedToPipedrive\" = NOT \"replicatedToPipedrive\"
  WHERE id = 'chosen' || :n;"
done
rate '500 upserts of a contact, one transaction' 1 "BEGIN;
$(for ((i = 1; i <= 500; i++)); do upsert "$i" "$i"; done)
COMMIT;"
rate '500 contacts in one upsert' 1 "$(upsert 1 500)"

# Statements that leave no row behind, in this sequence.  Each activity is of
# another contact.  The ids are new each time: dead rows would be in the way.
steps=('contacts come' 'contacts change' 'activities come' 'activities change'
  'activities go' 'contacts go')
step() { # NAME FIRST ROWS
  local series="generate_series($2, $2 + $3 - 1) n"
  local these="id IN (SELECT 'bulk' || n FROM $series)"
  case $1 in
    'contacts come') echo "INSERT INTO contacts $contact
      SELECT 'bulk' || n, 'Name ' || n, n || '@example.com', 'Firm ' || n % 99,
        now(), 'writer' FROM $series" ;;
    'contacts change') echo "UPDATE contacts SET \"warmnessScore\" = 7
      WHERE $these" ;;
    'activities come') echo "INSERT INTO activities $activity
      SELECT 'bulk' || n, 'CALL', 'x', now(), 'writer', 'bulk' || n
      FROM $series" ;;
    'activities change') echo "UPDATE activities SET note = 'x' WHERE $these" ;;
    'activities go') echo "DELETE FROM activities WHERE $these" ;;
    'contacts go') echo "DELETE FROM contacts WHERE $these" ;;
  esac
  echo ';'
}

# --- measuring ---------------------------------------------------------------

: >"$T/taken" # case, round, off or on, milliseconds, those on a CPU
: >"$T/shares" # case, percent

# share CASE: that of our triggers, in the output of EXPLAIN ANALYZE.
share() {
  awk -v name="$1" '
    /^Trigger my500_/ { sub(/.*time=/, ""); ours += $1 }
    /^Execution Time/ { all += $3 }
    END { printf "%s\t%.1f\n", name, 100 * ours / all }' >>"$T/shares"
}

take_rate() { # NUMBER CLIENTS NAME ROUND off|on
  triggers "$5"
  pgbench -n -M prepared -T "$seconds" -c "$2" -f "$T/rate.$1" \
    >"$T/pgbench.log" 2>&1 || {
    cat "$T/pgbench.log" >&2
    return 70
  }
  awk -v OFS='\t' -v name="$3" -v round="$4" -v state="$5" \
    '/^latency average/ { print name, round, state, $4 }' "$T/pgbench.log" \
    >>"$T/taken"
}

# rate_share NUMBER NAME: of a statement, as the session does it again.
rate_share() {
  local statement
  statement=$(sed '/^\\set/d; s/:n\>/7/' "$T/rate.$1")
  [[ $statement != BEGIN* ]] || return 0
  sql -c BEGIN -c "$statement" -c "$statement" -c "EXPLAIN ANALYZE $statement" \
    -c ROLLBACK | share "$2"
}

# The session is warm: what it does once, it has done.
take_bulk() { # ROWS REPEATS ROUND off|on
  local rows=$1 repeats=$2 round=$3 state=$4 i name
  triggers "$state"
  {
    for name in "${steps[@]}"; do
      step "$name" 0 1
    done
    for ((i = 0; i < repeats; i++)); do
      for name in "${steps[@]}"; do
        printf '%s\n' 'SELECT cpu() AS t \gset' '\timing on'
        step "$name" $((i * rows + 1)) "$rows"
        printf '%s\n' '\timing off' "SELECT 'CPU', cpu() - :t;"
      done
    done
    echo 'VACUUM contacts, activities;'
  } >"$T/bulk"
  sql -f "$T/bulk" |
    awk -F'[| ]' -v OFS='\t' -v rows="$rows" -v round="$round" \
      -v state="$state" -v steps="$(printf '%s,' "${steps[@]}")" '
      BEGIN { n = split(steps, step, ",") - 1 }
      $1 == "Time:" { ms = $2 }
      $1 == "CPU" { print rows " " step[i++ % n + 1], round, state, ms, $2 }' \
      >>"$T/taken"
}

bulk_shares() { # ROWS REPEATS
  local name i
  for name in "${steps[@]}"; do
    step "$name" 0 1
  done >"$T/bulk"
  for ((i = 0; i < $2; i++)); do
    for name in "${steps[@]}"; do
      printf '\\echo == %s\nEXPLAIN ANALYZE ' "$name"
      step "$name" $((i * $1 + 1)) "$1"
    done
  done >>"$T/bulk"
  echo 'VACUUM contacts, activities;' >>"$T/bulk"
  sql -f "$T/bulk" >"$T/explained"
  for name in "${steps[@]}"; do
    sed -n "/^== $name\$/,/^Execution/p" "$T/explained" | share "$1 $name"
  done
}

# repeats ROWS: of bulks, in each round
repeats() {
  echo $(($1 > 500 ? 1 : 10))
}

for ((round = 1; round <= rounds; round++)); do
  order='off on'
  ((round % 2)) || order='on off'
  for ((i = 0; i < ${#rates[@]}; i++)); do
    for state in $order; do
      take_rate "$i" "${rates[i]%%|*}" "${rates[i]#*|}" "$round" "$state"
    done
  done
  for rows in 500 100000; do
    [[ "$rows rows" =~ $what ]] || continue
    for state in $order; do
      take_bulk "$rows" "$(repeats "$rows")" "$round" "$state"
    done
  done
done

triggers on
for ((i = 0; i < ${#rates[@]}; i++)); do
  rate_share "$i" "${rates[i]#*|}"
done
for rows in 500 100000; do
  [[ ! "$rows rows" =~ $what ]] || bulk_shares "$rows" "$(repeats "$rows")"
done

# --- the table ---------------------------------------------------------------

# taken CASE off|on [ROUND]: the median
taken() {
  awk -F'\t' -v name="$1" -v state="$2" -v round="${3:-}" '
    $1 == name && $3 == state && (round == "" || $2 == round) { print $4 }' \
    "$T/taken" | median
}

ratio() { # CASE
  local round
  for ((round = 1; round <= rounds; round++)); do
    echo "$(taken "$1" on "$round") $(taken "$1" off "$round")"
  done | awk '{ print $1 / $2 }' | median
}

# Of sums: here no single one is far off.
cpu_ratio() { # CASE
  awk -F'\t' -v name="$1" '$1 == name { sum[$3] += $5 }
    END { if (sum["off"]) printf "%.3f\n", sum["on"] / sum["off"] }' "$T/taken"
}

printf '%-44s %9s %9s %6s %6s %6s\n' case without with ratio CPU 'in, %'
cut -f 1 "$T/taken" | awk '!seen[$0]++' | while IFS= read -r name; do
  printf '%-44s %9.2f %9.2f %6.3f %6s %6s\n' "$name" "$(taken "$name" off)" \
    "$(taken "$name" on)" "$(ratio "$name")" "$(cpu_ratio "$name")" \
    "$(awk -F'\t' -v name="$name" '$1 == name { print $2 }' "$T/shares")"
done
