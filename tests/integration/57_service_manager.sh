#!/bin/bash
#
# Started as systemd would: with the listening socket as descriptor 3, a socket
# to be told on, and a watchdog.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"

need perl
start_postgres
load_schema -v users=1 -v contacts=5 -v big=5
start_memcached
user=$(psql -XAtc 'SELECT id FROM users ORDER BY email LIMIT 1')
token=$(token "$user")

# The manager: each message, its lines joined by blanks, is a line of its log.
cat >"$T/manager.pl" <<'PERL'
use strict;
use warnings FATAL => 'all';
use Fcntl;
use Socket;

my ($room, @command) = @ARGV;
$| = 1;
socket my $notify, PF_UNIX, SOCK_DGRAM, 0 or die "socket: $!\n";
bind $notify, pack_sockaddr_un("$room/notify.sock") or die "bind: $!\n";
chmod 0666, "$room/notify.sock";
socket my $listen, PF_UNIX, SOCK_STREAM, 0 or die "socket: $!\n";
bind $listen, pack_sockaddr_un("$room/my500.sock") or die "bind: $!\n";
listen $listen, 64 or die "listen: $!\n";
my $pid = fork // die "fork: $!\n";
if (!$pid) {
  require POSIX;
  POSIX::dup2(fileno $listen, 3) // die "dup2: $!\n";
  @ENV{qw(LISTEN_PID LISTEN_FDS NOTIFY_SOCKET WATCHDOG_USEC WATCHDOG_PID)}
    = ($$, 1, "$room/notify.sock", 1_000_000, $$);
  exec @command or die "exec: $!\n";
}
print "PID=$pid\n";
$SIG{TERM} = sub { kill 'KILL', $pid; exit 1 };
$SIG{CHLD} = sub { waitpid $pid, 0; print "EXIT=", $? >> 8, "\n"; exit };
while (1) {
  recv($notify, my $message, 4096, 0) // next;
  print join(' ', split /\n/, $message), "\n";
}
PERL
manage() { # DIRECTORY: as the settings in it say
  server_launch manager perl "$T/manager.pl" "$1" env \
    ASAN_OPTIONS="${ASAN_OPTIONS:-}:log_path=$T/sanitizer" \
    MY500_DATABASE_URL="host=$T port=$PGPORT dbname=my500 user=my500" \
    MY500_MEMCACHED="$memcached_setting" "$my500" --config "$1/my500.conf"
}

said() { # said REGEX [TIMES]
  (($(grep -cE "$1" "$T/manager.log") >= ${2:-1}))
}
tell() { # tell SIGNAL
  kill "-$1" "$(sed -n 's/^PID=//p' "$T/manager.log")"
}

mkdir "$T/alone"
echo '# nothing' >"$T/alone/my500.conf"
manage "$T/alone"
check 'without a number of workers it ends' wait_until said '^EXIT=78$'
like "$(cat "$T/manager.log")" '"setting":"MY500_WORKERS".*expected how many' \
  'and says what is missing: one alone would never tell that it is ready'
wait "${server_pid[manager]}" || true
unset 'server_pid[manager]'
rm "$T/manager.log"

echo MY500_WORKERS=2 >"$T/my500.conf"
manage "$T"
check 'READY=1 when all serve' wait_until said '(^| )READY=1( |$)'
is "$(fcgi /api/my-500 "$token" | status)" 200 'on the socket that was passed'
check 'the watchdog is fed' wait_until said '(^| )WATCHDOG=1( |$)' 2
tell HUP
check 'RELOADING=1, with the time, when it reloads' wait_until said \
  '(^| )RELOADING=1 MONOTONIC_USEC=[0-9]+( |$)'
check 'and READY=1 when that is done' wait_until said '(^| )READY=1( |$)' 2
is "$(fcgi /api/my-500 "$token" | status)" 200 'it serves'
for workers in 1 3; do
  echo "MY500_WORKERS=$workers" >"$T/my500.conf"
  times=$(grep -cE '(^| )READY=1( |$)' "$T/manager.log")
  tell HUP
  check "done, too, with another number of workers: $workers" \
    wait_until said '(^| )READY=1( |$)' $((times + 1))
done
tell TERM
check 'STOPPING=1 when it stops' wait_until said '(^| )STOPPING=1( |$)'
check 'with 0' wait_until said '^EXIT=0$'
done_testing
