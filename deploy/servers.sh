# shellcheck shell=bash disable=SC2120
#
# Private servers in a temporary directory, for quickstart and the tests:
#
#   . deploy/servers.sh
#   trap servers_close EXIT
#   servers_open                    makes $servers_dir
#   postgres_start; memcached_start; my500_start …; lighttpd_start …
#
# Each *_start returns when the server answers; when it does not, the end of
# its log, $servers_dir/NAME.log, is shown and the status is 69.  All of them
# listen in $servers_dir, but for lighttpd, which takes a port of the loopback
# interface.  Only what was started here is ever stopped, by its process id.

servers_room=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$PATH:/usr/sbin:/sbin

declare -A server_pid=()
servers_started=()
as_service=() # prefix of the commands that must not run as root
as_worker=()  # prefix of my500.fcgi and lighttpd; empty: as who we are

servers_open() {
  local base=${TMPDIR:-/tmp} account=nobody
  # The path of a socket must fit into 107 bytes.
  ((${#base} <= 60)) || base=/tmp
  if ! servers_dir=$(mktemp -d "$base/my500.XXXXXX" 2>/dev/null); then
    echo "Cannot make a directory in $base:" \
      "set TMPDIR to one that you may write to." >&2
    return 73
  fi
  if ((EUID == 0)); then
    ! id postgres >/dev/null 2>&1 || account=postgres
    chown "$account" "$servers_dir"
    # Not su or runuser: they stay as parents and pass on signals their own way.
    as_service=(setpriv --reuid="$account" --regid="$(id -g "$account")"
      --init-groups --)
  fi
}

# Stops what runs, the last one started first.
servers_stop() {
  local i
  for ((i = ${#servers_started[@]} - 1; i >= 0; i--)); do
    server_stop "${servers_started[i]}"
  done
}

servers_close() {
  servers_stop
  [[ -z ${servers_dir:-} ]] || rm -rf "$servers_dir"
}

# server_launch NAME COMMAND…: in the background, and in a session of its own,
# so that Ctrl-C is for us to act upon.
server_launch() {
  local name=$1
  shift
  if server_is_running "$name"; then
    echo "server_launch: $name is running already" >&2
    return 64
  fi
  (cd "$servers_dir" && exec setsid "$@" </dev/null >>"$name.log" 2>&1) &
  server_pid[$name]=$!
  servers_started+=("$name")
}

server_is_running() {
  [[ -n ${server_pid[$1]:-} ]] && kill -0 "${server_pid[$1]}" 2>/dev/null
}

# server_answers NAME PROBE…: waits until the probe succeeds; fails when the
# server has ended, or after half a minute.
server_answers() {
  local name=$1 end=$((SECONDS + 30))
  shift
  until "$@" >/dev/null 2>&1; do
    server_is_running "$name" && ((SECONDS < end)) || return 1
    sleep 0.03
  done
}

server_complain() {
  echo "$1 does not run. Its last words:" >&2
  tail -n 15 "$servers_dir/$1.log" >&2
  return 69
}

# server_stop NAME [SIGNAL]: TERM, unless said otherwise; KILL after ten
# seconds.  Leaves the exit status in $server_status.
# shellcheck disable=SC2034
server_stop() {
  local name=$1 signal=${2:-TERM} pid=${server_pid[$1]:-} tries
  [[ -n $pid ]] || return 0
  # TERM would wait for PostgreSQL's clients to leave.
  [[ $name$signal != postgresTERM ]] || signal=INT
  kill "-$signal" "$pid" 2>/dev/null || true
  for ((tries = 0; tries < 500; tries++)); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.02
  done
  # The whole session: nothing of it may stay.
  kill -KILL -- "-$pid" 2>/dev/null || true
  server_status=0
  wait "$pid" 2>/dev/null || server_status=$?
  unset "server_pid[$name]"
}

# The newest installed PostgreSQL.
postgres_bin() {
  local initdb
  initdb=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V |
    tail -n 1) || initdb=$(command -v initdb) || return
  dirname "$initdb"
}

# postgres_start [NAME=VALUE…]: with these settings; starts it again on the data
# it had.  Then psql and its like reach it as superuser without more ado.
postgres_start() {
  local bin data=$servers_dir/data settings=("${@/#/--}")
  bin=$(postgres_bin)
  if [[ ! -d $data ]]; then
    (cd "$servers_dir" && "${as_service[@]}" "$bin/initdb" -D "$data" -N \
      -A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-instructions \
      >postgres.log 2>&1) || server_complain postgres || return
  fi
  # Debian's psql is a Perl program that finds this one, each time.
  [[ :$PATH: == *":$bin:"* ]] || PATH=$bin:$PATH
  [[ -n ${postgres_was_started:-} ]] || unset "${!PG@}"
  postgres_was_started=yes
  export PGHOST=$servers_dir PGPORT=5432 PGUSER=postgres
  server_launch postgres "${as_service[@]}" "$bin/postgres" -D "$data" \
    -k "$servers_dir" -p "$PGPORT" --listen_addresses= \
    --fsync=off --full_page_writes=off --synchronous_commit=off "${settings[@]}"
  server_answers postgres psql -Xqc 'SELECT 1' postgres ||
    server_complain postgres
}

# memcached_start [OPTION…]
memcached_start() {
  server_launch memcached "${as_service[@]}" memcached \
    -s "$servers_dir/memcached.sock" "$@"
  server_answers memcached memcached_ask version || server_complain memcached
}

# memcached_ask LINE…: sends the lines, prints all answers.
memcached_ask() {
  # shellcheck disable=SC2016 # the dollars are Perl's
  perl -MIO::Socket::UNIX -e 'alarm 5; my $socket =
    IO::Socket::UNIX->new(Peer => shift) or die "no connection: $!\n";
    print $socket "$_\r\n" for @ARGV, "quit"; print while <$socket>' \
    "$servers_dir/memcached.sock" "$@"
}

# my500_start BINARY WORKERS [NAME=VALUE…]: with these environment variables and
# hardly another.
my500_start() {
  local binary=$1 workers=$2
  shift 2
  server_launch my500 "${as_worker[@]}" env -i PATH="$PATH" "$@" \
    "$binary" --listen "unix:$servers_dir/my500.sock" --workers "$workers"
  server_answers my500 test -S "$servers_dir/my500.sock" ||
    server_complain my500
}

# lighttpd_start [PORT]: a free one by default; it is in $lighttpd_port after.
lighttpd_start() {
  local wanted=${1:-} proof=${servers_dir##*/}
  mkdir -p "$servers_dir/www"
  echo ok >"$servers_dir/www/$proof"
  # Where its user can read it, too.
  cp "$servers_room/lighttpd/limit.lua" "$servers_dir/limit.lua"
  chmod a+r "$servers_dir/limit.lua"
  # There is no app behind it, and no administrator beside it.
  sed -e "s|/run/my500/|$servers_dir/|" -e '/proxy\.server/d' \
    -e '/^# For this host alone/,$d' \
    -e "s|/etc/lighttpd/my500-|$servers_dir/|" \
    "$servers_room/lighttpd/my500.conf" >"$servers_dir/lighttpd-my500.conf"

  # Only binding tells whether a port is free: lighttpd does the asking.  What
  # answers must be ours, hence the proof.
  lighttpd_port=${wanted:-8500}
  while :; do
    printf '%s\n' "server.bind = \"127.0.0.1\"" \
      "server.port = $lighttpd_port" \
      "server.document-root = \"$servers_dir/www\"" \
      "server.upload-dirs = ( \"$servers_dir\" )" \
      "include \"lighttpd-my500.conf\"" >"$servers_dir/lighttpd.conf"
    : >"$servers_dir/lighttpd.log"
    server_launch lighttpd "${as_worker[@]}" \
      lighttpd -D -f "$servers_dir/lighttpd.conf"
    ! server_answers lighttpd curl -qsf --noproxy '*' --max-time 5 \
      "http://127.0.0.1:$lighttpd_port/$proof" || return 0

    server_stop lighttpd
    if ! grep -q 'Address already in use' "$servers_dir/lighttpd.log"; then
      server_complain lighttpd
      return
    elif [[ -n $wanted ]]; then
      echo "Port $wanted is in use: name another one, or none to have a" \
        "free one found." >&2
      return 69
    fi
    lighttpd_port=$((10000 + RANDOM % 20000))
  done
}
