#!/bin/bash
#
# Two hosts, which are network namespaces, each with workers and an invalidator,
# share a memcached on each of them and one PostgreSQL: what is committed is
# seen through both, while one memcached dies, another sleeps and wakes up with
# what it knew, and links break.  About phases and bounds: 53_freshness.sh.
#
#      a --------- b        a, b: workers, an invalidator, memcached
#       \         /
#        \       /          db: PostgreSQL; who writes does it there
#           db
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"
. "$abs_top_srcdir/tests/support/freshness.sh"

need ip perl cgi-fcgi
((EUID == 0)) || skip_all 'network namespaces are made by root only'
answers=${ANSWERS:-4000}
[[ ${BRIEF:-} != yes ]] || answers=$((answers / 10))
some=$((answers / 8))
phases=(peace killed asleep parted cut after)

# --- the network: 10.77.1 a-b, 10.77.2 a-db, 10.77.3 b-db; memcached is 10.77.9

declare -A ns=()
made=()

remove_hosts() {
  local status=$? name
  set +e
  for name in "${made[@]}"; do
    ip netns del "$name"
  done
  made=()
  (exit "$status")
  finish
}

in_host() { # in_host HOST COMMAND…
  ip netns exec "${ns[$1]}" "${@:2}"
}

link() { # link HOST OTHER NETWORK: an interface in each, to_OTHER and to_HOST
  ip -n "${ns[$1]}" link add name "to_$2" type veth \
    peer name "to_$1" netns "${ns[$2]}"
  ip -n "${ns[$1]}" addr add "$3.1/30" dev "to_$2"
  ip -n "${ns[$2]}" addr add "$3.2/30" dev "to_$1"
  ip -n "${ns[$1]}" link set "to_$2" up
  ip -n "${ns[$2]}" link set "to_$1" up
}

# The ways to the other's memcached; they go when the link does.
add_routes() {
  ip -n "${ns[a]}" route replace 10.77.9.2 via 10.77.1.2
  ip -n "${ns[b]}" route replace 10.77.9.1 via 10.77.1.1
}

trap remove_hosts EXIT
for host in a b db; do
  ip netns add "${T##*/}.$host" 2>"$T/ip.log" ||
    skip_all 'no network namespaces here'
  made+=("${T##*/}.$host")
  ns[$host]=${T##*/}.$host
  ip -n "${ns[$host]}" link set lo up
done
link a b 10.77.1
link a db 10.77.2
link b db 10.77.3
ip -n "${ns[a]}" addr add 10.77.9.1/32 dev lo
ip -n "${ns[b]}" addr add 10.77.9.2/32 dev lo
add_routes

# --- servers

here=("${as_service[@]}")
as_service=(ip netns exec "${ns[db]}" "${here[@]}")
start_postgres listen_addresses='*' synchronous_commit=on
load_schema -v users=1 -v contacts=1 -v big=1
echo 'host all all 10.77.0.0/16 trust' >>"$T/data/pg_hba.conf"
psql -XAtqc 'SELECT pg_reload_conf()' >"$T/reloaded"

declare -A number=([a]=1 [b]=2)

# memcached_at HOST LINE…: its answers.  Without a line: whether it answers.
memcached_at() {
  # shellcheck disable=SC2016 # the dollars are Perl's
  in_host "$1" perl -MIO::Socket::INET -e 'alarm 5;
    my $socket = IO::Socket::INET->new(shift) or die "no connection: $!\n";
    print $socket "$_\r\n" for @ARGV, "version", "quit";
    print while <$socket>' "10.77.9.${number[$1]}:11211" "${@:2}"
}
start_memcached_at() {
  server_launch "memcached_$1" ip netns exec "${ns[$1]}" "${here[@]}" \
    memcached -t 1 -l "10.77.9.${number[$1]}" -p 11211
  server_answers "memcached_$1" memcached_at "$1" ||
    server_complain "memcached_$1"
}

start_host() {
  server_launch "my500_$1" ip netns exec "${ns[$1]}" env -i PATH="$PATH" \
    ASAN_OPTIONS="${ASAN_OPTIONS:-}:log_path=$T/sanitizer" \
    UBSAN_OPTIONS="print_stacktrace=1:log_path=$T/sanitizer" \
    MY500_DATABASE_URL="host=10.77.$((number[$1] + 1)).2 dbname=my500 user=my500" \
    MY500_MEMCACHED=10.77.9.1:11211,10.77.9.2:11211 \
    MY500_DATABASE_TIMEOUT=500 MY500_JWT_SECRET="$MY500_JWT_SECRET" \
    "$my500" --listen "unix:$T/$1.sock" --workers 2
  server_answers "my500_$1" test -S "$T/$1.sock" || server_complain "my500_$1"
}

# The host whose invalidator leads, by its log; nothing if none does.
leader() {
  local host
  for host in a b; do
    [[ $(grep -o 'invalidation_begun\|invalidation_ended' \
      "$T/my500_$host.log" | tail -n 1) != invalidation_begun ]] ||
      echo "$host"
  done
}
leads() {
  [[ $(leader) == "$1" ]]
}
somebody_leads() {
  [[ -n $(leader) ]]
}

# Whether what was committed has been acted on, at both servers, and counts.
# Of the numbers of users that are none, each server has to raise those that are
# its own.
has_settled() {
  local host keys=my500:1:e sets=() tells=() i
  for ((i = 0; i < 12; i++)); do
    keys+=" my500:1:g:nobody$i"
    sets+=("set my500:1:g:nobody$i 0 0 1" 1)
    tells+=(-c "NOTIFY my500, 'nobody$i'")
  done
  for host in a b; do
    memcached_at "$host" "${sets[@]}" >"$T/asked" || return 1
  done
  psql -Xq "${tells[@]}"
  sleep 0.1
  for host in a b; do
    memcached_at "$host" "get $keys" >"$T/asked" || return 1
    grep -q '^VALUE my500:1:e' "$T/asked" && grep -qx $'2\r' "$T/asked" ||
      return 1
  done
}

for host in a b; do
  start_memcached_at "$host"
done
for host in a b; do
  start_host "$host"
done
check 'one of two invalidators leads' wait_until somebody_leads
check 'both memcached have an epoch' wait_until has_settled

# --- peace, then faults

freshness_start "$T/a.sock" "$T/b.sock"
check "$answers answers in peace" freshness_wait "$answers"

freshness_phase killed "$FRESHNESS_GRACE"
server_stop memcached_b KILL
check 'without one memcached' freshness_wait "$some"
start_memcached_at b
check 'which comes back empty' freshness_wait $((some * 3))
wait_until has_settled

freshness_phase asleep "$FRESHNESS_LATE"
hang memcached_a
check 'while one sleeps' freshness_wait "$some"
resume memcached_a
check 'which wakes up with what it knew' freshness_wait $((some * 3))
check 'and is told' wait_until has_settled

freshness_phase parted "$FRESHNESS_LATE"
ip -n "${ns[a]}" link set to_b down
check "while each has its own memcached only" freshness_wait "$some"
ip -n "${ns[a]}" link set to_b up
add_routes
check 'and both again' freshness_wait $((some * 3))
check 'which are told' wait_until has_settled

freshness_phase cut "$FRESHNESS_LATE" down
first=$(leader)
other=a
[[ $first != a ]] || other=b
ip -n "${ns[$first]}" link set to_db down
check 'whose host is cut from PostgreSQL does not lead' wait_until leads "$other"
check 'but its workers answer' freshness_wait $((some / 5))
ip -n "${ns[$first]}" link set to_db up
check 'when it is mended' freshness_wait "$some"
check 'the other goes on' leads "$other"
wait_until has_settled

freshness_phase after "$FRESHNESS_GRACE"
check 'in the end all is as it was' freshness_wait "$some"

check 'every answer was whole, of its user, and in time' freshness_end
for phase in "${phases[@]}"; do
  is "$(freshness_number "$phase" violations)" 0 "$phase: no violation"
done
hits=$(freshness_number peace hit)
check "many were cached ($hits)" test "$hits" -gt $((answers / 5))
is "$(cat "$T"/my500_?.log | grep -c '"event":"\(worker\|invalidator\)_died"' ||
  true)" 0 'nobody has died'
for host in a b; do
  server_stop "my500_$host"
  is "$server_status" 0 "$host stops"
done
done_testing
