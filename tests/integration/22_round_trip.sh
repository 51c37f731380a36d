#!/bin/bash
#
# A page of any size costs one round trip and at most three statements, as
# strace sees the connection and PostgreSQL the statements; all three see one
# snapshot.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"

need strace jq
plan 17
WORKERS=1
start_postgres
load_schema
start_memcached
start_my500

user=$(psql -XAtc 'SELECT "userId" FROM contacts GROUP BY 1
  ORDER BY count(*) DESC LIMIT 1')
token=$(token "$user")

# The worker's socket to PostgreSQL: made before we look.
fcgi /api/my-500 "$token" >"$T/answer"
is "$(status <"$T/answer")" 200 'a first page connects and prepares'

statements() {
  psql -XAtc "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements
    JOIN pg_roles ON oid = userid WHERE rolname = 'my500'"
}

# traced QUERY: makes the request with strace on the worker.  Sets $sends, the
# writes to PostgreSQL, and $asked, the statements.
traced() {
  local worker tracer
  worker=$(worker_pids)
  psql -Xqc 'SELECT pg_stat_statements_reset()' >"$T/reset"
  strace -qq -yy -e trace=sendto,sendmsg,write,writev -o "$T/strace.out" \
    -p "$worker" &
  tracer=$!
  until grep -q "TracerPid:[[:space:]]*$tracer" "/proc/$worker/status"; do
    kill -0 "$tracer" || return
    sleep 0.02
  done
  fcgi "/api/my-500?$1" "$token" >"$T/answer"
  kill "$tracer"
  wait "$tracer" || true
  # Other sockets are memcached's, the web server's and the log.
  sends=$(grep -c "^sendto([0-9]*<[^>]*PGSQL.5432\|\"B\\\\0" "$T/strace.out" ||
    true)
  asked=$(statements)
}

for query in '' 'limit=1&activities=0' 'limit=100&activities=20' 'page=50' \
  'page=1000000&limit=100'; do
  traced "$query"
  is "$(status <"$T/answer")" 200 "[$query] is answered"
  is "$sends" 1 "[$query] is one round trip"
  check "[$query] takes $asked statements" test "$asked" -ge 1 -a "$asked" -le 3
done

# A contact that moves between two users all the while is on exactly one of
# their pages at a time: list and total of an answer agree.
psql -Xq <<'SQL'
INSERT INTO users (id, email, "syncStatus", "updatedAt")
VALUES ('mover1', 'mover1@example.com', 'SYNCED', now()),
  ('mover2', 'mover2@example.com', 'SYNCED', now());
INSERT INTO contacts (id, name, "userId", "updatedAt")
SELECT 'moved' || n, 'Moved', 'mover1', now() FROM generate_series(1, 20) n;
SQL
for ((i = 0; i < 400; i++)); do
  echo "UPDATE contacts SET \"userId\" = 'mover$((i % 2 + 1))'" \
    "WHERE id LIKE 'moved%';"
done >"$T/moves.sql"
psql -Xq -f "$T/moves.sql" &
mover=$!
token=$(token mover1)
disagree=0
for ((i = 0; i < 150; i++)); do
  answer=$(fcgi '/api/my-500?limit=100' "$token" | body |
    jq -r '"\(.data.contacts | length) \(.data.pagination.total)"')
  [[ ${answer% *} == "${answer#* }" ]] || disagree=$((disagree + 1))
done
wait "$mover"
is "$disagree" 0 'list and total are of one snapshot'
