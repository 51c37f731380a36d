# shellcheck shell=bash disable=SC2120
#
# What the integration tests have in common.  A script begins with
#
#   set -euo pipefail
#   . "${srcdir:-.}/tests/support/lib.sh"
#
# and may be run by hand, from the checkout, with the program in build/ (or in
# $abs_top_builddir).  $T is its own temporary directory.  Servers and directory
# are gone when it ends, however it ends.

abs_top_srcdir=${abs_top_srcdir:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." &&
  pwd)}
abs_top_builddir=${abs_top_builddir:-$abs_top_srcdir/build}
my500=$abs_top_builddir/my500.fcgi

. "$abs_top_srcdir/deploy/servers.sh"

WORKERS=${WORKERS:-2}
MY500_JWT_SECRET=${MY500_JWT_SECRET:-the secret of the tests, 32 bytes and more}
export MY500_JWT_SECRET

# --- TAP ---------------------------------------------------------------------

tests_run=0
tests_failed=0

plan() {
  echo "1..$1"
}

# Instead of a plan, as the last thing.
done_testing() {
  plan "$tests_run"
}

diag() {
  printf '%s\n' "$*" | sed 's/^/# /'
}

skip_all() {
  echo "1..0 # SKIP $*"
  exit 0
}

# ok STATUS NAME: as of a command's exit status.
ok() {
  tests_run=$((tests_run + 1))
  if (($1 == 0)); then
    echo "ok $tests_run - $2"
  else
    tests_failed=$((tests_failed + 1))
    echo "not ok $tests_run - $2"
  fi
}

# check NAME COMMAND…
check() {
  local name=$1 status=0
  shift
  "$@" || status=$?
  ok "$status" "$name"
}

# is GOT WANTED NAME
is() {
  if [[ $1 == "$2" ]]; then
    ok 0 "$3"
  else
    ok 1 "$3"
    diag "got:    $1"
    diag "wanted: $2"
  fi
}

# like GOT REGEX NAME
like() {
  if [[ $1 =~ $2 ]]; then
    ok 0 "$3"
  else
    ok 1 "$3"
    diag "got:          $1"
    diag "wanted match: $2"
  fi
}

# --- beginning and end -------------------------------------------------------

# need PROGRAM…: skips the script when one is missing (tests/run installs them).
need() {
  local program
  for program; do
    case $program in
      postgres) postgres_bin >/dev/null ;;
      *) command -v "$program" >/dev/null ;;
    esac || skip_all "no $program here"
  done
}

# A report of ASan, UBSan or LSan, from wherever it was written to.
sanitizer_reports() {
  # So LeakSanitizer says of what was killed while it looked for leaks.
  cat "$T"/sanitizer.* 2>/dev/null |
    grep -v '^==[0-9]*==Unable to get registers from thread [0-9]*\.$' || true
  grep -hE -A 30 'runtime error: |ERROR: [A-Za-z]+Sanitizer' \
    "$T"/*.log 2>/dev/null || true
}

finish() {
  local status=$? reports log T=${servers_dir:-/nonexistent}
  # Whoever read our output may be gone already.
  trap '' HUP INT PIPE TERM
  set +e
  resume_all
  servers_stop
  # Only now: leaks are reported at the program's end.
  reports=$(sanitizer_reports)
  if [[ -n $reports ]]; then
    diag "$reports"
    status=1
  fi
  if ((tests_failed > 0 || (status > 0 && status < 128))); then
    for log in "$T"/*.log; do
      [[ -s $log ]] || continue
      diag "--- the end of ${log##*/}"
      diag "$(tail -n 20 "$log")"
    done
  fi
  servers_close
  exit "$status"
}

# Told to end, as when it takes too long: where it was, by all callers.
interrupted() {
  local command=$BASH_COMMAND frame=0 caller
  diag "told to end, after $tests_run tests, at: $command"
  while caller=$(caller "$frame"); do
    diag "  in $caller"
    frame=$((frame + 1))
  done
  tests_failed=$((tests_failed + 1))
  exit 143
}

[[ -x $my500 ]] || {
  echo "Bail out! $my500 is missing: build it first"
  exit 99
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap interrupted TERM
servers_open
T=$servers_dir

# --- servers -----------------------------------------------------------------

start_postgres() {
  need postgres psql
  postgres_start shared_preload_libraries=pg_stat_statements \
    pg_stat_statements.track=all "$@"
}

# load_schema [-v NAME=VALUE…]: the database my500 with sample data (variables
# of schema/sample.sql); psql and its like use it from now on.  With UNCACHED=yes
# without the triggers, so that every page is read from it.
load_schema() {
  local file files=(tables role sample indexes)
  [[ -n ${UNCACHED:-} ]] || files+=(notify)
  createdb my500
  export PGDATABASE=my500
  for file in "${files[@]}"; do
    psql -Xq -v ON_ERROR_STOP=1 "$@" -f "$abs_top_srcdir/schema/$file.sql" \
      >"$T/schema.log" 2>&1 || server_complain schema || return
  done
  psql -Xq -c 'CREATE EXTENSION pg_stat_statements' -c 'VACUUM ANALYZE'
}

start_memcached() {
  need memcached
  memcached_start "$@"
  memcached_setting=unix:$T/memcached.sock
}
memcached_setting=

# start_my500 [NAME=VALUE…]: with $WORKERS workers; without memcached when none
# was ever started.  The log is $T/my500.log.
start_my500() {
  need cgi-fcgi pgrep
  my500_start "$my500" "$WORKERS" \
    ASAN_OPTIONS="${ASAN_OPTIONS:-}:log_path=$T/sanitizer" \
    UBSAN_OPTIONS="print_stacktrace=1:log_path=$T/sanitizer" \
    MY500_DATABASE_URL="host=$T port=${PGPORT:-5432} dbname=my500 user=my500" \
    MY500_MEMCACHED="$memcached_setting" \
    MY500_JWT_SECRET="$MY500_JWT_SECRET" "$@"
  server_answers my500 is_healthy || server_complain my500 || return
  server_answers my500 has_all_workers || server_complain my500 || return
  remember_workers
}

is_healthy() {
  [[ $(fcgi /healthz | status) == 200 ]]
}

has_all_workers() {
  ((WORKERS == 0 || $(worker_pids | wc -l) >= WORKERS))
}

# Sets $URL.
start_lighttpd() {
  need lighttpd curl
  lighttpd_start "$@"
  URL=http://127.0.0.1:$lighttpd_port
}

stop_postgres() { server_stop postgres "$@"; }
stop_memcached() { server_stop memcached "$@"; }
stop_my500() { server_stop my500 "$@"; }
stop_lighttpd() { server_stop lighttpd "$@"; }

# For WHERE, about pg_stat_statements: what pages are made of, not what the
# invalidator asks all the while.
# shellcheck disable=SC2034 # the scripts use it
of_pages="rolname = 'my500'
  AND query !~ 'pg_try_advisory_lock|pg_trigger|LISTEN|DISTINCT c[.]'"

# wait_until COMMAND…: until it succeeds; fails after 20 seconds.
wait_until() {
  local end=$((SECONDS + 20))
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.05
  done
}

# Milliseconds since the shell began, for bounds that a hang would break.
now_ms() {
  echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

# lock_activities: nobody reads them until unlock_activities.
lock_activities() {
  mkfifo "$T/locker"
  psql -Xq <"$T/locker" >"$T/lock.log" &
  locker=$!
  exec 7>"$T/locker"
  rm "$T/locker"
  echo 'BEGIN; LOCK TABLE activities IN ACCESS EXCLUSIVE MODE;' >&7
  wait_until is_locked
}

unlock_activities() {
  echo 'COMMIT;' >&7
  exec 7>&-
  wait "$locker"
}

is_locked() {
  [[ $(psql -XAtc "SELECT count(*) FROM pg_locks WHERE granted
    AND mode = 'AccessExclusiveLock'
    AND relation = 'activities'::regclass") != 0 ]]
}

# A worker waits for that lock: a request is in hand.
is_waited_for() {
  [[ $(psql -XAtc "SELECT count(*) FROM pg_locks WHERE NOT granted
    AND relation = 'activities'::regclass") != 0 ]]
}

# --- servers that hang -------------------------------------------------------

# The parent first, so that it has no new children; then those it has.
hang() {
  local pid=${server_pid[$1]}
  kill -STOP "$pid"
  pkill -STOP -P "$pid" || true
  hung+=" $1"
}
hung=

resume() {
  local pid=${server_pid[$1]:-}
  [[ -n $pid ]] || return 0
  pkill -CONT -P "$pid" || true
  kill -CONT "$pid" || true
}

resume_all() {
  local name
  for name in $hung; do
    resume "$name"
  done
}

hang_postgres() { hang postgres; }
hang_memcached() { hang memcached; }
resume_postgres() { resume postgres; }
resume_memcached() { resume memcached; }

# --- workers -----------------------------------------------------------------

worker_pids() {
  if ((WORKERS == 0)); then
    echo "${server_pid[my500]}"
  else
    pgrep -x my500.fcgi -P "${server_pid[my500]}" # not the invalidator
  fi
}

worker_deaths() {
  grep -c '"event":"worker_died"' "$T/my500.log" || true
}

# What still_alive compares with: as of the last start_my500, or of the last
# call, after a worker was killed on purpose.
remember_workers() {
  remembered_workers=$(worker_pids)
  remembered_deaths=$(worker_deaths)
}

# One test, for the end of a script: nothing has died, nothing was reported.
still_alive() {
  is "$(worker_pids | tr '\n' ' ')deaths: $(worker_deaths)" \
    "${remembered_workers//$'\n'/ } deaths: $remembered_deaths" \
    'the workers are still alive'
  [[ -z $(sanitizer_reports) ]] || ok 1 'and no sanitizer has complained'
}

# --- requests ----------------------------------------------------------------

# token USERID [SECONDS]
token() {
  "$abs_top_srcdir/deploy/token" "$@"
}

# fcgi PATH[?QUERY] [TOKEN [NAME=VALUE…]]: one request straight to the socket;
# the raw answer.  TOKEN may be empty; NAME=VALUE are FastCGI parameters.  With
# a CONTENT_LENGTH, standard input is the body.
fcgi() {
  local uri=$1 token=${2:-} query='' input=/dev/null
  shift $(($# > 1 ? 2 : 1))
  [[ $uri != *\?* ]] || query=${uri#*\?}
  [[ " $*" != *' CONTENT_LENGTH='* ]] || input=/dev/stdin
  timeout 30 env -i PATH="$PATH" GATEWAY_INTERFACE=CGI/1.1 \
    SERVER_PROTOCOL=HTTP/1.1 REQUEST_METHOD=GET REQUEST_URI="$uri" \
    SCRIPT_NAME="${uri%%\?*}" QUERY_STRING="$query" REMOTE_ADDR=127.0.0.1 \
    ${token:+HTTP_AUTHORIZATION="Bearer $token"} "$@" \
    cgi-fcgi -bind -connect "$T/my500.sock" <"$input"
}

# http PATH[?QUERY] [TOKEN [CURL-OPTION…]]: through lighttpd; the raw answer.
http() {
  local path=$1 token=${2:-}
  shift $(($# > 1 ? 2 : 1))
  curl -qsi --noproxy '*' --max-time 30 --path-as-is \
    ${token:+-H "Authorization: Bearer $token"} "$@" "$URL$path"
}

# Filters of a raw answer.  They read all of it, so that nobody gets a SIGPIPE.

status() {
  awk '
    { sub(/\r$/, "") }
    NR == 1 && /^HTTP\// { status = $2 }
    $0 == "" { in_body = 1 }
    !in_body && tolower($1) == "status:" { status = $2 }
    END { print status ? status : (NR > 0 ? 200 : "no answer") }'
}

header() {
  awk -v name="$1" '
    { sub(/\r$/, "") }
    $0 == "" { in_body = 1 }
    in_body { next }
    tolower(substr($0, 1, length(name) + 1)) == tolower(name) ":" {
      value = substr($0, length(name) + 2)
      sub(/^[ \t]+/, "", value)
      print value
    }'
}

body() {
  sed '1,/^\r\{0,1\}$/d'
}
