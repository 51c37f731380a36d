#!/bin/bash
#
# PostgreSQL is stopped, killed, restarted, hung; a session is ended, a
# statement refused: 503 while it is away, and no restart of ours to come back.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"
UNCACHED=yes

plan 37
start_postgres
load_schema -v users=3 -v contacts=50 -v big=50
start_memcached
settings=(MY500_SLOW_QUERY=50 MY500_SLOW_REQUEST=60)
start_my500 MY500_DATABASE_TIMEOUT=1500 "${settings[@]}"

user=$(psql -XAtc 'SELECT id FROM users ORDER BY email LIMIT 1')
token=$(token "$user")
page() {
  fcgi /api/my-500 "$token" >"$T/answer"
  status <"$T/answer"
}
ready() {
  fcgi /readyz | tee "$T/ready" | status
}
# Both workers are reached, whoever takes the request: ask often.
pages() {
  local i
  for ((i = 0; i < 8; i++)); do
    page
  done | sort | uniq -c | awk '{ printf "%s%s:%s", sep, $2, $1; sep = " " }'
}
connections() {
  psql -XAtc "SELECT count(*) FROM pg_stat_activity WHERE usename = 'my500'"
}

is "$(pages)" 200:8 'all is well'
is "$(ready)" 200 'and ready'

# Sessions ended under idle workers, as a failover or an administrator does.
psql -XAtqc "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
  WHERE usename = 'my500'" >"$T/terminated"
is "$(pages)" 200:8 'ended sessions cost no request'

stop_postgres
is "$(pages)" 503:8 'stopped: 503'
is "$(header Retry-After <"$T/answer")" 1 'with Retry-After'
is "$(body <"$T/answer" | jq -r .code)" DATABASE_UNAVAILABLE 'and its code'
is "$(ready)" 503 'not ready'
is "$(body <"$T/ready" | jq -r '"\(.database) \(.cache)"')" 'down up' \
  'for want of the database'
is "$(fcgi /healthz | status)" 200 'but alive'
is "$(fcgi '/api/my-500?page=x' "$token" | status)" 400 \
  'what needs no database is answered'
# Of each process a line at its first failure, and one each five seconds.
since=$SECONDS
for i in 1 2 3 4 5; do
  pages >"$T/away"
done
most=$((1 + (SECONDS - since + 5) / 5))
is "$(awk -F '"pid":' -v most="$most" '/"event":"database_connect"/ {
    n[$2 + 0]++ } END { for (pid in n) if (n[pid] > most) print n[pid] }' \
  "$T/my500.log")" '' "no process complains more than $most times"
start_postgres
is "$(page)" 200 'the first request after its return is answered'
is "$(pages)" 200:8 'and all others'

stop_postgres KILL
is "$(page)" 503 'killed: 503'
start_postgres
is "$(page)" 200 'recovered from the kill'

# Restarted while requests go on: nothing but 200 and 503, and 200 at the end.
while [[ ! -e $T/restarted ]]; do
  page
  sleep 0.02
done >"$T/during" &
asking=$!
sleep 0.2
stop_postgres
start_postgres
touch "$T/restarted"
wait "$asking"
is "$(sort -u "$T/during" | tr '\n' ' ')" '200 503 ' \
  'a restart shows as 503 and nothing else'
is "$(pages)" 200:8 'and is over when it is over'

# Hung: the answer comes in time, the worker is not held for long after.
before=$EPOCHREALTIME
hang_postgres
is "$(page)" 503 'hung: 503'
after=$EPOCHREALTIME
check 'within the timeout and some' \
  test $(((${after/./} - ${before/./}) / 1000)) -lt 8000
is "$(page)" 503 'and again'
resume_postgres
is "$(page)" 200 'the first request after it goes on is answered'

# Statements that take long, by a lock on the table.
still_alive
stop_my500
start_my500 MY500_DATABASE_TIMEOUT=20000 "${settings[@]}"
# A new session would wait while it prepares, before any statement.
all_connected() {
  page >"$T/status"
  (($(connections) >= WORKERS))
}
wait_until all_connected
lock_activities
page >"$T/late" &
late=$!
wait_until is_waited_for
sleep 0.3
unlock_activities
wait "$late"
is "$(cat "$T/late")" 200 'a slow statement is waited for'
like "$(grep '"event":"slow_query"' "$T/my500.log" | tail -n 1)" \
  '"level":"warning".*"statement":"page_activities","durationMs":[0-9]' \
  'and logged by its name'
like "$(grep '"event":"slow_request"' "$T/my500.log" | tail -n 1)" \
  '"level":"error".*"path":"/api/my-500"' 'and so is the request'
stop_my500
start_my500 MY500_DATABASE_TIMEOUT=1500 "${settings[@]}"
wait_until all_connected
lock_activities
is "$(page)" 503 'a statement beyond the timeout: 503'
unlock_activities
is "$(page)" 200 'and then 200'
check "no session is left behind ($(connections))" \
  test "$(connections)" -le "$WORKERS"

# Refused: that is our fault, and says nothing of the inside.
# shellcheck disable=SC2016 # the dollars are PostgreSQL's
psql -Xqc 'REVOKE SELECT ON activities FROM my500' -c 'DO $$BEGIN
  EXECUTE (SELECT format($f$REVOKE SELECT (%s) ON activities FROM my500$f$,
    string_agg(quote_ident(attname), $c$, $c$)) FROM pg_attribute
    WHERE attrelid = $r$activities$r$::regclass AND attnum > 0); END$$'
is "$(page)" 500 'a refused statement: 500'
is "$(body <"$T/answer" | jq -c 'del(.requestId)')" \
  '{"success":false,"error":"Failed to fetch contacts","code":"INTERNAL_ERROR"}' \
  'and its words'
is "$(ready)" 503 'and not ready'
psql -Xqf "$abs_top_srcdir/schema/role.sql"
is "$(page)" 200 'granted again: 200'

# The app's migrations go on beside us.
psql -Xqc 'ALTER TABLE contacts ADD COLUMN novelty text DEFAULT 1'
is "$(pages)" 200:8 'a new column changes nothing'
psql -Xqc 'ALTER TABLE contacts ALTER COLUMN "jobTitle" TYPE varchar(200)'
is "$(pages)" 200:8 'nor does a changed type'

# A user deleted: at once, though memcached still knows of him.
psql -Xqc "DELETE FROM users WHERE id = '$user'"
is "$(page)" 401 'a deleted user is refused at once'
check 'recovery was logged' grep -q '"event":"database_recovered"' \
  "$T/my500.log"
still_alive
