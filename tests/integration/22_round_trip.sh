#!/bin/bash
#
# A page of any size, near or far, by number or by cursor, of a list or of a
# search, costs one round trip and at most five statements, as strace sees the
# connection and PostgreSQL the statements; all of them see one snapshot.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"
UNCACHED=yes

need strace jq
plan 51
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
    JOIN pg_roles ON oid = userid WHERE $of_pages"
}

# traced PATH: makes the request with strace on the worker.  Sets $sends, the
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
  fcgi "/api/my-500$1" "$token" >"$T/answer"
  kill "$tracer"
  wait "$tracer" || true
  # Other sockets are memcached's, the web server's and the log.
  sends=$(grep -c "^sendto([0-9]*<[^>]*PGSQL.5432\|\"B\\\\0" "$T/strace.out" ||
    true)
  asked=$(statements)
}

next_of() { # of the answer to a path
  fcgi "/api/my-500$1" "$token" | body | jq -r .data.pagination.nextCursor
}

# costs PATH MOST
costs() {
  local name=${1/cursor=*/cursor=…}
  traced "$1"
  is "$(status <"$T/answer")" 200 "[$name] is answered"
  is "$sends" 1 "[$name] is one round trip"
  check "[$name] takes $asked statements" test "$asked" -ge 1 -a "$asked" -le "$2"
}

for query in '' '?limit=1&activities=0' '?limit=100&activities=20'; do
  costs "$query" 3
done
for query in '?page=50' '?page=1000000&limit=100' "?cursor=$(next_of '')" \
  "?limit=100&cursor=$(next_of '?page=200')" '/search' \
  "/search?cursor=$(next_of '/search?page=3')" '/search?q=a' '/search?q=a' \
  '/search?q=a&page=100' '/search?q=zzzz' '/search?q=müller&limit=100' \
  "/search?q=a&cursor=$(next_of '/search?q=a&page=100')" \
  "/search?q=müller&cursor=$(next_of '/search?q=müller')"; do
  costs "$query" 5
done

# Contacts that move between two users all the while are on exactly one of their
# lists at a time: list and total of an answer agree, by each road to it.
psql -Xq <<'SQL'
INSERT INTO users (id, email, "syncStatus", "updatedAt")
VALUES ('mover1', 'mover1@example.com', 'SYNCED', now()),
  ('mover2', 'mover2@example.com', 'SYNCED', now());
INSERT INTO contacts (id, name, "userId", "updatedAt", "addedToCampaign")
SELECT 'moved' || n, 'Moved', 'mover1', now(), n = 0
FROM generate_series(0, 20) n;
SQL
token=$(token mover1)
cursor=$(next_of '?limit=1')
search_cursor=$(next_of '/search?q=move&limit=1')
for ((i = 0; i < 600; i++)); do
  echo "UPDATE contacts SET \"userId\" = 'mover$((i % 2 + 1))'" \
    "WHERE id ~ 'moved[1-9]';"
done >"$T/moves.sql"
psql -Xq -f "$T/moves.sql" &
mover=$!
for ((i = 0; i < 50; i++)); do
  for query in '?limit=100' '/search?limit=100&q=MOVE' \
    "?limit=100&cursor=$cursor" \
    "/search?limit=100&q=move&cursor=$search_cursor"; do
    fcgi "/api/my-500$query" "$token" | body
  done
done >"$T/answers"
wait "$mover"
# With a cursor, the first one is not there.
agree='(.data.contacts | length) + (if .data.pagination.page then 0 else 1 end)
  == .data.pagination.total'
is "$(jq -c "select($agree | not) | .data.pagination" "$T/answers")" '' \
  'list and total are of one snapshot'
totals=$(jq .data.pagination.total "$T/answers" | sort -n | uniq -c |
  awk '{ printf "%s ", $2 }')
is "$totals" '1 21 ' 'and nothing between'
