#!/bin/bash
#
# Random tables, random transactions, random requests: every answer equals the
# one that is worked out beside it.  To see a failure again, SEED=… of its
# output; ANSWERS=… asks for more.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"
UNCACHED=yes
. "$abs_top_srcdir/tests/support/ask.sh"

plan 4

start_postgres max_prepared_transactions=5
load_schema -v users=1 -v contacts=1 -v big=1
psql -Xq -v ON_ERROR_STOP=1 -f "$support/microseconds.sql"
start_memcached
start_my500
start_lighttpd

# random NAME ANSWERS: in tables that are empty before.
random() {
  psql -XAtc "SELECT format('ROLLBACK PREPARED %L', gid)
    FROM pg_prepared_xacts" | psql -Xq
  psql -Xqc 'TRUNCATE users, contacts, activities'
  points "$1" random_pages.pl "$2"
}

answers=${ANSWERS:-3000}
[[ ${BRIEF:-} != yes ]] || answers=$((answers / 5))
random 'random answers are as computed' "$answers"
stop_memcached
random 'and without memcached' 500
start_memcached
stop_my500
start_my500 MY500_PREPARE=off
random 'and without prepared statements' 500
still_alive
