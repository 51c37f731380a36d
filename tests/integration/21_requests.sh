#!/bin/bash
#
# The contract, request by request: methods, paths, parameters, tokens,
# conditional requests, headers; straight to the socket.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"

need openssl jq
start_postgres
load_schema -v users=3 -v contacts=50 -v big=50
start_memcached
openssl genrsa -out "$T/key.pem" 2048 2>/dev/null
openssl rsa -in "$T/key.pem" -pubout -out "$T/public.pem" 2>/dev/null
chmod 644 "$T/public.pem"
start_my500 MY500_JWT_PUBLIC_KEY_FILE="$T/public.pem" \
  MY500_JWT_ALGORITHMS=HS256,RS256 MY500_CORS_ORIGINS=https://crm.example

user=$(psql -XAtc 'SELECT id FROM users ORDER BY email LIMIT 1')
token=$(token "$user")
ask() { # leaves the raw answer in $T/answer
  fcgi "$@" >"$T/answer"
}
got_status() { status <"$T/answer"; }
got_header() { header "$1" <"$T/answer"; }
got() { body <"$T/answer" | jq -c "$1"; }

# --- a page and its headers
ask /api/my-500 "$token" HTTP_X_REQUEST_ID=trace-1.a_B
is "$(got_status)" 200 'a page'
is "$(got '[keys_unsorted[]] | join(" ")')" '"success data performance"' \
  'has the envelope'
is "$(got '.data | keys_unsorted | join(" ")')" \
  '"contacts pagination syncStatus"' 'and the data'
is "$(got_header Content-Type)" 'application/json; charset=utf-8' 'its type'
is "$(got_header Content-Length)" "$(body <"$T/answer" | wc -c)" 'its length'
is "$(got_header X-Content-Type-Options)" nosniff 'X-Content-Type-Options'
is "$(got_header X-Request-Id)" trace-1.a_B 'the request keeps its id'
is "$(got_header Cache-Control)" 'private, no-cache' 'Cache-Control'
like "$(got_header Vary | tr '\n' ,)" 'Authorization, Cookie' 'Vary'
number='[0-9]+\.[0-9]{3}'
like "$(got_header Server-Timing)" \
  "^auth;dur=$number, cache;desc=\"miss\";dur=$number, db;dur=$number,\
 encode;dur=$number, total;dur=$number\$" 'Server-Timing'
like "$(got_header X-Response-Time)" "^${number}ms\$" 'X-Response-Time'
like "$(body <"$T/answer" | tail -c 90)" \
  "\"performance\":\{\"queryTime\":$number,\"cacheHit\":false,\
\"totalTime\":$number\}\}\$" 'performance'
etag=$(got_header ETag)
like "$etag" '^W/"[0-9a-f]+"$' 'ETag'

# --- conditional requests
for tags in "$etag" '*' "\"x\", $etag" "${etag#W/}" "W/\"y\",$etag"; do
  ask /api/my-500 "$token" HTTP_IF_NONE_MATCH="$tags"
  is "$(got_status)$(body <"$T/answer")" 304 "If-None-Match: $tags"
done
is "$(got_header ETag)" "$etag" 'a 304 has the ETag'
for tags in '"x"' 'W/"x"' 'x' "\"${etag#W/\"}x"; do
  ask /api/my-500 "$token" HTTP_IF_NONE_MATCH="$tags"
  is "$(got_status)" 200 "If-None-Match: $tags"
done
ask '/api/my-500?page=2' "$token" HTTP_IF_NONE_MATCH="$etag"
is "$(got_status)" 200 'another page has another ETag'

# --- the search: 25_search.sh has what it finds
ask '/api/my-500/search?q=a' "$token" HTTP_X_REQUEST_ID=trace-2
is "$(got_status)" 200 'a search'
is "$(got '[keys_unsorted[]] | join(" ")')" '"success data performance"' \
  'has the envelope'
is "$(got '.data | [keys_unsorted[], (.searchStats | keys_unsorted[])] |
  join(" ")')" \
  '"contacts pagination searchStats query totalResults searchTime"' \
  'and the data'
is "$(got_header Content-Type)|$(got_header Content-Length)|$(
  got_header X-Content-Type-Options)|$(got_header X-Request-Id)|$(
  got_header Cache-Control)" "application/json; charset=utf-8|$(
  body <"$T/answer" | wc -c)|nosniff|trace-2|private, no-cache" \
  'and the headers of a list'
like "$(got_header Server-Timing)" \
  "^auth;dur=$number, cache;desc=\"miss\";dur=$number, db;dur=$number,\
 encode;dur=$number, total;dur=$number\$" 'Server-Timing too'
is "$(got '.data.searchStats.searchTime > 0
  and .data.searchStats.searchTime <= .performance.totalTime')" true \
  'searchTime is a part of the time'
etag=$(got_header ETag)
ask '/api/my-500/search?q=a' "$token" HTTP_IF_NONE_MATCH="$etag"
is "$(got_status)$(body <"$T/answer")" 304 'If-None-Match'
ask '/api/my-500/search?q=b' "$token" HTTP_IF_NONE_MATCH="$etag"
is "$(got_status)" 200 'another one has another ETag'
ask '/api/my-500/search?q=a' "$token" REQUEST_METHOD=HEAD
is "$(got_status) $(body <"$T/answer" | wc -c)" '200 0' 'HEAD has no body'
for method in POST PUT DELETE PATCH FOO; do
  ask '/api/my-500/search?q=a' "$token" REQUEST_METHOD="$method"
  is "$(got_status) $(got_header Allow)" '405 GET, HEAD, OPTIONS' "$method"
done
ask /api/my-500/search '' REQUEST_METHOD=OPTIONS
is "$(got_status) $(got_header Allow)" '204 GET, HEAD, OPTIONS' 'OPTIONS'
ask '/api/my-500/search?q=a'
is "$(got_status) $(got .code)" '401 "UNAUTHORIZED"' 'no token, no search'
ask '/api/my-500?q=a&limit=100' "$token"
is "$(got '[.data.pagination.total, (.data | has("syncStatus"))]')" \
  '[50,true]' 'a list knows no q'

# --- methods and paths
ask /api/my-500 "$token" REQUEST_METHOD=HEAD
is "$(got_status) $(body <"$T/answer" | wc -c)" '200 0' 'HEAD has no body'
check 'but the length' test "$(got_header Content-Length)" -gt 10000
ask /api/my-500 '' REQUEST_METHOD=OPTIONS
is "$(got_status) $(got_header Allow)" '204 GET, HEAD, OPTIONS' 'OPTIONS'
is "$(got_header Access-Control-Allow-Origin)" '' 'says nothing of CORS'
ask /api/my-500 '' REQUEST_METHOD=OPTIONS HTTP_ORIGIN=https://crm.example
is "$(got_header Access-Control-Allow-Origin)" https://crm.example \
  'but to an origin that is listed'
ask /api/my-500 "$token" HTTP_ORIGIN=https://evil.example
is "$(got_header Access-Control-Allow-Origin)" '' 'and to no other'
for method in POST PUT DELETE PATCH FOO; do
  ask /api/my-500 "$token" REQUEST_METHOD="$method"
  is "$(got_status) $(got_header Allow)" '405 GET, HEAD, OPTIONS' "$method"
done
for path in / /api /api/my-500xyz /api/my-500/ /api/my-500/other \
  /api/my-500/search/ /api/my-500/searchx /api/my-500/search/a \
  /api/MY-500 /metricsx /healthzz; do
  ask "$path" "$token"
  is "$(got_status) $(got .code)" '404 "NOT_FOUND"' "$path is not found"
done
ask /api/my-500 "$token" SCRIPT_NAME=/api PATH_INFO=/my-500
is "$(got_status)" 200 'the path in two parts'
ask /api/my-500/search "$token" SCRIPT_NAME=/api/my-500 PATH_INFO=/search
is "$(got '.data | has("searchStats")')" true 'and so of a search'
for address in 127.0.0.1 127.9.9.9 ::1 unix: ''; do
  ask /healthz '' REMOTE_ADDR="$address"
  is "$(got_status)" 200 "/healthz from '$address'"
done
for address in 192.0.2.1 2001:db8::1 1.2.3 x; do
  ask /readyz '' REMOTE_ADDR="$address"
  is "$(got_status)" 404 "/readyz from '$address'"
done

# --- parameters: "query field"
refuses() { # refuses PATH QUERY FIELD
  ask "$1?$2" "$token"
  is "$(got_status) $(got '"\(.code) \(.details.field)"')" \
    "400 \"VALIDATION_ERROR $3\"" "${1##*/} $2"
}
while read -r query field; do
  refuses /api/my-500 "$query" "$field"
  refuses /api/my-500/search "q=a&$query" "$field"
done <<'CASES'
page=0 page
page=1000001 page
page=-1 page
page=%2B1 page
page=+1 page
page=1.5 page
page=1e1 page
page=0x1 page
page=1x page
page=x page
page=%31%30%00 page
page=%3 page
page=%zz page
page=%ff page
page=99999999999999999999999 page
limit=0 limit
limit=101 limit
limit=%20 limit
activities=21 activities
activities=-1 activities
cursor=abc cursor
cursor=%ff cursor
cursor=abc&page=1 cursor
limit=1&page=x&activities=99 page
CASES
while read -r query; do
  refuses /api/my-500/search "$query" q
done <<CASES
q=%ff
q=a%00
q=%00
q=%
q=%4
q=%zz
q=%c0%80
q=%ed%a0%80
q=%f4%90%80%80
q=$(printf 'a%.0s' {1..201})
q=$(printf '%%c3%%a4%.0s' {1..201})
q=%ff&limit=101
CASES
while read -r query wanted; do
  ask "/api/my-500?$query" "$token"
  is "$(got_status) $(got '"\(.data.pagination | "\(.page) \(.limit)")"')" \
    "200 \"${wanted/,/ }\"" "$query"
done <<'CASES'
page=1 1,20
page=2&limit=3 2,3
page=%32 2,20
p%61ge=2 2,20
page=&limit= 1,20
page=2&page=3 2,20
page=1000000&limit=100 1000000,100
limit=1 1,1
unknown=%zz&page=0002 2,20
q=%ff 1,20
&&page=3& 3,20
page 1,20
cursor= 1,20
CASES
ask '/api/my-500?page=1000&limit=100' "$token"
is "$(got '[(.data.contacts | length), .data.pagination.total]')" '[0,50]' \
  'a page past the end is empty and knows the total'
ask '/api/my-500?limit=2&activities=0' "$token"
is "$(got '[.data.contacts[].activities]')" '[[],[]]' 'no activities'

# --- tokens
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d =; }
rs256() { # rs256 CLAIMS
  local text
  text=$(printf '{"alg":"RS256","typ":"JWT"}' | base64url).$(printf %s "$1" |
    base64url)
  echo "$text.$(printf %s "$text" |
    openssl dgst -sha256 -sign "$T/key.pem" -binary | base64url)"
}
soon=$(($(date +%s) + 600))
ask /api/my-500 "$(rs256 "{\"sub\":\"$user\",\"exp\":$soon}")"
is "$(got_status)" 200 'an RS256 token'
refused() { # refused NAME TOKEN DESCRIPTION
  ask /api/my-500 "$2"
  is "$(got_status) $(got .error) $(got .code)" \
    '401 "Unauthorized" "UNAUTHORIZED"' "$1 is refused"
  like "$(got_header WWW-Authenticate)" \
    "^Bearer error=\"invalid_token\", error_description=\"$3\"\$" 'and why'
}
good=$(rs256 "{\"sub\":\"$user\",\"exp\":$soon}")
refused 'an expired token' "$(token "$user" -100)" '.*expired.*'
refused 'a token without exp' "$(rs256 "{\"sub\":\"$user\"}")" '.+'
refused 'another secret' "$(MY500_JWT_SECRET=${MY500_JWT_SECRET}x \
  token "$user")" '.+'
refused 'a changed signature' "${good%???}AAA" '.+'
refused 'no signature' "${good%.*}." '.+'
none=$(printf '{"alg":"none"}' | base64url).$(printf \
  '{"sub":"%s","exp":%d}' "$user" "$soon" | base64url)
refused 'alg none' "$none." '.+'
refused 'alg none with a signature' "$none.AAAA" '.+'
refused 'rubbish' 'rubbish' '.+'
refused 'a token of 9,000 bytes' "$(head -c 9000 /dev/zero | tr '\0' a).a.a" '.+'
refused 'an unknown user' "$(token nobody)" '.*unknown.*'
confused=$(MY500_JWT_SECRET=$(cat "$T/public.pem") token "$user")
refused 'an HMAC by the public key' "$confused" '.+'
ask /api/my-500
is "$(got_status) $(got_header WWW-Authenticate)" '401 Bearer' 'no token'
for scheme in bearer BEARER; do
  ask /api/my-500 '' HTTP_AUTHORIZATION="$scheme $token"
  is "$(got_status)" 200 "the scheme as $scheme"
done
for value in "$token" "Basic $token" "Bearer" "Bearer $token, Bearer $token"; do
  ask /api/my-500 '' HTTP_AUTHORIZATION="$value"
  is "$(got_status)" 401 "Authorization: ${value:0:20}…"
done
ask /api/my-500 "$token" HTTP_X_REQUEST_ID="$(printf 'a\r\nSet-Cookie: b')"
like "$(got_header X-Request-Id)" '^[0-9a-f]{32}$' 'a bad request id is replaced'

# --- the log: one JSON object a line, and nothing personal in it
ask '/api/my-500?email=someone@example.com' "$token"
ask '/someone@example.com' "$token"
ask '/api/my-500/search?q=Confidential' "$token"
ask '/api/my-500/search?q=confidential%00' "$token"
is "$(jq -s 'length > 0 and all(type == "object" and has("time") and
  has("level") and has("event") and has("pid"))' "$T/my500.log")" true \
  'each line of the log is one JSON object'
is "$(grep -cE "@|onfidential|${token:0:40}|$MY500_JWT_SECRET" \
  "$T/my500.log")" 0 'no address, no term, no token, no secret in it'
is "$(jq -c 'select(.requestId == "trace-1.a_B") | [.event, .method, .path,
  .status, .cache, .userId]' "$T/my500.log")" \
  "[\"request\",\"GET\",\"/api/my-500\",200,\"miss\",\"$user\"]" \
  'a request has its line'
is "$(jq -c 'select(.requestId == "trace-1.a_B") | [.bytes, .durationMs, .authMs,
  .cacheMs, .dbMs, .encodeMs] | map(type) | unique' "$T/my500.log")" \
  '["number"]' 'with its phases'
still_alive
done_testing
