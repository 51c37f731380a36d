#!/bin/bash
#
# /metrics and /status: valid, complete, right, and answered by the admin worker
# while all others hang.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"

need jq promtool
WORKERS=2
start_postgres
load_schema -v users=2 -v contacts=20 -v big=20
start_memcached
start_my500 MY500_ADMIN_LISTEN="unix:$T/admin.sock" MY500_SLOW_QUERY=0 \
  MY500_SLOW_REQUEST=0
user=$(psql -XAtc 'SELECT id FROM users ORDER BY email LIMIT 1')
token=$(token "$user")

admin() { # admin PATH[?QUERY] [NAME=VALUE…]
  local uri=$1 query=
  [[ $uri != *\?* ]] || query=${uri#*\?}
  timeout 30 env -i PATH="$PATH" GATEWAY_INTERFACE=CGI/1.1 \
    REQUEST_METHOD=GET SCRIPT_NAME="${uri%%\?*}" QUERY_STRING="$query" \
    "${@:2}" cgi-fcgi -bind -connect "$T/admin.sock" </dev/null
}
metric() { # metric NAME[{LABELS}]
  admin /metrics | body | awk -v name="$1" '$1 == name { print $2 }'
}
is_metric() { # is_metric NAME VALUE
  [[ $(metric "$1") == "$2" ]]
}
is_hit() {
  [[ $(fcgi /api/my-500 "$token" | header Server-Timing) == *'"hit"'* ]]
}

# --- forms
admin /metrics >"$T/open"
like "$(header Content-Type <"$T/open")" \
  '^application/openmetrics-text; version=1\.0\.0' 'OpenMetrics'
is "$(body <"$T/open" | tail -n 1)" '# EOF' 'to its end'
admin /metrics HTTP_ACCEPT=text/plain >"$T/text"
like "$(header Content-Type <"$T/text")" '^text/plain; version=0\.0\.4' \
  'or the older text'
body <"$T/text" >"$T/metrics.txt"
is "$(promtool check metrics <"$T/metrics.txt" 2>&1)" '' 'promtool accepts it'
for name in requests_total request_duration_seconds_bucket \
  db_duration_seconds_bucket cache_duration_seconds_bucket cache_total \
  slow_total db_reconnects_total invalidations_total worker_restarts_total \
  workers listen_queue db_connections worker_resident_bytes build_info; do
  check "it has my500_$name" grep -q "^my500_$name[{ ]" "$T/metrics.txt"
done

# --- numbers
check 'a page becomes a hit' wait_until is_hit
before=$(metric 'my500_requests_total{endpoint="contacts",status="200"}')
hits=$(metric 'my500_cache_total{kind="page",result="hit"}')
for i in 1 2 3 4 5; do
  fcgi /api/my-500 "$token" >"$T/answer"
done
fcgi /api/my-500 >"$T/answer"
fcgi /nowhere >"$T/answer"
check 'each request is counted' wait_until is_metric \
  'my500_requests_total{endpoint="contacts",status="200"}' $((before + 5))
is "$(metric 'my500_cache_total{kind="page",result="hit"}')" $((hits + 5)) \
  'each hit, too'
is "$(metric 'my500_requests_total{endpoint="contacts",status="401"}')" 1 \
  'and a refusal'
is "$(metric 'my500_requests_total{endpoint="other",status="404"}')" 1 \
  'and what is not there'
before=$(metric my500_invalidations_total)
psql -Xqc "NOTIFY my500, '$user'"
check 'each invalidation is' wait_until is_metric my500_invalidations_total \
  $((before + 1))
check 'and what was slow' test \
  "$(metric 'my500_slow_total{kind="request"}')" -gt 5
is "$(metric my500_listen_queue)" 0 'nobody waits'

# --- the log
is "$(grep -c '"event":"request".*"path":"/healthz"' "$T/my500.log")" 0 \
  'requests for health are no part of the log'

# --- all workers hang
for pid in $(worker_pids); do
  kill -STOP "$pid"
done
for i in 1 2 3; do
  fcgi /healthz >"$T/waiting.$i" &
  waiting[i]=$!
done
is "$(admin /healthz | status)" 200 'the admin worker answers while all hang'
is "$(admin /readyz | body | jq -r '"\(.status) \(.database)"')" 'ready up' \
  'and knows the database'
is_waiting() {
  (($(metric my500_listen_queue) == 3))
}
check 'and who waits' wait_until is_waiting
is "$(admin /api/my-500 HTTP_AUTHORIZATION="Bearer $token" | status)" 404 \
  'but has no data'
asking=(env -i PATH="$PATH" MY500_DATABASE_URL=host=/
  MY500_JWT_SECRET="$MY500_JWT_SECRET")
status_is() { # status_is [ADDRESS [OPTION]]: the table, and the exit status
  local status=0
  "${asking[@]}" MY500_ADMIN_LISTEN="${1-unix:$T/admin.sock}" \
    "$my500" "${2:---status}" 2>&1 || status=$?
  echo "status: $status"
}
status_is >"$T/table"
like "$(cat "$T/table")" $'3 of [0-9]+ waiting\n\nROLE +PID +STATE' \
  '--status prints a table'
is "$(grep -cE "^worker +($(worker_pids | paste -sd '|')) " "$T/table")" 2 \
  'of all workers'
is "$(tail -n 1 "$T/table")" 'status: 0' 'and exits with 0'
is "$(admin /status | body | jq -c '[.workers.busy + .workers.idle,
  .listenQueue.waiting, ([.processes[].role] | sort | unique)]')" \
  '[2,3,["admin","invalidator","supervisor","worker"]]' '/status tells all'
like "$(admin '/status?format=text' | body)" \
  $'3 of [0-9]+ waiting\n\nROLE +PID +STATE' 'as a table, too'
for pid in $(worker_pids); do
  kill -CONT "$pid"
done
wait "${waiting[@]}"
is "$(grep -l '^Status: 200' "$T"/waiting.? | wc -l)" 3 'who waited is answered'
# Two rounds, then nobody reads any more.
is "$(status_is "unix:$T/admin.sock" --watch | sed '/^$/d' | head -n 12 |
  grep -c ^ROLE)" 2 '--watch prints it again'
printf -v command '%q ' "${asking[@]}" "MY500_ADMIN_LISTEN=unix:$T/admin.sock" \
  timeout 3 "$my500" --watch
script -qec "$command" "$T/terminal" >"$T/shown" || true
check 'on a terminal in the same place' test \
  "$(grep -ac $'^\e\\[H\e\\[Jmy500 ' "$T/terminal")" -ge 2
like "$(status_is "unix:$T/none.sock")" \
  'MY500_ADMIN_LISTEN can not be reached: No such file.*status: 69$' \
  'an admin worker that is away is told'
like "$(status_is '')" 'set MY500_ADMIN_LISTEN.*status: 78$' \
  'and one that never was'
is "$(fcgi /metrics '' REMOTE_ADDR=192.0.2.1 | status)" 404 \
  'strangers see no metrics'
still_alive
done_testing
