#!/bin/bash
#
# Replays what an office might ask for, through lighttpd, by wrk, while others
# write:
#
#   tests/bench/mix.sh [SAMPLE [SECONDS [WORKERS [CLIENTS [WRITES]]]]]
#
# Users by Zipf's law; of ten requests six are for the first page, one and a half
# for the second and the third, half a one for one far behind, two for a search
# for some letters or a word.  WRITES (10) transactions a second change a contact
# or add an activity of users by the same law.  SECONDS (20) without the cache,
# then so many with it.  Prints for both what clients saw (wrk) and what the log
# says of hits and misses, in milliseconds.  About SAMPLE (full or small), and
# how to keep it: lib.sh.
set -euo pipefail
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh" wrk
. "$bench_top/tests/support/cache.sh"

sample=${1:-small}
seconds=${2:-20}
WORKERS=${3:-8}
clients=${4:-8}
writes=${5:-10}

bench_sample "$sample" shared_buffers=1GB
psql -XAtc 'SELECT "userId" FROM contacts GROUP BY 1 ORDER BY md5("userId")' \
  >"$T/users"
while read -r user; do
  token "$user" 86400
done <"$T/users" >"$T/tokens"

# zipf: of the numbers from 1 to n, the first one most often.
zipf='
  function zipf_begin(n, i) {
    for (i = 1; i <= n; i++)
      below[i] = below[i - 1] + 1 / i
    size = n
  }
  function zipf(at, low, high, middle) {
    at = rand() * below[size]
    low = 1
    high = size
    while (low < high) {
      middle = int((low + high) / 2)
      if (below[middle] < at)
        low = middle + 1
      else
        high = middle
    }
    return low
  }'
awk "$zipf"'
  { token[NR] = $1 }
  END {
    srand(500)
    zipf_begin(NR)
    words = split("a an ann anna m mu smith lee gmbh example @gmail le ja " \
      "jane jos trad 12 99 ltd o", word, " ")
    for (i = 0; i < 50000; i++) {
      kind = rand()
      path = "/api/my-500"
      if (kind >= 0.8)
        path = path "/search?q=" word[1 + int(rand() * words)]
      else if (kind >= 0.75)
        path = path "?page=" 4 + int(rand() * 20)
      else if (kind >= 0.6)
        path = path "?page=" 2 + int(rand() * 2)
      print token[zipf()] "\t" path
    }
  }' "$T/tokens" >"$T/requests"
awk "$zipf"'
  { user[NR] = $1 }
  END {
    srand(501)
    zipf_begin(NR)
    for (i = 0; i < 100000; i++) {
      contact = "(SELECT id FROM contacts WHERE \"userId\" = \x27" \
        user[zipf()] "\x27 OFFSET " int(rand() * 100) " LIMIT 1)"
      if (rand() < 0.5)
        print "UPDATE contacts SET \"lastContacted\" = now()," \
          " \"updatedAt\" = now() WHERE id = " contact ";"
      else
        print "INSERT INTO activities (id, type, subject, \"updatedAt\"," \
          " \"userId\", \"contactId\") SELECT \x27mix-\x27 ||" \
          " gen_random_uuid(), \x27CALL\x27, \x27Call\x27, now()," \
          " \"userId\", id FROM contacts WHERE id = " contact ";"
    }
  }' "$T/users" >"$T/writes.sql"

write_on() {
  local statement pause
  pause=$(awk -v n="$writes" 'BEGIN { print 1 / n }')
  while [[ ! -e $T/enough ]] && read -r statement; do
    echo "$statement"
    sleep "$pause"
  done <"$T/writes.sql" | psql -Xq >"$T/writes.log" 2>&1
}

# percentiles FIELD REGEX: of the log's lines that match.
percentiles() {
  grep '"event":"request"' "$T/my500.log" | grep -E "$2" |
    sed "s/.*\"$1\":\\([0-9.]*\\).*/\\1/" | sort -g | awk '
    { v[NR] = $1 }
    function at(p) { return NR ? v[int((NR - 1) * p / 100) + 1] : 0 }
    END { printf "%9d %9.2f %9.2f %9.2f\n", NR, at(50), at(95), at(99) }'
}

replay() { # replay NAME
  local rate p50 p95 p99 failed writer all hits
  : >"$T/my500.log"
  start_my500 "${@:2}"
  start_lighttpd "${lighttpd_port:-}"
  if [[ -n $memcached_setting ]]; then
    wait_until is_epoch
  fi
  write_on &
  writer=$!
  read -r rate p50 p95 p99 _ failed \
    < <(wrk_run "$T/requests" "$clients" "$seconds")
  touch "$T/enough"
  wait "$writer"
  rm "$T/enough"
  stop_lighttpd
  stop_my500
  printf '%-30s %9.0f %9.2f %9.2f %9.2f %9d\n' "$1: clients" "$rate" "$p50" \
    "$p95" "$p99" "$failed"
  all=$(grep -c '"path":"/api/my-500' "$T/my500.log" || true)
  hits=$(grep -c '"cache":"hit"' "$T/my500.log" || true)
  printf '%-30s %8s%%\n' '  hit rate' \
    "$(awk -v h="$hits" -v a="$all" 'BEGIN { printf "%.1f", 100 * h / a }')"
  for use in hit miss off; do
    for path in /api/my-500 /api/my-500/search; do
      printf '%-30s %s\n' "  ${path#/api/} $use" "$(percentiles durationMs \
        "\"path\":\"$path\".*\"cache\":\"$use\"")"
    done
  done | grep -v ' 0      0.00 ' || true
}

printf '%-30s %9s %9s %9s %9s %9s\n' \
  "$WORKERS workers, $clients clients" 'requ./s' p50 p95 p99 'no good'
printf '%-30s %9s %9s %9s %9s\n' "$writes writes/s; by the log:" requests \
  p50 p95 p99
replay 'without the cache'
start_memcached -m 1024
replay 'with it'
