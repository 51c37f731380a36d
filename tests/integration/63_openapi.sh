#!/bin/bash
#
# deploy/openapi.yaml: a valid document, which says of answers of every kind all
# that is true and nothing else, and of the parameters what they may be.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"
. "$abs_top_srcdir/tests/support/cache.sh"

document=$abs_top_srcdir/deploy/openapi.yaml
openapi() { # openapi COMMAND…
  "$abs_top_srcdir/tests/support/openapi.py" "$document" "$@" 2>&1
}
/usr/bin/python3 -c 'import jsonschema, yaml' 2>/dev/null ||
  skip_all 'no python3-jsonschema or python3-yaml here'
[[ -d /usr/share/openapi-specification ]] ||
  skip_all 'no openapi-specification here'
need jq

# --- the document itself
is "$(openapi document)" '' 'the document is valid'
for spoilt in 's/type: integer/type: int/' 's/^      responses: /      x: /' \
  's/schemas.Health/schemas_Health/'; do
  sed "$spoilt" "$document" >"$T/spoilt.yaml"
  like "$(document=$T/spoilt.yaml openapi document)" . "but not after $spoilt"
done

# --- answers
start_postgres
load_schema -v users=3 -v contacts=130 -v activities=4 -v big=10
start_memcached
mkdir "$T/admin" "$T/answers"
start_my500 MY500_CORS_ORIGINS=https://crm.example \
  MY500_ADMIN_LISTEN="unix:$T/admin/my500.sock"
user_of() { psql -XAtc "SELECT id FROM users WHERE email LIKE 'user00$1@%'"; }
user=$(user_of 1)
token=$(token "$user")

# ask STATUS METHOD TARGET [TOKEN [NAME=VALUE…]]: $answer is the file with the
# answer.  $origin: who asks; $admin: at the admin worker's socket; $as: the path
# that the document has for it, if another.
ask() {
  local got about=${5:-}
  answers=$((answers + 1))
  printf -v answer %s/answers/%03d "$T" "$answers"
  echo "$2 ${as:-${3%%\?*}}" >"$answer"
  T=$T${admin:+/admin} fcgi "$3" "${4:-}" REQUEST_METHOD="$2" \
    HTTP_ORIGIN="$origin" "${@:5}" >>"$answer"
  { read -r && read -r _ got _; } <"$answer"
  is "$got" "$1" "$1: $2 ${3:0:60} ${about:0:60}"
}
answers=0
origin=https://crm.example
is_now() { # is_now USE TARGET
  [[ $(fcgi "$2" "$token" | cache_use) == "$1" ]]
}
check 'pages can be kept' wait_until is_epoch

# A contact and an activity of it, in all that is spoilt below.
small='?page=2&limit=1&activities=1'
for path in /api/my-500 /api/my-500/search; do
  ask 200 GET "$path" "$token"
  wait_until is_now hit "$path"
  ask 200 GET "$path" "$token"
  cursor=$(body <"$answer" | jq -r .data.pagination.nextCursor)
  etag=$(header ETag <"$answer")
  ask 200 HEAD "$path" "$token"
  for method in GET HEAD; do
    ask 304 "$method" "$path" "$token" HTTP_IF_NONE_MATCH="$etag"
  done
  ask 200 GET "$path?cursor=$cursor" "$token" HTTP_X_REQUEST_ID=trace-1.a_B
  ask 200 GET "$path$small" "$token"
  wait_until is_now hit "$path$small"
  ask 200 GET "$path?q=%C3%BC" "$token"
  ask 200 GET "$path?q=zzzz" "$(token "$(user_of 3)")"
  ask 400 GET "$path?cursor=$cursor&page=1" "$token"
  ask 400 GET "$path?cursor=abc" "$token"
  ask 400 HEAD "$path?page=x" "$token"
  ask 400 GET "$path" "$token" HTTP_X_LONG="$(printf %070000d 0)"
  ask 401 GET "$path"
  ask 401 HEAD "$path"
  ask 401 GET "$path" rubbish
  ask 401 GET "$path" "$(token "$user" -100)"
  ask 401 GET "$path" "$(token nobody)"
  ask 204 OPTIONS "$path"
  ask 405 POST "$path" "$token"
  admin=yes ask 404 GET "$path" "$token"
  admin=yes ask 404 OPTIONS "$path"
  origin='' ask 200 GET "$path" "$token"
  origin='' ask 401 GET "$path"
  origin='' ask 204 OPTIONS "$path"
done
for path in /healthz /readyz /metrics /status; do
  admin=yes ask 200 GET "$path"
  ask 200 GET "$path" '' HTTP_ACCEPT=text/plain
  ask 204 OPTIONS "$path"
  ask 405 POST "$path"
  ask 404 GET "$path" '' REMOTE_ADDR=192.0.2.1
  ask 404 OPTIONS "$path" '' REMOTE_ADDR=192.0.2.1
done
ask 200 HEAD /healthz
origin='' ask 200 GET /healthz
origin='' ask 404 GET /healthz '' REMOTE_ADDR=192.0.2.1
ask 200 HEAD /readyz
ask 200 GET '/status?format=text'
as=/healthz ask 404 GET /nowhere

# --- what the document says of the parameters
openapi requests >"$T/requests"
like "$(tail -n 1 "$T/requests")" '^[a-z0-9]+ /api/' 'there are requests'
while read -r wanted target; do
  if [[ $wanted == same ]]; then
    is "$(fcgi "$target" "$token" | header ETag)" \
      "$(fcgi "${target%%\?*}" "$token" | header ETag)" "default: $target"
  else
    ask "$wanted" GET "$target" "$token"
  fi
done <"$T/requests"

# --- what fails
psql -Xqc 'ALTER TABLE activities RENAME note TO remark'
ask 500 GET '/api/my-500?limit=77' "$token"
ask 500 GET '/api/my-500/search?limit=77' "$token"
psql -Xqc 'ALTER TABLE activities RENAME remark TO note'

stop_postgres
for path in /api/my-500 /api/my-500/search; do
  check "$path is stale" wait_until is_now stale "$path$small"
  ask 200 GET "$path$small" "$token"
  ask 304 GET "$path$small" "$token" \
    HTTP_IF_NONE_MATCH="$(header ETag <"$answer")"
  ask 503 GET "$path?limit=77" "$token"
  ask 503 HEAD "$path?limit=77" "$token"
done
ask 503 GET /readyz
ask 503 HEAD /readyz
start_postgres
stop_memcached
ask 200 GET /readyz
ask 200 GET "/api/my-500$small" "$token"
is "$(body <"$answer" | jq '.data.contacts[].activities | length')" 1 \
  'the last page has a contact with an activity'

is "$(openapi answers "$T/answers"/*)" '' \
  "$answers answers are what the document says, and show all of it"
is "$(openapi spoilt "$T/answers"/*)" '' \
  'whatever is changed in an answer is found out'

# --- columns
declare -A schema_of=([contacts]=Contact [activities]=Activity)
for table in contacts activities; do
  is "$(openapi columns "${schema_of[$table]}")" "$(psql -XAtc "SELECT attname
      || CASE atttypid::regtype::text WHEN 'integer' THEN ' integer'
        WHEN 'boolean' THEN ' boolean'
        WHEN 'timestamp without time zone' THEN ' date-time string'
        ELSE ' string' END
      || CASE WHEN attnotnull THEN '' ELSE ' null' END
    FROM pg_attribute WHERE attrelid = '$table'::regclass AND attnum > 0
    ORDER BY attnum")" "the columns of $table"
done
still_alive
done_testing
