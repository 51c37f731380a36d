#!/bin/bash
#
# The long form of tests/integration/53_freshness.sh: asks until so many answers
# have been checked, with all faults in turn, some of which that one has not;
# every round begins with new users, and a new seed.  By default five million,
# which takes hours:
#
#   tests/bench/freshness.sh [ANSWERS [WORKERS [READERS [WRITES]]]]
#
# WRITES is of transactions a second; READERS by default are one more than there
# are processors: what waits for one of those is late, and not our fault.  Ends
# at the first violation; a line for each round, and at the end the latest
# answers of all.
set -euo pipefail
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh" psql
. "$bench_top/tests/support/cache.sh"
. "$bench_top/tests/support/freshness.sh"

wanted=${1:-5000000}
WORKERS=${2:-4}
readers=${3:-$(($(nproc) + 1))}
writes=${4:-30}
FRESHNESS_GRACE=${FRESHNESS_GRACE:-50}
FRESHNESS_LATE=$((3000 + FRESHNESS_GRACE))

start_postgres synchronous_commit=on
load_schema -v users=1 -v contacts=1 -v big=1
start_memcached

# Each fault is a phase; it returns when all is well again.

# peace NAME ANSWERS
peace() {
  freshness_phase "$1" "$FRESHNESS_GRACE"
  freshness_wait "$2"
}
invalidator_killed() {
  local before
  before=$(invalidators)
  freshness_phase invalidator_killed "$FRESHNESS_LATE"
  kill -KILL "$(invalidator_pid)"
  wait_until more_invalidators "$before"
  freshness_wait 2000
}
invalidator_asleep() {
  local pid
  pid=$(invalidator_pid)
  freshness_phase invalidator_asleep "$FRESHNESS_LATE"
  kill -STOP "$pid"
  sleep $((1 + RANDOM % 5))
  kill -CONT "$pid"
  wait_until has_caught_up
  freshness_wait 2000
}
session_ended() {
  local before
  before=$(invalidators)
  freshness_phase session_ended "$FRESHNESS_LATE"
  # That of who leads.
  psql -XAtqc "SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory'" >"$T/ended"
  wait_until more_invalidators "$before"
  freshness_wait 2000
}
memcached_killed() {
  freshness_phase memcached_killed "$FRESHNESS_GRACE"
  stop_memcached KILL 2>/dev/null
  freshness_wait 1000
  start_memcached
  freshness_wait 4000
}
memcached_flushed() {
  local i
  freshness_phase memcached_flushed "$FRESHNESS_GRACE"
  for i in 1 2 3 4; do
    freshness_wait $((1000 * i))
    memcached_ask flush_all >/dev/null
  done
  freshness_wait 5000
}
memcached_asleep() {
  freshness_phase memcached_asleep "$FRESHNESS_LATE"
  hang_memcached
  sleep $((1 + RANDOM % 5))
  resume_memcached
  wait_until is_epoch
  wait_until has_caught_up
  freshness_wait 4000
}
postgres_restarted() {
  local before
  before=$(invalidators)
  freshness_phase postgres_restarted "$FRESHNESS_LATE" down
  stop_postgres
  freshness_wait 1000
  start_postgres synchronous_commit=on
  wait_until more_invalidators "$before"
  freshness_wait 3000
}
workers_replaced() {
  freshness_phase workers_replaced "$FRESHNESS_GRACE"
  kill -HUP "${server_pid[my500]}"
  freshness_wait 2000
}
faults=(invalidator_killed memcached_killed memcached_flushed invalidator_asleep
  postgres_restarted session_ended memcached_asleep workers_replaced)

answers=0
round=0
late=0
while ((answers < wanted)); do
  round=$((round + 1))
  : >"$T/my500.log"
  start_my500
  wait_until more_invalidators 0
  psql -Xqc 'SET client_min_messages = warning' \
    -c 'DROP TABLE IF EXISTS freshness' -c 'TRUNCATE users CASCADE'
  freshness_start readers="$readers" writes="$writes"
  freshness_wait 20000
  while read -r fault; do
    "$fault"
    peace "peace" 5000
  done < <(printf '%s\n' "${faults[@]}" | shuf)
  if ! freshness_end >"$T/found"; then
    cat "$T/found"
    exit 1
  fi
  read -r sum _ < <(tail -n 1 "$T/freshness.log")
  answers=$((answers + sum))
  latest=$(sed -n 's/^peace: .*late \([0-9]*\) ms/\1/p' "$T/freshness.log" |
    sort -n | tail -n 1)
  ((latest <= late)) || late=$latest
  printf 'round %d: %d answers, in peace the latest %d ms; %d of %d\n' \
    "$round" "$sum" "$latest" "$answers" "$wanted"
  # Without those of the peace between them.
  sed -n 's/^\([a-z_]*\): .*late \([0-9]*\) ms/  \1: \2 ms/p' \
    "$T/freshness.log" | grep -v peace
  stop_my500
done
echo "$answers answers, no violation, the latest in peace $late ms"
