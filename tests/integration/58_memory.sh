#!/bin/bash
#
# A worker that has served ten thousand requests has all the memory that it will
# ever need.  REQUESTS=… asks for more (tests/bench/memory.sh: a million).
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"
. "$abs_top_srcdir/tests/support/cache.sh"

need perl
plan 3
MOST_KIB=256 # may be added, by what the allocator leaves between blocks
WORKERS=1
start_postgres
load_schema -v users=2 -v contacts=300 -v big=1500
start_memcached
start_my500 MY500_LOG_LEVEL=error
wait_until is_epoch
user=$(psql -XAtc 'SELECT "userId" FROM contacts GROUP BY 1
  ORDER BY count(*) DESC LIMIT 1')
status=0
"$abs_top_srcdir/tests/support/grow.pl" "$T/my500.sock" \
  "$(token "$user" 86400)" "$(worker_pids)" "${REQUESTS:-100000}" \
  >"$T/grown" 2>&1 || status=$?
diag "$(cat "$T/grown")"
ok "$status" "${REQUESTS:-100000} requests of mixed kinds"
check 'a worker does not grow' test \
  "$(sed -n 's/^grown: //p' "$T/grown")" -le "$MOST_KIB"
still_alive
