#!/bin/bash
#
# Measures pages through lighttpd, uncached: requests a second, p50, p99, and
# the workers' memory, for 20 contacts with 5 activities each:
#
#   tests/bench/page.sh [SECONDS [WORKERS [CONNECTIONS]]]
#
# builds with gcc -O2, starts private servers with the sample data (20 users of
# 500), and prints a table: one hot page, random users and pages, and the same
# road for a refused request, which has neither database nor page.  Needs wrk.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
seconds=${1:-10}
WORKERS=${2:-8}
connections=${3:-8}

command -v wrk >/dev/null || {
  echo 'wrk is missing: apt-get install wrk' >&2
  exit 69
}
build=$(mktemp -d)
[[ -e $top/configure ]] || autoreconf -i "$top"
(cd "$build" && "$top/configure" && make -s -j2 my500.fcgi) >"$build/log" 2>&1 ||
  { tail "$build/log" >&2; exit 70; }

abs_top_builddir=$build
. "$top/tests/support/lib.sh"
trap 'rm -rf "$build"; finish' EXIT

start_postgres shared_buffers=512MB
load_schema
start_memcached
start_my500
start_lighttpd

# wrk takes its requests from here: one token and query a line.
psql -XAtc 'SELECT "userId" FROM contacts GROUP BY 1
  HAVING count(*) = 500 ORDER BY 1' >"$T/users"
while read -r user; do
  printf '%s ' "$(token "$user")"
done <"$T/users" >"$T/tokens"
cat >"$T/random.lua" <<'LUA'
local tokens = {}
for token in io.open(os.getenv("TOKENS")):read("a"):gmatch("%S+") do
  tokens[#tokens + 1] = "Bearer " .. token
end
math.randomseed(500)
function request()
  return wrk.format("GET", "/api/my-500?limit=20&activities=5&page=" ..
    math.random(25), { Authorization = tokens[math.random(#tokens)] })
end
LUA

hot=$(token "$(head -n 1 "$T/users")")
load() { # load NAME WRK-ARGUMENT…
  local name=$1
  shift
  TOKENS=$T/tokens wrk -t1 -c"$connections" -d"${seconds}s" --latency "$@" \
    >"$T/wrk.log"
  awk -v name="$name" '
    $1 == "50%" { p50 = $2 }
    $1 == "99%" { p99 = $2 }
    $1 == "Requests/sec:" { rate = $2 }
    $1 == "Non-2xx" { failed = $NF }
    END { printf "%-28s %10.0f %10s %10s %8d\n", name, rate, p50, p99, failed }
  ' "$T/wrk.log"
}

printf '%-28s %10s %10s %10s %8s\n' \
  "$WORKERS workers, $connections clients" requests/s p50 p99 "not 2xx"
for round in 1 2 3; do
  load "one page ($round)" -H "Authorization: Bearer $hot" \
    "$URL/api/my-500?limit=20&activities=5"
  load "random users, pages ($round)" -s "$T/random.lua" "$URL/"
  load "401, no database ($round)" "$URL/api/my-500"
done
printf '%s\n' "memory of a worker after all that (RSS, KiB):"
worker_pids | while read -r pid; do
  awk '/^VmRSS/ { printf " %d", $2 }' "/proc/$pid/status"
done
echo
