#!/bin/bash
#
# The whole way, as a browser goes it: curl, lighttpd with the configuration
# that we hand out, workers, PostgreSQL, memcached.

set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"

need jq
start_postgres
load_schema -v users=3 -v contacts=60 -v activities=3 -v big=200
start_memcached
start_my500
start_lighttpd

path=/api/my-500
user=$(psql -XAt -c 'SELECT id FROM users ORDER BY email LIMIT 1')
token=$(token "$user")

# request NAME-OF-FILE ARGUMENTS-OF-http…: keeps the raw answer in $answer.
request() {
  answer=$T/answer
  http "$@" >"$answer"
}

field() {
  body <"$answer" | jq -r "$1"
}

# --- a page ------------------------------------------------------------------

request "$path?limit=7" "$token"
is "$(status <"$answer")" 200 'a page is 200'
is "$(header Content-Type <"$answer")" 'application/json; charset=utf-8' \
  'Content-Type'
is "$(header Content-Length <"$answer")" "$(body <"$answer" | wc -c)" \
  'Content-Length is the length of the body'
is "$(header X-Content-Type-Options <"$answer")" nosniff \
  'X-Content-Type-Options'
is "$(header Cache-Control <"$answer")" 'private, no-cache' 'Cache-Control'
is "$(header Vary <"$answer")" 'Authorization, Cookie' 'Vary'
like "$(header X-Request-Id <"$answer")" '^[A-Za-z0-9._-]{1,64}$' \
  'X-Request-Id'
like "$(header X-Response-Time <"$answer")" '^[0-9]+\.[0-9]{3}ms$' \
  'X-Response-Time'
dur='dur=[0-9]+(\.[0-9]+)?'
timing="auth;$dur, cache;desc=\"(hit|miss|off)\";$dur, db;$dur, encode;$dur,"
like "$(header Server-Timing <"$answer")" "^$timing total;$dur\$" \
  'Server-Timing'
like "$(header ETag <"$answer")" '^W/"[^"]+"$' 'ETag'
is "$(field '[.success, (.data.contacts | length), .data.pagination.total] |
  @csv')" 'true,7,60' 'the body holds seven of sixty contacts'
is "$(field .data)" "$(fcgi "$path?limit=7" "$token" | body | jq -r .data)" \
  'what lighttpd passes on is what the worker says'

etag=$(header ETag <"$answer")
request "$path?limit=7" "$token" -H "If-None-Match: $etag"
is "$(status <"$answer")" 304 'the same ETag again: 304'
is "$(body <"$answer" | wc -c)" 0 'without a body'
is "$(header ETag <"$answer")" "$etag" 'with the ETag'

request "$path" "$token" -H 'X-Request-Id: Abc.1_2-3'
is "$(header X-Request-Id <"$answer")" Abc.1_2-3 'a good X-Request-Id is kept'
request "$path" "$token" -H 'X-Request-Id: no <good>'
like "$(header X-Request-Id <"$answer")" '^[A-Za-z0-9._-]{1,64}$' \
  'a bad one is replaced'

# --- methods -----------------------------------------------------------------

request "$path?limit=7" "$token" --head
is "$(status <"$answer")" 200 'HEAD is 200'
is "$(body <"$answer" | wc -c)" 0 'HEAD has no body'
like "$(header Content-Length <"$answer")" '^[1-9][0-9]{3,}$' \
  'HEAD has the Content-Length of a page'
like "$(header ETag <"$answer")" '^W/"[^"]+"$' 'HEAD has an ETag'

request "$path" '' -X OPTIONS
is "$(status <"$answer")" 204 'OPTIONS is 204, without a token'
like "$(header Allow <"$answer")" 'GET.*HEAD.*OPTIONS' 'OPTIONS has Allow'
is "$(header Access-Control-Allow-Origin <"$answer")" '' \
  'and no CORS header, as none is configured'

for method in POST PUT DELETE PATCH; do
  request "$path" "$token" -X "$method" -d 'some=text'
  is "$(status <"$answer") $(field .code)" '405 METHOD_NOT_ALLOWED' \
    "$method is 405"
  like "$(header Allow <"$answer")" 'GET.*HEAD' "$method: Allow"
done
head -c 300000 /dev/zero >"$T/large"
request "$path" "$token" --data-binary @"$T/large"
is "$(status <"$answer")" 405 'a large body is read and refused'

# --- paths -------------------------------------------------------------------

for wrong in "${path}xyz" "$path/" "$path/nothing" "$path/search/deeper"; do
  request "$wrong" "$token"
  is "$(status <"$answer") $(header X-Request-Id <"$answer")" '404 ' \
    "$wrong is not for us"
  fcgi "$wrong" "$token" >"$answer"
  is "$(status <"$answer") $(field .code)" '404 NOT_FOUND' "nor would it be known"
done
for same in /api/%6dy%2D500 /api/./my-500 /api/x/../my-500 //api/my-500; do
  request "$same?limit=1" "$token"
  is "$(status <"$answer")" 200 "$same is the same path"
done
for query in 'limit=%32' 'l%69mit=2' 'limit=2&limit=9' 'limit=2&other=9' \
  'limit=2&page=' '&&limit=2&'; do
  request "$path?$query" "$token"
  is "$(status <"$answer") $(field '.data.contacts | length')" '200 2' \
    "?$query asks for two"
done

# --- refusals ----------------------------------------------------------------

while read -r name query; do
  request "$path?$query" "$token"
  is "$(status <"$answer") $(field '[.success, .code, .details.field] |
    join(" ")')" "400 false VALIDATION_ERROR $name" "?$query is 400"
done <<END
page page=0
page page=-1
page page=+1
page page=%2B1
page page=1x
page page=one
page page=1.0
page page=1000001
page page=99999999999999999999
page page=%zz
limit limit=0
limit limit=101
limit limit=%20
limit page=2&limit=101
activities activities=-1
activities activities=21
END
for query in page=%00 page=1%00 page=%ff; do
  request "$path?$query" "$token"
  is "$(status <"$answer")" 400 "?$query is 400, from lighttpd already"
done

request "$path?limit=101" "$token"
is "$(field .requestId)" "$(header X-Request-Id <"$answer")" \
  'the body names the request as the header does'
like "$(field .error)" 'limit.*1.*100' 'the message names the range'

is_unauthorized() {
  is "$(status <"$answer") $(field '[.error, .code] | join(" ")')" \
    '401 Unauthorized UNAUTHORIZED' "$1: 401"
}

request "$path"
is_unauthorized 'no token'
is "$(header WWW-Authenticate <"$answer")" Bearer 'no token: WWW-Authenticate'
while read -r name bad; do
  request "$path" "$bad"
  is_unauthorized "$name"
  like "$(header WWW-Authenticate <"$answer")" \
    '^Bearer error="invalid_token", error_description="[^"]+"$' \
    "$name: WWW-Authenticate"
done <<END
nonsense nonsense
dots ..
cut-short ${token%?????}
lengthened ${token}AAAA
expired $(token "$user" -60)
unknown-user $(token nobody)
another-secret $(MY500_JWT_SECRET=${MY500_JWT_SECRET^^} token "$user")
END
request "$path" '' -H "Authorization: bEaReR $token"
is "$(status <"$answer")" 200 'the scheme may be in any case'
request "$path" '' -H "Authorization: Basic $token"
is_unauthorized 'another scheme'

# --- connections -------------------------------------------------------------

is "$(curl -qs --noproxy '*' -H "Authorization: Bearer $token" \
  -w '%{stderr}%{http_code} %{num_connects} ' \
  "$URL$path?page=[1-3]" 2>&1 >/dev/null)" '200 1 200 0 200 0 ' \
  'one connection carries three requests'

is "$(seq 300 | xargs -P 16 -I {} curl -qs --noproxy '*' -o /dev/null \
  -w '%{http_code}\n' -H "Authorization: Bearer $token" "$URL$path?page={}" |
  sort | uniq -c | xargs)" '300 200' '300 requests, 16 at a time'

still_alive

# --- lighttpd starts the workers itself ----------------------------------------

stop_lighttpd
stop_my500
mkdir "$T/spawned"
[[ $EUID != 0 ]] || chmod 777 "$T/spawned"
cat >"$T/spawn.conf" <<END
server.modules = ( "mod_fastcgi" )
server.bind = "127.0.0.1"
server.port = $lighttpd_port
server.document-root = "$T/www"
server.breakagelog = "$T/my500.log"
fastcgi.server = ( "$path" => ((
  "bin-path" => "$my500",
  "socket" => "$T/spawned/socket",
  "max-procs" => 2,
  "bin-environment" => (
    "MY500_DATABASE_URL" => "host=$T dbname=my500 user=my500",
    "MY500_MEMCACHED" => "$memcached_setting",
    "MY500_JWT_SECRET" => "$MY500_JWT_SECRET" ),
  "bin-copy-environment" => ( "PATH" ),
  "check-local" => "disable" )) )
END
server_launch lighttpd lighttpd -D -f "$T/spawn.conf"
is_spawned() {
  [[ $(http "$path?limit=7" "$token" | status) == 200 ]]
}
check 'a page by bin-path' wait_until is_spawned
request "$path?limit=7" "$token"
is "$(field '.data.contacts | length')" 7 'with its contacts'
is "$(seq 40 | xargs -P 4 -I {} curl -qs --noproxy '*' -o /dev/null \
  -w '%{http_code}\n' -H "Authorization: Bearer $token" "$URL$path?page={}" |
  sort | uniq -c | xargs)" '40 200' 'and forty more, four at a time'
pids=$(pgrep -P "${server_pid[lighttpd]}")
is "$(wc -l <<<"$pids")" 2 'by two workers'
stop_lighttpd
gone() {
  local pid
  for pid in $pids; do
    ! kill -0 "$pid" 2>/dev/null || return 1
  done
}
check 'which leave with lighttpd' wait_until gone
done_testing
