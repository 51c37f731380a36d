#!/bin/bash
#
# What is committed is seen: tens of thousands of answers, beside writers that
# change everything in every way; then with an invalidator, memcached or
# PostgreSQL that dies, sleeps, forgets.  The bounds are $FRESHNESS_GRACE, and
# three seconds more where nobody listened.  BRIEF=yes asks for a tenth.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"
. "$abs_top_srcdir/tests/support/cache.sh"
. "$abs_top_srcdir/tests/support/freshness.sh"

need perl
answers=${ANSWERS:-80000}
[[ ${BRIEF:-} != yes ]] || answers=$((answers / 10))
some=$((answers / 80))
phases=(peace killed without emptied delayed restarted after)

WORKERS=4
# What has been committed must outlive PostgreSQL.
start_postgres synchronous_commit=on
load_schema -v users=1 -v contacts=1 -v big=1
start_memcached
start_my500
check 'somebody listens' wait_until more_invalidators 0

freshness_start
check "$answers answers in peace" freshness_wait "$answers"

freshness_phase killed "$FRESHNESS_LATE"
for ((i = 0; i < 2; i++)); do
  before=$(invalidators)
  kill -KILL "$(invalidator_pid)"
  check 'an invalidator that is killed is replaced' wait_until \
    more_invalidators "$before"
done
check 'that costs no freshness' freshness_wait "$some"

freshness_phase without "$FRESHNESS_GRACE"
stop_memcached KILL
check 'it goes on without memcached' freshness_wait "$some"
start_memcached
check 'which comes back' freshness_wait $((some * 2))

freshness_phase emptied "$FRESHNESS_GRACE"
for i in 1 2 3; do
  freshness_wait $((some * i)) || break
  memcached_ask flush_all >/dev/null
done
check 'it forgets all' freshness_wait $((some * 4))

freshness_phase delayed "$FRESHNESS_LATE"
sleeper=$(invalidator_pid)
# It has forgotten all: what is stored must count again.
wait_until is_epoch
kill -STOP "$sleeper"
sleep 2
kill -CONT "$sleeper"
check 'an invalidator that slept catches up' wait_until has_caught_up
check 'which is seen in time' freshness_wait "$some"

freshness_phase restarted "$FRESHNESS_LATE" down
before=$(invalidators)
stop_postgres
check 'without PostgreSQL answers are old, but whole' freshness_wait \
  $((some / 4))
start_postgres synchronous_commit=on
check 'the invalidator finds it again' wait_until more_invalidators "$before"
check 'and so do all others' freshness_wait "$some"

freshness_phase after "$FRESHNESS_GRACE"
check 'in the end all is as it was' freshness_wait "$some"

check 'every answer was whole, of its user, and in time' freshness_end
for phase in "${phases[@]}"; do
  is "$(freshness_number "$phase" violations)" 0 "$phase: no violation"
done
hits=$(freshness_number peace hit)
check "many were cached ($hits)" test "$hits" -gt $((answers / 5))
still_alive
done_testing
