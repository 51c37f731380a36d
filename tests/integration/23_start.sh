#!/bin/bash
#
# All ways to start it: spawn-fcgi, LISTEN_FDS, cgi-fcgi, plain CGI, --listen;
# --check, --help, and what is refused with which exit code.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"

need spawn-fcgi perl cgi-fcgi
start_postgres
load_schema -v users=2 -v contacts=5 -v big=5
start_memcached
export MY500_DATABASE_URL="postgresql://my500@localhost/my500?host=$T&port=5432"
export MY500_MEMCACHED=$memcached_setting
user=$(psql -XAtc 'SELECT id FROM users ORDER BY email LIMIT 1')
token=$(token "$user")
page_status() {
  fcgi /api/my-500 "$token" | status
}
is_served() {
  [[ $(page_status 2>/dev/null) == 200 ]]
}
ends() { # ends NAME: TERM to $pid, which then exits with 0
  local status=0
  kill "$pid"
  wait "$pid" || status=$?
  is "$status" 0 "$1"
}

# --- web servers' ways
spawn-fcgi -n -s "$T/my500.sock" -- "$my500" 2>"$T/my500.log" &
pid=$!
wait_until test -S "$T/my500.sock"
is "$(page_status)" 200 'by spawn-fcgi, on descriptor 0'
is "$(page_status)" 200 'and again'
ends 'TERM ends it'
rm -f "$T/my500.sock"

spawn-fcgi -n -s "$T/my500.sock" -- "$my500" --workers 2 2>"$T/my500.log" &
pid=$!
wait_until test -S "$T/my500.sock"
is "$(page_status)" 200 'by spawn-fcgi, with workers'
is "$(pgrep -cx my500.fcgi -P "$pid")" 2 'of which there are two'
ends 'TERM ends them'
rm -f "$T/my500.sock"

# systemd's socket activation, as sd_listen_fds(3) describes it.
# shellcheck disable=SC2016
perl -MIO::Socket::UNIX -MPOSIX=dup2 -e '$^F = 3;
  my $s = IO::Socket::UNIX->new(Local => shift, Listen => 5) or die;
  dup2(fileno $s, 3) or die; $ENV{LISTEN_FDS} = 1; $ENV{LISTEN_PID} = $$;
  open STDIN, "<", "/dev/null"; exec @ARGV' \
  "$T/my500.sock" "$my500" --workers 1 2>"$T/my500.log" &
pid=$!
wait_until test -S "$T/my500.sock"
is "$(page_status)" 200 'by LISTEN_FDS'
ends 'TERM ends it'
rm -f "$T/my500.sock"

# cgi-fcgi -start leaves descriptors 1 and 2 closed.
port=$((10000 + RANDOM % 20000))
cgi-fcgi -start -connect "$T/my500.sock" "$my500"
find_started() {
  pid=$(pgrep -n -f "^$my500\$")
}
wait_until find_started
is "$(page_status)" 200 'by cgi-fcgi, with closed descriptors'
is "$(page_status)" 200 'and again'
kill "$pid"
rm -f "$T/my500.sock"

# Plain CGI.
cgi() {
  env GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET SCRIPT_NAME=/api/my-500 \
    QUERY_STRING=limit=2 HTTP_AUTHORIZATION="Bearer $token" "$@" \
    "$my500" </dev/null 2>"$T/cgi.log"
}
cgi >"$T/answer"
is "$(status <"$T/answer")" 200 'as plain CGI'
is "$(body <"$T/answer" | jq '.data.contacts | length')" 2 'with its page'
cgi REQUEST_METHOD=HEAD >"$T/answer"
is "$(body <"$T/answer" | wc -c)" 0 'HEAD has no body there either'

# --- its own sockets
"$my500" --listen "127.0.0.1:$port" --workers 1 2>"$T/my500.log" &
pid=$!
for ((i = 0; i < 200; i++)); do
  answer=$(env -i PATH="$PATH" REQUEST_METHOD=GET SCRIPT_NAME=/healthz \
    cgi-fcgi -bind -connect "127.0.0.1:$port" 2>/dev/null | status) || true
  [[ $answer != 200 ]] || break
  sleep 0.02
done
is "$answer" 200 'on a TCP port'
ends 'TERM ends it'

"$my500" --listen "unix:$T/my500.sock" --workers 1 2>"$T/my500.log" &
pid=$!
wait_until test -S "$T/my500.sock"
is "$(stat -c %a "$T/my500.sock")" 660 'a unix socket is for its group'
status=0
"$my500" --listen "unix:$T/my500.sock" 2>"$T/second" || status=$?
is "$status" 78 'a second one is refused the same socket'
like "$(cat "$T/second")" 'MY500_LISTEN.*in use' 'and told why'
is "$(page_status)" 200 'which harms the first one nothing'
kill -KILL "$pid"
wait "$pid" 2>/dev/null || true
"$my500" --listen "unix:$T/my500.sock" --workers 1 2>"$T/my500.log" &
pid=$!
wait_until is_served
ok 0 'a socket left behind is taken over'
ends 'TERM ends it'

# --- the command line
refused() { # refused NAME STATUS REGEX [NAME=VALUE…] -- ARGUMENT…
  local name=$1 wanted=$2 regex=$3 status=0 environment=()
  shift 3
  while [[ $1 != -- ]]; do
    environment+=("$1")
    shift
  done
  shift
  env "${environment[@]}" "$my500" "$@" >"$T/out" 2>&1 </dev/null || status=$?
  is "$status" "$wanted" "$name: exit $wanted"
  like "$(cat "$T/out")" "$regex" 'and why'
}
refused 'no socket' 64 'no socket' --
refused 'an unknown option' 64 nonsense -- --nonsense
refused 'an argument' 64 unexpected -- unexpected
refused 'an unknown setting' 78 MY500_NONSENSE MY500_NONSENSE=1 -- --check
refused 'a value out of range' 78 'MY500_WORKERS.*1024' -- --workers 9999
refused 'a short secret' 78 'MY500_JWT_SECRET.*32' MY500_JWT_SECRET=short -- \
  --check
refused 'a bad URL' 78 MY500_DATABASE_URL \
  MY500_DATABASE_URL='postgresql://u:hidden@h:x/d' -- --check
is "$(grep -c hidden "$T/out")" 0 'and no password in it'
refused 'a misspelled parameter' 78 sslmod \
  MY500_DATABASE_URL='postgresql://h/d?sslmod=require' -- --check
refused 'a bad memcached' 78 MY500_MEMCACHED MY500_MEMCACHED=h:x -- --check
refused 'a bad network' 78 MY500_ADMIN_ALLOW MY500_ADMIN_ALLOW=1.2.3 -- --check
refused 'a directory that is not there' 78 MY500_LISTEN -- --listen \
  unix:/nonexistent/my500.sock
refused 'a path that is relative' 78 'MY500_LISTEN.*slash' -- --listen \
  unix:my500.sock --check
refused 'no address' 78 'MY500_ADMIN_LISTEN.*host:port' \
  MY500_ADMIN_LISTEN=nonsense -- --check
refused 'a bad second URL' 78 'MY500_LISTEN_URL.*address' \
  MY500_LISTEN_URL='postgresql://h:x/d' -- --check
refused 'a missing file' 78 '/nonexistent' -- --config /nonexistent
refused 'no database' 78 'can not be reached' \
  MY500_DATABASE_URL="host=$T/none dbname=x" -- --check
refused 'no memcached' 78 'can not be reached' \
  MY500_MEMCACHED="unix:$T/none" -- --check

refused 'all is well' 0 'database: ok' \
  MY500_DATABASE_URL="postgresql://my500:hidden@/my500?host=$T&schema=public\
&connection_limit=5&pool_timeout=2" -- --check
is "$(grep -c "hidden\|$MY500_JWT_SECRET" "$T/out")" 0 'secrets are masked'
check 'settings are shown' grep -qx 'MY500_JWT_SECRET=\*\*\*' "$T/out"
check 'the database too' grep -q '^MY500_DATABASE_URL=.*password=\*\*\*' \
  "$T/out"
psql -Xqc 'DROP INDEX my500_activities_latest'
refused 'a missing index' 0 'lacks the index my500_activities_latest' -- --check
psql -Xqc 'DROP INDEX my500_contacts_search'
refused 'a missing index for searches' 0 \
  'lacks the index my500_contacts_search: searches.*pg_trgm and btree_gin' \
  -- --check
printf '%s\n' '# a comment' "MY500_JWT_SECRET = '$MY500_JWT_SECRET'" \
  'MY500_USER_TTL=60' >"$T/my500.conf"
refused 'a file' 0 'MY500_USER_TTL=60' -u MY500_JWT_SECRET -- \
  --config "$T/my500.conf" --check
refused 'the environment wins' 0 'MY500_USER_TTL=70' MY500_USER_TTL=70 -- \
  --config "$T/my500.conf" --check
refused '--version' 0 '^my500 [0-9]' -- --version
refused '--help' 0 '--listen' -- --help
is "$(grep -c '@[A-Z]*@' "$abs_top_builddir/my500.fcgi.8")" 0 \
  'the manual page has its version'
done_testing
