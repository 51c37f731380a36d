#!/bin/bash
#
# deploy/quickstart: shows what it says, beside another one too; when it ends,
# and however it ends, no process and no file of it is left.

set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"

need jq lighttpd memcached postgres curl
[[ -w $abs_top_srcdir ]] || skip_all 'the source cannot be written to'

quickstart=$abs_top_srcdir/deploy/quickstart
# How fast the program is does not matter here, how fast it is built does.
export CFLAGS='-O1 -g0'
unset PORT MY500_JWT_SECRET "${!PG@}"
export TMPDIR=$T/q
mkdir "$TMPDIR"

# Whatever has its working directory or its files there.
left_behind() {
  ls -A "$TMPDIR"
  find /proc/[0-9]*/cwd -lname "$TMPDIR/*" -printf 'process: %p\n' 2>/dev/null
}

# says FILE REGEX: waits for a line.
says() {
  local tries
  for ((tries = 0; tries < 1200; tries++)); do
    ! grep -qE "$2" "$1" || return 0
    sleep 0.1
  done
  diag "$(cat "$1")"
  return 1
}

# refuses NAME REGEX COMMAND…: it fails, with a sentence that matches.
refuses() {
  local name=$1 wanted=$2 said status=0
  shift 2
  said=$("$@" 2>&1 >/dev/null) || status=$?
  check "$name: fails" test "$status" -ne 0
  like "$said" "$wanted" "$name: says what to do"
}

# Two at the same time: one builds, the other waits for it.
"$quickstart" >"$T/first" 2>&1 &
first=$!
server_pid[quickstart]=$first
servers_started+=(quickstart)
status=0
"$quickstart" --once >"$T/second" 2>"$T/second.log" || status=$?
is "$status" 0 'with --once it ends well, beside another one'
grep -v '^curl' "$T/second" >"$T/second.answer"
is "$(sed -n '/^{/,/^}/p' "$T/second.answer" | jq '.id | type')" '"string"' \
  'it shows a contact'
is "$(cat "$T/second.log")" '' 'it complains of nothing'

check 'the other one is there to stay' says "$T/first" '^Ctrl-C stops'
curl_line=$(grep '^curl ' "$T/first")
is "$(bash -c "${curl_line/curl/curl --noproxy \'*\'}" |
  jq -c '[.success, (.data.contacts | length)]')" '[true,1]' \
  'the curl line works as printed'

search=$(sed -n "s|^Search likewise: ||p" "$T/first")
is "$(bash -c "$(sed "s|'http[^']*'|'$search'|;s|curl|& --noproxy '*'|" \
  <<<"$curl_line")" | jq -c '.data.searchStats | [.query, .totalResults > 0]')" \
  '["anna",true]' 'and so does the search that it names'

port=$(sed -n 's|^lighttpd .*:\([0-9]*\)/$|\1|p' "$T/first")
refuses 'a busy port' "^Port $port is in use: .*" \
  env PORT="$port" "$quickstart" --once

server_stop quickstart
is "$server_status" 143 'TERM ends it'
is "$(left_behind)" '' 'nothing is left behind'

# Ctrl-C goes to the whole process group; who is started in the background
# ignores it unless told otherwise.
: >"$T/first"
# shellcheck disable=SC2016 # the dollar is Perl's
setsid perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' "$quickstart" \
  >"$T/first" 2>&1 &
pid=$!
check 'another one is there to stay' says "$T/first" '^Ctrl-C stops'
kill -INT -- "-$pid"
server_status=0
wait "$pid" || server_status=$?
is "$server_status" 130 'Ctrl-C ends it'
is "$(left_behind)" '' 'nothing is left behind'

# In the middle of things.
for moment in '^build' '^PostgreSQL' '^memcached'; do
  : >"$T/first"
  setsid "$quickstart" >"$T/first" 2>&1 &
  server_pid[quickstart]=$!
  check "it comes to $moment" says "$T/first" "$moment"
  server_stop quickstart
  is "$server_status" 143 "TERM at $moment ends it"
  is "$(left_behind)" '' 'nothing is left behind'
done

refuses 'a short secret' 'MY500_JWT_SECRET must .* 32 bytes' \
  env MY500_JWT_SECRET=short "$quickstart" --once
refuses 'a port that is none' 'choose a number from 1 to 65535' \
  env PORT=65536 "$quickstart" --once
refuses 'no directory for temporary files' 'set TMPDIR to one' \
  env TMPDIR="$T/missing" "$quickstart" --once
refuses 'an unknown option' '^usage: ' "$quickstart" --help-me
is "$(left_behind)" '' 'nothing is left behind'

done_testing
