#!/bin/bash
#
# memcached is killed, restarted, hung, full of rubbish: no request fails, and
# the wait for it is bounded.  What it holds of a user is no secret.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"

plan 29
start_postgres
load_schema -v users=3 -v contacts=50 -v big=50
start_memcached
WORKERS=1
start_my500

user=$(psql -XAtc 'SELECT id FROM users ORDER BY email LIMIT 1')
token=$(token "$user")
page() {
  fcgi /api/my-500 "$token" >"$T/answer"
  status <"$T/answer"
}
pages() {
  local i
  for ((i = 0; i < 8; i++)); do
    page
  done | sort | uniq -c | awk '{ printf "%s%s:%s", sep, $2, $1; sep = " " }'
}
# What memcached knows of a user, behind the line that says until when it holds.
cached() {
  memcached_ask "get my500:1:u:$1" | tr -d '\r' | sed '1,2d;/^END$/d'
}
cache_state() {
  fcgi /readyz | body | jq -r '"\(.status) \(.cache)"'
}
is_used() {
  [[ $(cache_state) == 'ready up' ]]
}
# Milliseconds that the last answer waited for memcached.
cache_ms() {
  header Server-Timing <"$T/answer" |
    sed 's/.*cache;desc="[a-z]*";dur=\([0-9]*\).*/\1/'
}

is "$(page)" 200 'a page'
is "$(cached "$user" | jq -r 'keys_unsorted | join(" ")')" \
  'id name email role syncStatus lastSyncTimestamp' \
  'leaves the user in memcached, and nothing more of him'
is "$(cached "$user" | jq -r .id)" "$user" 'it is this user'
psql -Xqc "UPDATE users SET \"syncStatus\" = 'IN_PROGRESS' WHERE id = '$user'"
page >/dev/null
is "$(body <"$T/answer" | jq -r .data.syncStatus.status)" IN_PROGRESS \
  'a changed user counts at once'
is "$(cached "$user" | jq -r .syncStatus)" IN_PROGRESS \
  'and is cached anew'

life() { # how long memcached keeps the user, in seconds
  memcached_ask "mg my500:1:u:$1 t" | tr -d '\r' | sed -n 's/^HD t//p'
}
check "for ten minutes ($(life "$user") s)" \
  test "$(life "$user")" -gt 570 -a "$(life "$user")" -le 600

# Unknown users are remembered, so that PostgreSQL is not asked again.
ghost=$(token ghost)
is "$(fcgi /api/my-500 "$ghost" | status)" 401 'an unknown user is refused'
is "$(cached ghost)" '' 'and remembered as nobody'
check "for half a minute ($(life ghost) s)" \
  test "$(life ghost)" -gt 15 -a "$(life ghost)" -le 30
psql -Xqc 'SELECT pg_stat_statements_reset()' >"$T/reset"
is "$(fcgi /api/my-500 "$ghost" | status)" 401 'refused again'
is "$(psql -XAtc "SELECT count(*) FROM pg_stat_statements
  WHERE query LIKE '%FROM users%' AND query NOT LIKE '%pg_stat%'")" 0 \
  'without asking PostgreSQL'

# Rubbish under our key is no user.
memcached_ask "set my500:1:u:$user 0 0 7" '{"id":7' >/dev/null
is "$(page)" 200 'rubbish in the cache harms nothing'

stop_memcached KILL
is "$(pages)" 200:8 'killed: no request fails'
is "$(cache_state)" 'ready down' 'and /readyz says so, but is ready'
start_memcached
wait_until is_used
is "$(pages)" 200:8 'restarted: none fails'
is "$(cache_state)" 'ready up' 'and it is used again'
is_back() { # a worker may have waited for memcached for too long to fill it
  page >/dev/null && [[ $(cached "$user" | jq -r .id) == "$user" ]]
}
check 'the user is back' wait_until is_back

# Restarted under requests.
for ((i = 0; i < 40; i++)); do
  page
  sleep 0.02
done >"$T/during" &
asking=$!
sleep 0.2
stop_memcached
start_memcached
wait "$asking"
is "$(sort -u "$T/during")" 200 'restarted under requests: none fails'

wait_until is_used
hang_memcached
is "$(page)" 200 'hung: the request is answered'
check "after at most 50 ms of waiting ($(cache_ms))" test "$(cache_ms)" -le 60
waited=0
for ((i = 0; i < 20; i++)); do
  is_in_time=$(page)
  (($(cache_ms) < 25)) || waited=$((waited + 1))
done
is "$is_in_time" 200 'the others are answered too'
check "and only a probe now and then waits ($waited of 20)" \
  test "$waited" -le 3
resume_memcached
wait_until is_used
is "$(pages)" 200:8 'it goes on: none fails'
is "$(cache_state)" 'ready up' 'and it is used again'
check 'the log tells of both' grep -q '"event":"cache_unavailable"' \
  "$T/my500.log"
check 'ways' grep -q '"event":"cache_recovered"' "$T/my500.log"
still_alive

# No cache at all.
stop_my500
start_my500 MY500_MEMCACHED=
is "$(page)" 200 'without memcached: a page'
like "$(header Server-Timing <"$T/answer")" 'cache;desc="off"' 'says so'
