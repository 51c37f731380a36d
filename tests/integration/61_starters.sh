#!/bin/bash
#
# What starts the workers in place of a web server: spawn-fcgi by our script,
# and systemd by our units, as far as they can be tried without being process 1.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"
. "$abs_top_srcdir/tests/support/cache.sh"

need spawn-fcgi systemd-analyze systemd-socket-activate
WORKERS=2
start_postgres
load_schema -v users=2 -v contacts=5 -v big=5
start_memcached
# Where other users can reach it, too.
chmod 0755 "$T"
install -m 0755 "$my500" "$T/my500.fcgi"
my500=$T/my500.fcgi
{
  echo "MY500_DATABASE_URL=host=$T port=$PGPORT dbname=my500 user=my500"
  echo "MY500_MEMCACHED=$memcached_setting"
  echo "MY500_JWT_SECRET=$MY500_JWT_SECRET"
  echo 'MY500_WORKERS=2'
} >"$T/my500.conf"
user=$(psql -XAtc 'SELECT id FROM users ORDER BY email LIMIT 1')
token=$(token "$user")

at= # the socket is there, in $T
answers() {
  [[ $(T=$T$at fcgi /api/my-500 "$token" | status) == 200 ]]
}
is_cached() {
  [[ $(T=$T$at fcgi /api/my-500 "$token" | cache_use) == hit ]]
}

# --- spawn-fcgi
at=/run
account=$(stat -c %U "$T")
group=$(id -gn "$account")
((EUID != 0)) || group=www-data
cp "$T/my500.conf" "$T/spawned.conf"
echo "MY500_ADMIN_LISTEN=unix:$T$at/admin.sock" >>"$T/spawned.conf"
spawned() { # spawned ARGUMENT…; sets $pids
  rm -f "$T$at/my500.sock"
  SPAWN_PROGRAM=$my500 SPAWN_SETTINGS=$T/spawned.conf \
    SPAWN_SOCKET=$T$at/my500.sock \
    SPAWN_PIDS=$T/pids SPAWN_USER=$account SPAWN_GROUP=$group \
    "$abs_top_srcdir/deploy/spawn-fcgi/my500" "$@" >"$T/spawned"
  # shellcheck disable=SC2207 # numbers
  pids=($(cat "$T/pids"))
}
end_spawned() {
  local pid
  kill "${pids[@]}"
  for pid in "${pids[@]}"; do
    wait_until is_gone "$pid"
  done
}
is_gone() {
  ! kill -0 "$1" 2>/dev/null
}

spawned supervised
check 'supervised by spawn-fcgi it serves' wait_until answers
is "${#pids[@]}" 1 'one process is told of'
is "$(pgrep -c -P "${pids[0]}" -x my500.fcgi)" 2 'which has the workers'
check 'and somebody who listens' wait_until is_cached
is "$(stat -c '%G %a' "$T$at"/*.sock)" "$group 660
$group 660" 'the sockets are for the group'
check 'it ends when told' end_spawned

spawned workers 3
check 'three workers by spawn-fcgi serve' wait_until answers
is "${#pids[@]}" 3 'and are told of'
server_launch invalidator "$my500" --config "$T/my500.conf" --invalidator
check 'with an invalidator beside them pages are cached' wait_until is_cached
server_stop invalidator
check 'they end when told' end_spawned
status=0
"$abs_top_srcdir/deploy/spawn-fcgi/my500" nonsense 2>"$T/usage" || status=$?
is "$status $(cat "$T/usage")" '64 usage: my500 supervised | my500 workers N' \
  'it says what it can do'

# --- systemd
at=
mkdir "$T/units"
for unit in my500.service my500.socket my500-invalidator.service; do
  sed -e "s|/usr/local/libexec/my500/my500.fcgi|$my500|" \
    -e "s|/etc/my500/my500.conf|$T/my500.conf|" \
    "$abs_top_srcdir/deploy/systemd/$unit" >"$T/units/$unit"
done
# Of a system that has no manual installed, and users that are not there.
verified=$(SYSTEMD_UNIT_PATH=$T/units: systemd-analyze verify --man=no \
  "$T"/units/* 2>&1 | grep -F my500 || true)
is "$verified" '' 'systemd finds no fault with the units'
exposes_little() { # 1.5 of 10 at most, as systemd sees it
  systemd-analyze security --no-pager --offline=true --threshold=15 \
    "$T/units/$1" >"$T/security"
}
for unit in my500.service my500-invalidator.service; do
  check "$unit exposes little" exposes_little "$unit"
  diag "$(tail -n 1 "$T/security")"
done

start=$(sed -n 's/^ExecStart=//p' "$T/units/my500.service")
rm -f "$T/my500.sock"
# shellcheck disable=SC2086 # words
server_launch activated systemd-socket-activate -l "$T/my500.sock" $start
check 'started by its socket it serves' wait_until answers
check 'with somebody who listens' wait_until is_cached
kill -HUP "${server_pid[activated]}"
check 'reloaded it serves' wait_until answers
server_stop activated
is "$server_status" 0 'it ends when told'
done_testing
