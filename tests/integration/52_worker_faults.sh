#!/bin/bash
#
# Workers die, are told to stop, retire; web servers are silent, break off,
# keep connections, send too much: nobody else's request is lost.
# shellcheck disable=SC2016 # the dollars are Perl's
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"
UNCACHED=yes # requests are to wait for the database

need perl
start_postgres
load_schema -v users=3 -v contacts=50 -v big=50
start_memcached
start_my500

user=$(psql -XAtc 'SELECT id FROM users ORDER BY email LIMIT 1')
token=$(token "$user")
page() {
  fcgi /api/my-500 "$token" | status
}
pages() {
  local i
  for ((i = 0; i < ${1:-8}; i++)); do
    page
  done | sort | uniq -c | awk '{ printf "%s%s:%s", sep, $2, $1; sep = " " }'
}
gone() {
  local pid
  for pid; do
    ! kill -0 "$pid" 2>/dev/null || return 1
  done
}
end_peers() {
  pkill -P $$ -x perl || true
  wait_until no_peers
}
no_peers() {
  ! pgrep -P $$ -x perl >/dev/null
}
# be_peer CODE: becomes Perl with a connection to the socket in $s, and records
# in reach.
be_peer() {
  exec perl -MIO::Socket::UNIX -e '
    use strict;
    our $s = IO::Socket::UNIX->new(Peer => shift) or die "connect: $!";
    sub record { my ($type, $text) = @_;
      pack("CCnnCx", 1, $type, 1, length $text, 0) . $text }
    sub pair { pack("NN", map { length($_) | 0x80000000 } @_) . join "", @_ }
    sub begin { record(1, pack("nCx5", 1, shift // 0)) }
    sub params { my %p = (REQUEST_METHOD => "GET", SCRIPT_NAME => "/healthz",
        @_);
      my $text = join "", map { pair($_, $p{$_}) } sort keys %p;
      my $out = "";
      $out .= record(4, substr $text, 0, 60000, "") while length $text;
      $out . record(4, "") }
    sub no_body { record(5, "") }
    sub answer { my $all = ""; alarm 20;
      while (sysread $s, my $head, 8) {
        my (undef, $type, undef, $length, $padding) = unpack "CCnnCx", $head;
        my $left = $length + $padding; my $text = "";
        while ($left) { my $n = sysread $s, $text, $left, length $text;
          last unless $n; $left -= $n }
        $all .= substr $text, 0, $length if $type == 6;
        last if $type == 3 }
      alarm 0; $all }
    eval shift; die $@ if $@' "$T/my500.sock" "$1"
}
peer() (
  be_peer "$1"
)

# --- a worker dies
victim=$(worker_pids | head -n 1)
kill -KILL "$victim"
check 'a killed worker is replaced' wait_until eval \
  '! kill -0 "$victim" 2>/dev/null && has_all_workers'
is "$(pages 20)" 200:20 'and no request is lost'
like "$(grep worker_died "$T/my500.log")" "\"workerPid\":$victim.*\"signal\":9" \
  'one line tells how it died'
for ((i = 0; i < 40; i++)); do
  page || true
done >"$T/during" &
asking=$!
for ((i = 0; i < 3; i++)); do
  sleep 0.1
  kill -KILL "$(worker_pids | head -n 1)" 2>/dev/null || true
done
wait "$asking"
lost=$(grep -vc '^200$' "$T/during" || true)
check "killed under requests, at most its own is lost ($lost of 40)" \
  test "$lost" -le 3
wait_until has_all_workers
remember_workers

# --- peers that are no web server of ours
is "$(peer 'print $s begin(), params(), no_body(); print answer()' | status)" 200 \
  'a peer by hand is answered'
be_peer 'sleep 1' &
silent=$!
be_peer 'print $s begin(); sleep 1' &
half=$!
wait "$silent" "$half"
is "$(pages)" 200:8 'silent peers that leave harm nobody'
began=$(now_ms)
for ((i = 0; i < WORKERS; i++)); do
  be_peer 'sleep 60' &
  be_peer 'print $s begin(); sleep 60' &
done
sleep 0.2
is "$(page)" 200 'peers that stay silent hold a worker for some seconds only'
took=$(($(now_ms) - began))
check "at most five each ($took ms)" test "$took" -lt 20000
end_peers
# One that breaks off, and behind it one that is silent: libfcgi would accept
# the second one by itself, without our limit.
for pid in $(worker_pids); do
  kill -STOP "$pid"
done
for ((i = 0; i < WORKERS; i++)); do
  peer 'close $s'
  be_peer 'print $s begin(); sleep 60' &
done
sleep 0.2
for pid in $(worker_pids); do
  kill -CONT "$pid"
done
began=$(now_ms)
is "$(page)" 200 'nor does a silent one behind one that breaks off'
took=$(($(now_ms) - began))
check "at most five each ($took ms)" test "$took" -lt 20000
end_peers
is "$(peer 'print $s begin(), record(4, pair("REQUEST_METHOD", "GET") .
  pair("SCRIPT_NAME", "/healthz")); print answer()' | wc -c)" 0 \
  'half of the parameters are no request'
peer 'print $s "GET / HTTP/1.0\r\n\r\n" x 100' || true
peer 'print $s "\xff" x 70000' 2>/dev/null || true
is "$(pages)" 200:8 'what is no FastCGI is shut out'
peer 'print $s begin(), params(SCRIPT_NAME => "/api/my-500",
  HTTP_AUTHORIZATION => "Bearer '"$token"'", QUERY_STRING => "limit=100"), no_body();
  close $s'
is "$(pages)" 200:8 'a peer that leaves before its answer harms nobody'
is "$(peer 'print $s begin(), params(HTTP_X => "x" x 70000), no_body();
  print answer()' | status)" 400 'a header of 70,000 bytes is refused'
is "$(head -c 300000 /dev/zero |
  fcgi /api/my-500 "$token" REQUEST_METHOD=POST CONTENT_LENGTH=300000 |
  status)" 405 'a body is read and thrown away'

# --- kept connections
is "$(peer 'for (1 .. 3) { print $s begin(1), params(), no_body();
  print answer(), "\n" }' |
  grep -c '"status":"ok"')" 3 'a kept connection serves several requests'
is "$(peer 'print $s begin(1), params(CONTENT_LENGTH => 9000),
  record(5, "x" x 9000), record(5, ""); answer();
  print $s begin(1), params(), no_body(); print answer()' | status)" 200 \
  'also after a body that nobody wanted'
for ((i = 0; i < WORKERS; i++)); do
  be_peer 'print $s begin(1), params(), no_body(); answer(); sleep 60' &
done
sleep 0.3
began=$(now_ms)
is "$(pages)" 200:8 'kept connections that idle give their worker back'
took=$(($(now_ms) - began))
check "soon, not when they leave ($took ms)" test "$took" -lt 30000
end_peers

# --- signals in the middle of an answer that is read late
for signal in HUP USR1 TERM; do
  be_peer 'print $s begin(), params(SCRIPT_NAME => "/api/my-500",
    HTTP_AUTHORIZATION => "Bearer '"$token"'",
    QUERY_STRING => "limit=100&activities=20"), no_body(); sleep 1;
    print answer()' >"$T/slowly" &
  slowly=$!
  sleep 0.4
  for pid in $(worker_pids); do
    kill "-$signal" "$pid"
  done
  wait "$slowly"
  is "$(body <"$T/slowly" | wc -c)" "$(header Content-Length <"$T/slowly")" \
    "$signal cuts no answer"
done
wait_until has_all_workers
remember_workers
still_alive

# --- stopping: a request in hand is finished
stop_my500
start_my500 MY500_DATABASE_TIMEOUT=20000
lock_activities
page >"$T/late" &
late=$!
wait_until is_waited_for
pids=$(worker_pids)
kill -TERM "${server_pid[my500]}"
sleep 0.2
unlock_activities
stop_my500
wait "$late"
is "$(cat "$T/late")" 200 'SIGTERM: the request in hand is answered'
is "$server_status" 0 'and the exit status is 0'
# shellcheck disable=SC2086
check 'no worker is left' gone $pids
check 'nor the socket' test ! -e "$T/my500.sock"

start_my500
pids=$(worker_pids)
kill -KILL "${server_pid[my500]}"
# shellcheck disable=SC2086
check 'a killed supervisor takes its workers along' wait_until gone $pids
stop_my500

# --- idle workers sleep on: each time one is woken, not all
sleeps() { # how often they have gone to sleep since they began, all together
  local pid
  for pid in $(worker_pids); do
    cat "/proc/$pid/status"
  done | awk '/^voluntary_ctxt/ { sum += $2 } END { print sum }'
}
WORKERS=8
start_my500
before=$(sleeps)
for ((i = 0; i < 20; i++)); do
  fcgi /nothing | status
done >"$T/nothing"
is "$(sort -u "$T/nothing")" 404 'one request after the other'
woken=$(($(sleeps) - before))
check "wakes one worker of eight ($woken times in all)" test "$woken" -lt 80
policies() { # proc(5): 0 is the usual one, 3 that of batches
  local pid
  for pid; do
    sed 's/.*) //' "/proc/$pid/stat" | cut -d ' ' -f 39
  done | sort -u
}
ours=$(policies $$)
# shellcheck disable=SC2046
is "$(policies $(worker_pids))" "${ours/#0/3}" 'which stops nobody else'
is "$(policies "${server_pid[my500]}")" "$ours" 'unlike the supervisor'
stop_my500

# --- a single worker, which retires
WORKERS=0
start_my500
is "$(pages)" 200:8 'without a supervisor'
stop_my500
is "$server_status" 0 'SIGTERM ends it'
WORKERS=2
start_my500 MY500_MAX_REQUESTS=5
is "$(pages 40)" 200:40 'workers that retire lose no request'
check 'and are replaced' wait_until has_all_workers
is "$(worker_deaths)" "$remembered_deaths" 'which is no death'
before=$(worker_pids)
stop_my500
# shellcheck disable=SC2086
check 'and all of them stop' gone $before
done_testing
