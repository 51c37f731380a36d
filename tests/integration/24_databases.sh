#!/bin/bash
#
# The database, reached in other ways: a schema of its own, several hosts,
# without prepared statements, through PgBouncer in transaction mode.  The page
# is the same by all of them.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"

need pgbouncer jq
start_postgres
load_schema -v users=3 -v contacts=50 -v big=50
user=$(psql -XAtc 'SELECT id FROM users ORDER BY email LIMIT 1')
token=$(token "$user")
page() { # several, for there are several workers
  local i answer
  for ((i = 0; i < 12; i++)); do
    answer=$(fcgi '/api/my-500?limit=100&activities=20' "$token")
    [[ $(status <<<"$answer") == 200 ]] || status <<<"$answer"
    body <<<"$answer" | jq -S .data | sha256sum
  done | sort -u
}
restarted() { # restarted [NAME=VALUE…]: the worker with these settings
  stop_my500
  start_my500 "$@"
}

WORKERS=4
start_my500
wanted=$(page)
is "$(wc -l <<<"$wanted")" 1 'directly'

restarted MY500_DATABASE_URL="postgresql://my500@/my500?host=$T/none,$T&port=1,\
5432&schema=public&connection_limit=5&sslmode=disable"
is "$(page)" "$wanted" 'several hosts, of which the first is away'
check 'what only Prisma understands is dropped with a line' \
  grep -q '"event":"url_parameters_dropped".*connection_limit' "$T/my500.log"

restarted MY500_PREPARE=off
is "$(page)" "$wanted" 'without prepared statements'
still_alive

# --- PgBouncer
printf '%s\n' '[databases]' "my500 = host=$T port=5432 dbname=my500" \
  '[pgbouncer]' "unix_socket_dir = $T" 'listen_port = 6432' 'listen_addr =' \
  'pool_mode = transaction' 'default_pool_size = 2' 'auth_type = trust' \
  "auth_file = $T/users.txt" >"$T/pgbouncer.ini"
echo '"my500" ""' >"$T/users.txt"
server_launch pgbouncer "${as_service[@]}" pgbouncer "$T/pgbouncer.ini"
server_answers pgbouncer test -S "$T/.s.PGSQL.6432"

bouncer="postgresql://my500@/my500?host=$T&port=6432&schema=public"
restarted MY500_DATABASE_URL="$bouncer&pgbouncer=true"
is "$(page)" "$wanted" 'pgbouncer=true: four workers share two sessions'
restarted MY500_DATABASE_URL="$bouncer" MY500_PREPARE=off
is "$(page)" "$wanted" 'and so by MY500_PREPARE=off'
server_stop pgbouncer
is "$(fcgi /api/my-500 "$token" | status)" 503 'PgBouncer away: 503'
server_launch pgbouncer "${as_service[@]}" pgbouncer "$T/pgbouncer.ini"
server_answers pgbouncer test -S "$T/.s.PGSQL.6432"
is "$(page)" "$wanted" 'and back'
still_alive
stop_my500

# --- a schema that is not public, with a name that wants quotes
psql -Xq -c 'CREATE SCHEMA "My ""CRM"""' \
  -c 'GRANT USAGE ON SCHEMA "My ""CRM""" TO my500' \
  -c 'ALTER TABLE users SET SCHEMA "My ""CRM"""' \
  -c 'ALTER TABLE contacts SET SCHEMA "My ""CRM"""' \
  -c 'ALTER TABLE activities SET SCHEMA "My ""CRM"""'
start_my500 \
  MY500_DATABASE_URL="postgresql://my500@/my500?host=$T&schema=My%20%22CRM%22"
is "$(page)" "$wanted" 'another schema'
restarted MY500_PREPARE=off \
  MY500_DATABASE_URL="postgresql://my500@/my500?host=$T&schema=My%20%22CRM%22"
is "$(page)" "$wanted" 'also without prepared statements'
still_alive
stop_my500
psql -Xqc 'ALTER ROLE my500 RESET ALL'
server_stop pgbouncer
server_launch pgbouncer "${as_service[@]}" pgbouncer "$T/pgbouncer.ini"
server_answers pgbouncer test -S "$T/.s.PGSQL.6432"
start_my500 MY500_DATABASE_URL="$bouncer&pgbouncer=true" MY500_SLOW_QUERY=0 \
  MY500_DATABASE_TIMEOUT=400
is "$(fcgi /api/my-500 "$token" | status)" 500 \
  'schema=public is meant, also through PgBouncer'
done_testing
