#!/bin/bash
#
# Measures pages through lighttpd, uncached: requests a second, p50, p99, and
# the workers' memory, for 20 contacts with 5 activities each:
#
#   tests/bench/page.sh [SECONDS [WORKERS [CONNECTIONS]]]
#
# builds with gcc -O2, starts private servers with the sample data (20 users of
# 500), and prints a table, times in milliseconds: one hot page, random users
# and pages, and the same road for a refused request, which has neither database
# nor page.  Needs wrk.
set -euo pipefail
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh" wrk
UNCACHED=yes

seconds=${1:-10}
WORKERS=${2:-8}
connections=${3:-8}

start_postgres shared_buffers=512MB
load_schema
start_memcached
start_my500
start_lighttpd

psql -XAtc 'SELECT "userId" FROM contacts GROUP BY 1
  HAVING count(*) = 500 ORDER BY 1' >"$T/users"
while read -r user; do
  token "$user"
done <"$T/users" >"$T/tokens"

page='/api/my-500?limit=20&activities=5'
printf '%s\t%s\n' "$(head -n 1 "$T/tokens")" "$page" >"$T/hot"
printf '%s\t%s\n' - /api/my-500 >"$T/refused"
awk -v page="$page" '
  { token[NR] = $1 }
  END {
    srand(500)
    for (i = 0; i < 10000; i++)
      printf "%s\t%s&page=%d\n", token[1 + int(rand() * NR)], page,
        1 + int(rand() * 25)
  }' "$T/tokens" >"$T/random"

load() { # load NAME FILE
  local rate p50 p99 failed
  read -r rate p50 _ p99 _ failed \
    < <(wrk_run "$T/$2" "$connections" "$seconds")
  printf '%-28s %10.0f %10.2f %10.2f %8d\n' "$1" "$rate" "$p50" "$p99" "$failed"
}

printf '%-28s %10s %10s %10s %8s\n' \
  "$WORKERS workers, $connections clients" requests/s p50 p99 "not 2xx"
for round in 1 2 3; do
  load "one page ($round)" hot
  load "random users, pages ($round)" random
  load "401, no database ($round)" refused
done
printf '%s\n' "memory of a worker after all that (RSS, KiB):"
worker_pids | while read -r pid; do
  awk '/^VmRSS/ { printf " %d", $2 }' "/proc/$pid/status"
done
echo
