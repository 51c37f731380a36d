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

# is_epoch: values count now, until somebody stops listening.
is_epoch() {
  memcached_ask 'get my500:1:e' | grep -q '^VALUE'
}
is_no_epoch() {
  ! is_epoch
}

# cache_keys REGEX: the keys of memcached that match.
# shellcheck disable=SC2016 # the dollars are Perl's
cache_keys() {
  perl -MIO::Socket::UNIX -e 'alarm 10; my ($path, $regex) = @ARGV;
    my $socket = IO::Socket::UNIX->new(Peer => $path) or die "connect: $!\n";
    print $socket "lru_crawler metadump all\r\n";
    while (<$socket>) {
      last if /^END/;
      print $socket "lru_crawler metadump all\r\n" if /^BUSY/;
      /^key=(\S+)/ or next;
      my $key = $1 =~ s/%([0-9A-F]{2})/chr hex $1/ger;
      print "$key\n" if $key =~ $regex }' \
    "$servers_dir/memcached.sock" "$1"
}

# cache_get KEY: its value, byte by byte; cache_set KEY: from standard input.
# shellcheck disable=SC2016 # the dollars are Perl's
cache_get() {
  memcached_ask "get $1" | perl -0777 -ne \
    'print substr $_, length $1, $2 if /^(VALUE \S+ \d+ (\d+)\r\n)/'
}
cache_set() {
  local value
  IFS= read -r -d '' value || true
  # Of bytes, not characters.
  LC_ALL=C memcached_ask "set $1 0 300 $(printf %s "$value" | wc -c)" \
    "$value" | grep -q '^STORED'
}
