#!/bin/bash
#
# The supervisor: workers that die, hang, have served enough; reloads under
# load, signals from all sides, the ways to stop.  BRIEF=yes does a tenth.
# RELOADS, SIGNALS, KILLS ask for more.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"

need jq perl
if [[ ${BRIEF:-} == yes ]]; then
  reloads=${RELOADS:-20} signals=${SIGNALS:-100} kills=${KILLS:-10}
else
  reloads=${RELOADS:-200} signals=${SIGNALS:-1000} kills=${KILLS:-30}
fi

WORKERS=3
start_postgres
load_schema -v users=2 -v contacts=20 -v big=20
start_memcached
settings=(MY500_DATABASE_TIMEOUT=2000 MY500_ADMIN_LISTEN="unix:$T/admin.sock")
user=$(psql -XAtc 'SELECT id FROM users ORDER BY email LIMIT 1')
token=$(token "$user")

# The supervisor reads this file, which reloads may find changed.
configure() {
  printf '%s\n' MY500_WORKERS=3 "$@" >"$T/my500.conf"
  chmod a+r "$T/my500.conf"
}
configure
start() { # start [NAME=VALUE…]
  need cgi-fcgi pgrep
  server_launch my500 "${as_worker[@]}" env -i PATH="$PATH" \
    ASAN_OPTIONS="${ASAN_OPTIONS:-}:log_path=$T/sanitizer" \
    UBSAN_OPTIONS="print_stacktrace=1:log_path=$T/sanitizer" \
    MY500_DATABASE_URL="host=$T port=$PGPORT dbname=my500 user=my500" \
    MY500_MEMCACHED="$memcached_setting" \
    MY500_JWT_SECRET="$MY500_JWT_SECRET" "${settings[@]}" "$@" \
    "$my500" --config "$T/my500.conf" --listen "unix:$T/my500.sock"
  server_answers my500 is_healthy || server_complain my500
  wait_until has_workers 3
}
page() {
  fcgi '/api/my-500?limit=2' "$token" "$@" >"$T/answer" || true
  status <"$T/answer"
}
has_workers() { # and all of them serve
  (($(admin /status | jq '.workers.idle + .workers.busy') == $1))
}
admin() {
  timeout 30 env -i PATH="$PATH" GATEWAY_INTERFACE=CGI/1.1 \
    REQUEST_METHOD=GET SCRIPT_NAME="${1%%\?*}" QUERY_STRING="${1#*\?}" \
    cgi-fcgi -bind -connect "$T/admin.sock" </dev/null | body
}
metric() { # metric NAME[{LABELS}]
  admin /metrics | awk -v name="$1" '$1 == name { print $2 }'
}
# mark … has_event NAME: since then; the log grows by megabytes a second.
mark() {
  marked=$(stat -c %s "$T/my500.log")
}
marked=0
has_event() {
  grep -q "\"event\":\"$1\"" < <(tail -c "+$((marked + 1))" "$T/my500.log")
}
last() {
  grep "\"event\":\"$1\"" "$T/my500.log" | tail -n 1
}
# load_begin CLIENTS … load_end: sets $answers, $lost and $wrong.
load_begin() {
  rm -f "$T/stop" "$T/load.log"
  server_launch load nice "$abs_top_srcdir/tests/support/load.pl" \
    "$T/my500.sock" "$1" "$token" "$T/stop"
}
load_end() {
  touch "$T/stop"
  wait "${server_pid[load]}"
  unset 'server_pid[load]'
  diag "$(cat "$T/load.log")"
  read -r answers _ lost _ wrong _ < <(tail -n 1 "$T/load.log")
}
# A request that waits for a lock, until unlock_activities: $busy is the worker
# that has it.
occupy() { # occupy [NAME=VALUE…]
  lock_activities
  psql -Xqc "NOTIFY my500, '*'"
  (page "$@" >"$T/occupied") &
  occupying=$!
  wait_until is_busy
}
is_busy() {
  busy=$(admin /status |
    jq '[.processes[] | select(.request.step == "db")][0].pid // empty')
  [[ -n $busy ]]
}

start
is "$(page)" 200 'it serves'

# --- deaths
mark
victim=$(worker_pids | head -n 1)
kill -KILL "$victim"
check 'a worker that dies is missed' wait_until has_event worker_died
like "$(last worker_died)" \
  '"role":"worker","workerPid":'"$victim"',"exitCode":-1,"signal":9,"ageMs":[0-9.]+,"requests":[0-9]+\}' \
  'and how is told'
check 'and replaced' wait_until has_workers 3
is "$(metric my500_worker_restarts_total)" 1 'and counted'

mark
occupy HTTP_X_REQUEST_ID=the-one
kill -SEGV "$busy"
wait "$occupying"
check 'one that dies at work is missed, too' \
  wait_until has_event worker_died
like "$(last worker_died)" \
  '"signal":(11|6|-1)?.*"requestId":"the-one","path":"/api/my-500","step":"db","requestMs":[0-9.]+' \
  'with what it was at'
unlock_activities
check 'and replaced' wait_until has_workers 3
is "$(page)" 200 'and it serves'
# A sanitizer reports that signal, as it should.
rm -f "$T"/sanitizer.*

# --- one that hangs
occupy
kill -STOP "$busy"
check 'one that hangs is found' wait_until has_event worker_hung
like "$(last worker_hung)" "\"workerPid\":$busy,.*\"step\":\"db\"" 'and told'
is_gone() {
  ! worker_pids | grep -qx "$1"
}
check 'and is gone' wait_until is_gone "$busy"
wait "$occupying" || true
unlock_activities
check 'and replaced' wait_until has_workers 3
is "$(page)" 200 'and it serves'

# --- reload
pids=$(worker_pids)
configure MY500_SLOW_REQUEST=x
kill -HUP "${server_pid[my500]}"
check 'bad settings are refused' wait_until has_event reload_refused
like "$(last reload_refused)" '"setting":"MY500_SLOW_REQUEST"' 'by their name'
is "$(worker_pids)" "$pids" 'and nobody leaves'
configure MY500_SLOW_REQUEST=0
kill -HUP "${server_pid[my500]}"
check 'good ones are taken' wait_until has_event reloaded
all_are_new() {
  has_workers 3 && [[ -z $(comm -12 <(sort <<<"$pids") <(worker_pids | sort)) ]]
}
check 'by workers that are all new' wait_until all_are_new
mark
page >/dev/null
check 'and they count' wait_until has_event slow_request
printf 'MY500_WORKERS=2\n' >"$T/my500.conf"
kill -HUP "${server_pid[my500]}"
check 'fewer workers' wait_until has_workers 2
configure
kill -HUP "${server_pid[my500]}"
check 'and more' wait_until has_workers 3

load_begin 50
for ((i = 0; i < reloads; i++)); do
  mark
  kill -HUP "${server_pid[my500]}"
  wait_until has_event reloaded
  ((i % 10 > 0)) || wait_until has_workers 3
done
load_end
check "$reloads reloads under load ($answers answers)" test "$answers" -gt 100
is "$lost lost, $wrong wrong" '0 lost, 0 wrong' 'none lost, none doubled'
check 'all workers are there' wait_until has_workers 3

# --- signals from all sides
load_begin 5
perl -e 'my ($supervisor, $count) = @ARGV;
  for (1 .. $count) {
    my $signal = (qw(HUP USR1 TERM))[rand 3];
    open my $in, "<", "/proc/$supervisor/task/$supervisor/children" or die;
    my @pids = split " ", readline $in;
    kill $signal, $signal eq "TERM" ? $pids[rand @pids] || next : $supervisor;
    select undef, undef, undef, rand 0.024;
  }' "${server_pid[my500]}" "$signals"
load_end
check "$signals signals ($answers answers)" test "$answers" -gt 0
is "$lost lost, $wrong wrong" '0 lost, 0 wrong' 'none lost, none doubled'
check 'all workers are there' wait_until has_workers 3
is "$(page)" 200 'and it serves'

# --- kills under load
load_begin 10
killed=0
odd=
while ((killed < kills)) && server_is_running my500; do
  victim=$(worker_pids | shuf -n 1) || true
  [[ -z $victim ]] || ! kill -KILL "$victim" || killed=$((killed + 1))
  gauges=$(admin /metrics | awk '/^my500_workers\{/ { sum += $2
    if ($2 < 0) sum += 1000 } END { print sum + 0 }')
  ((gauges <= 2 * WORKERS)) || odd+=" $gauges"
  sleep 0.05
done
load_end
check "$kills kills ($answers answers)" test "$answers" -gt 10
check "only requests in the killed are lost ($lost)" test "$lost" -le "$kills"
is "$wrong" 0 'none is wrong'
is "$odd" '' 'and gauges add up'
check 'all workers come back' wait_until has_workers 3
is "$(page)" 200 'and it serves'
stop_my500
is "$server_status" 0 'told to stop, it does'

# --- workers that have served enough, and those that have grown
start MY500_MAX_REQUESTS=20
load_begin 4
fewest=3
retired() { # so many; how many serve meanwhile
  local serve
  serve=$(admin /status | jq '.workers.idle + .workers.busy')
  ((serve >= fewest)) || fewest=$serve
  (($(metric my500_worker_retirements_total) >= $1))
}
check 'workers retire' wait_until retired 20
check "one at a time: the others serve ($fewest)" test "$fewest" -ge 2
load_end
is "$lost lost, $wrong wrong" '0 lost, 0 wrong' 'which costs nothing'
is "$(metric my500_worker_restarts_total)" 0 'and is no accident'
stop_my500
start MY500_MAX_RSS=1 MY500_DATABASE_TIMEOUT=60000
load_begin 4
check 'so do those that have grown' wait_until retired 2
load_end
is "$lost lost, $wrong wrong" '0 lost, 0 wrong' 'which costs nothing'

# --- the ways to stop
occupy
kill -TERM "${server_pid[my500]}"
sleep 0.2
unlock_activities
stop_my500
is "$server_status" 0 'told to stop'
wait "$occupying"
is "$(cat "$T/occupied")" 200 'it finishes what it is at'

start MY500_DATABASE_TIMEOUT=60000
occupy
supervisor=${server_pid[my500]}
kill -TERM "$supervisor"
sleep 0.5 # two at once would be one
kill -TERM "$supervisor"
server_status=0
wait "$supervisor" || server_status=$?
unset 'server_pid[my500]'
is "$server_status" 0 'told twice'
wait "$occupying"
is "$(cat "$T/occupied")" 'no answer' 'it does not wait'
unlock_activities

start MY500_STOP_TIMEOUT=1 MY500_DATABASE_TIMEOUT=60000
occupy
stop_my500
is "$server_status" 0 'told once'
wait "$occupying"
is "$(cat "$T/occupied")" 'no answer' 'nor beyond MY500_STOP_TIMEOUT'
unlock_activities

start
supervisor=${server_pid[my500]}
children=$(pgrep -P "$supervisor")
began=$(now_ms)
kill -KILL "$supervisor"
are_gone() {
  local pid
  for pid in $children; do
    ! kill -0 "$pid" 2>/dev/null || [[ $(ps -o stat= "$pid") == Z* ]] || return 1
  done
}
check 'when the supervisor is killed its children leave' wait_until are_gone
diag "within $(($(now_ms) - began)) ms"
server_stop my500 KILL

# --- no worker ever serves: they wait for a database that hangs, and are killed
# (Without a search for leaks: its helper is a child, and must not be killed.)
hang_postgres
server_launch my500 "${as_worker[@]}" env -i PATH="$PATH" \
  ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0:log_path=$T/sanitizer" \
  MY500_DATABASE_URL="host=$T port=$PGPORT dbname=my500 user=my500" \
  MY500_MEMCACHED= MY500_JWT_SECRET="$MY500_JWT_SECRET" MY500_STOP_TIMEOUT=2 \
  "$my500" --listen "unix:$T/my500.sock" --workers 1
supervisor=${server_pid[my500]}
has_given_up() {
  pkill -KILL -x my500.fcgi -P "$supervisor" || true
  ! kill -0 "$supervisor" 2>/dev/null
}
check 'it gives up when no worker comes to serve' wait_until has_given_up
server_status=0
wait "$supervisor" || server_status=$?
unset 'server_pid[my500]'
is "$server_status" 70 'with 70'
check 'and says so' has_event no_worker_starts
resume_postgres
done_testing
