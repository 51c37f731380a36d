#!/bin/bash
#
# Every page of every user equals the one that ExpectedPages.pm works out of
# the same tables in its own way: by lighttpd, and for several limits.
# BRIEF=yes asks for a fifth.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"
. "$abs_top_srcdir/tests/support/ask.sh"

plan 3

start_postgres
load_schema
start_memcached
start_my500
start_lighttpd

"$support/expected_pages.pl" requests >"$T/requests"
requests=$(wc -l <"$T/requests")
check 'there are more than a thousand pages' test "$requests" -gt 1000
points "all $requests are as computed" ask_pages.pl pages \
  < <(sample <"$T/requests")
still_alive
