#!/bin/bash
#
# Every page of every user equals the one that expected_pages.pl works out of
# the same tables in its own way: by lighttpd, and for several limits.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"

plan 4
oracle=$abs_top_srcdir/tests/support/expected_pages.pl

start_postgres
load_schema
start_memcached
start_my500
start_lighttpd

declare -A tokens
requests=0
while IFS=$'\t' read -r user query; do
  [[ -n ${tokens[$user]:-} ]] || tokens[$user]=$(token "$user")
  # One curl for all: a request per section of its configuration.
  ((requests == 0)) || echo next
  printf '%s\n' "url = \"$URL/api/my-500?$query\"" \
    "header = \"Authorization: Bearer ${tokens[$user]}\"" \
    "output = \"$T/answers/$requests\""
  requests=$((requests + 1))
done < <("$oracle" requests | tee "$T/requests") >"$T/curl.conf"
mkdir "$T/answers"
check 'all requests are answered' \
  curl -qs --noproxy '*' --fail-early -f -K "$T/curl.conf"

status=0
number=0
while IFS= read -r line; do
  printf '%s\t' "$line"
  cat "$T/answers/$number"
  echo
  number=$((number + 1))
done <"$T/requests" >"$T/answers.tsv"
summary=$("$oracle" compare <"$T/answers.tsv") || status=$?
diag "$summary"
ok "$status" "all $requests pages are as computed"
check 'there were more than a thousand' test "$requests" -gt 1000
still_alive
