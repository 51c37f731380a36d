#!/bin/bash
#
# Measures what a hit costs, against a FastCGI program that sends the same bytes
# from memory (same_bytes.c), and one that gets them from memcached, through the
# same lighttpd, by wrk:
#
#   tests/bench/hit.sh [ROUNDS [SECONDS [WORKERS [CLIENTS]]]]
#
# Rounds (20) of SECONDS (1), in which all cases take turns: a page of 20
# contacts with 5 activities each, a small one, a search, and a conditional
# request (304); for one client and for CLIENTS (8).  Prints medians: requests a
# second, p50 and p99 in milliseconds, and how much more a hit takes than the
# same bytes, and than one get of them, the least that memcached can cost: each
# round gives a ratio, of what was measured within three seconds, for the pace
# of a machine changes.
# Wanted of the pages, with several clients: at most 1.3 times the same bytes.
set -euo pipefail
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh" wrk cc
. "$bench_top/tests/support/cache.sh"

rounds=${1:-20}
seconds=${2:-1}
WORKERS=${3:-8}
clients=${4:-8}
crowds=(1)
((clients == 1)) || crowds+=("$clients")

start_postgres shared_buffers=512MB
load_schema
start_memcached
start_my500 MY500_PAGE_TTL=86400 MY500_LOG_LEVEL=info
start_lighttpd
wait_until is_epoch

user=$(psql -XAtc 'SELECT "userId" FROM contacts GROUP BY 1
  HAVING count(*) = 500 ORDER BY 1 LIMIT 1')
token=$(token "$user" 86400)
cc -O2 -o "$T/same_bytes" "$bench_room/same_bytes.c" -lfcgi \
  -lmemcached

# lighttpd's socket is whichever of the two is meant.
mv "$T/my500.sock" "$T/ours.sock"
turn_to() {
  ln -sfn "$T/$1.sock" "$T/my500.sock"
}
turn_to ours

names=('20 contacts' '2 contacts' 'search' '304')
paths=('/api/my-500?limit=20&activities=5' '/api/my-500?limit=2&activities=1'
  '/api/my-500/search?q=a&limit=10&activities=2'
  '/api/my-500?limit=20&activities=4')
is_hit() {
  fcgi "$1" "$token" ${tag:+HTTP_IF_NONE_MATCH="$tag"} >"$T/answer"
  [[ $(cache_use <"$T/answer") == hit ]]
}
for i in "${!names[@]}"; do
  tag=
  wait_until is_hit "${paths[i]}"
  if [[ ${names[i]} == 304 ]]; then
    tag=$(header ETag <"$T/answer")
    wait_until is_hit "${paths[i]}"
  fi
  cp "$T/answer" "$T/same.$i"
  printf '%s\t%s%s\n' "$token" "${paths[i]}" "${tag:+$'\t'$tag}" >"$T/case.$i"
  server_launch "same$i" "$T/same_bytes" "$T/same$i.sock" "$WORKERS" \
    "$T/same.$i"
  server_launch "kept$i" "$T/same_bytes" "$T/kept$i.sock" "$WORKERS" \
    "$T/same.$i" "$T/memcached.sock"
  wait_until test -S "$T/same$i.sock"
  wait_until test -S "$T/kept$i.sock"
done

hits_before=$(grep -c '"cache":"hit"' "$T/my500.log" || true)
misses_before=$(grep -c '"cache":"miss"' "$T/my500.log" || true)
for ((round = 1; round <= rounds; round++)); do
  for i in "${!names[@]}"; do
    for c in "${crowds[@]}"; do
      for who in ours "same$i" "kept$i"; do
        turn_to "$who"
        echo "${who%%[0-9]*} $i $c $(wrk_run "$T/case.$i" "$c" "$seconds")" \
          >>"$T/taken"
      done
    done
  done
done
turn_to ours

of_rounds() { # ours-same-or-kept CASE CLIENTS COLUMN: the median
  awk -v what="$1 $2 $3" -v column="$4" \
    '$1 " " $2 " " $3 == what { print $column }' "$T/taken" | median
}
times() { # same-or-kept CASE CLIENTS: of rounds, how often a hit goes into it
  awk -v what="$1 $2 $3" -v hit="ours $2 $3" '
    $1 " " $2 " " $3 == what { other[++others] = $4 }
    $1 " " $2 " " $3 == hit { own[++owns] = $4 }
    END { for (i = 1; i <= owns; i++) print other[i] / own[i] }' "$T/taken" |
    median | xargs printf %.2f
}

missed=0
printf '%-14s %8s %7s  %-24s %-24s %6s %9s %6s  %s\n' "$WORKERS workers" bytes \
  clients 'hit: req./s p50 p99' 'same bytes' times 'one get' times wanted
for i in "${!names[@]}"; do
  for c in "${crowds[@]}"; do
    hit=$(of_rounds ours "$i" "$c" 4)
    same=$(of_rounds same "$i" "$c" 4)
    kept=$(of_rounds kept "$i" "$c" 4)
    ratio=$(times same "$i" "$c")
    wanted=
    if [[ $c != 1 && ${names[i]} != 304 ]]; then
      wanted='at most 1.3'
      awk -v r="$ratio" 'BEGIN { exit !(r > 1.3) }' && {
        wanted+=', missed'
        missed=$((missed + 1))
      }
    fi
    printf '%-14s %8d %7d  %8.0f %7.3f %7.3f %8.0f %7.3f %7.3f %6s %9.0f %6s  %s\n' \
      "${names[i]}" "$(wc -c <"$T/same.$i")" "$c" \
      "$hit" "$(of_rounds ours "$i" "$c" 5)" "$(of_rounds ours "$i" "$c" 7)" \
      "$same" "$(of_rounds same "$i" "$c" 5)" "$(of_rounds same "$i" "$c" 7)" \
      "$ratio" "$kept" "$(times kept "$i" "$c")" "$wanted"
  done
done
hits=$(($(grep -c '"cache":"hit"' "$T/my500.log" || true) - hits_before))
misses=$(($(grep -c '"cache":"miss"' "$T/my500.log" || true) - misses_before))
failed=$(awk '{ sum += $NF } END { print sum }' "$T/taken")
echo "$hits hits, $misses misses, $failed answers that were none, or no good;" \
  "$missed wishes missed"
