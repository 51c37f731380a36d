# shellcheck shell=bash disable=SC2154
#
# What the scripts about cached pages have in common; to be sourced after
# lib.sh.

# How often somebody has become the one who listens, by all logs.
invalidators() {
  cat "$T"/my500*.log | grep -c '"event":"invalidation_begun"' || true
}

# The one that listens now.
invalidator_pid() {
  grep -h '"event":"invalidation_begun"' "$T/my500.log" | tail -n 1 |
    sed 's/.*"pid":\([0-9]*\).*/\1/'
}

# more_invalidators NUMBER: than so many.
more_invalidators() {
  (($(invalidators) > $1))
}

# Whether the invalidator has acted on all that was committed before: our own
# message comes after it.  Of users of the server at memcached_ask's socket.
has_caught_up() {
  memcached_ask 'set my500:1:g:nobody 0 0 1' 1 >/dev/null &&
    psql -Xqc "NOTIFY my500, 'nobody'" 2>/dev/null &&
    sleep 0.05 &&
    ! memcached_ask 'get my500:1:g:nobody' | grep -qx $'1\r'
}

# Of a raw answer: hit, miss, stale or off.
cache_use() {
  header Server-Timing | sed 's/.*cache;desc="\([a-z]*\)".*/\1/'
}
