#!/bin/bash
#
# Pages out of memcached: which are kept and apart, what a hit costs, what makes
# them count no more, and that nothing wrong comes out of a cache whose contents
# are old, damaged, misplaced, or about to be overtaken.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"
. "$abs_top_srcdir/tests/support/cache.sh"

need strace jq perl
start_postgres
load_schema -v users=8 -v contacts=60 -v activities=3 -v big=1500
start_memcached
start_my500

user=$(psql -XAtc "SELECT id FROM users WHERE email = 'user001@example.com'")
other=$(psql -XAtc "SELECT id FROM users WHERE email = 'user004@example.com'")
big=$(psql -XAtc "SELECT id FROM users WHERE email = 'user002@example.com'")
token=$(token "$user")
other_token=$(token "$other")
big_token=$(token "$big")
listens() {
  more_invalidators "$listened" && is_epoch
}
listened=0
check 'somebody listens' wait_until listens

# ask PATH-AND-QUERY [TOKEN [NAME=VALUE…]]: the answer is $T/answer; sets $code,
# $use, and $data, what is the same as long as nothing changes.  Without other
# processes: it is called very often.
ask() {
  local answer
  fcgi "/api/my-500$1" "${2:-$token}" "${@:3}" >"$T/answer"
  answer=$(<"$T/answer")
  code=200
  [[ ! $answer =~ ^Status:\ ([0-9]+) ]] || code=${BASH_REMATCH[1]}
  use=none
  [[ ! $answer =~ cache\;desc=\"([a-z]+)\" ]] || use=${BASH_REMATCH[1]}
  data=$(timeless "${answer#*$'\r\n\r\n'}")
}
# timeless BODY: without the times.
timeless() {
  local data=${1%,\"performance\":*}
  [[ ! ${data: -100} =~ \"searchTime\":[0-9.]+ ]] ||
    data=${data/"${BASH_REMATCH[0]}"/}
  printf '%s\n' "$data"
}
is_hit() {
  ask "$@"
  [[ $use == hit ]]
}
shows() { # shows TEXT PATH…: the answer, whether a hit or not
  ask "${@:2}"
  grep -qF "$1" "$T/answer"
}
performance() {
  body <"$T/answer" | jq -c "$1"
}
# How many of the statements that pages are made of were executed since the last
# reset.
forget_statements() {
  psql -Xqc 'SELECT pg_stat_statements_reset()' >"$T/reset"
}
statements() {
  psql -XAtc "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements
    JOIN pg_roles ON oid = userid WHERE $of_pages
    AND query ~ '(FROM|JOIN) (users|contacts|activities)\\M'"
}

# --- a miss, then hits: the same but for the times
page='?limit=5'
ask "$page"
is "$code $use" '200 miss' 'a page is missing at first'
is "$(performance .performance.cacheHit)" false 'and says so'
missed=$data
tag=$(header ETag <"$T/answer")
check 'then it is there' wait_until is_hit "$page"
is "$data" "$missed" 'the same'
is "$(header ETag <"$T/answer")" "$tag" 'with its tag'
is "$(performance '.performance | [.cacheHit, .queryTime]')" '[true,0]' \
  'cacheHit is true, queryTime 0'
like "$(body <"$T/answer")" '"queryTime":0\.000,"cacheHit":true,"totalTime":[0-9]' \
  'with three decimals'
like "$(header Server-Timing <"$T/answer")" \
  'cache;desc="hit";dur=[0-9.]+, db;dur=0\.000,' 'Server-Timing tells it'
like "$(grep "\"requestId\":\"$(header X-Request-Id <"$T/answer")\"" \
  "$T/my500.log")" '"dbMs":0\.000.*"cache":"hit"' 'and the log'
check 'the first page by another name' is_hit '?page=1&limit=5&activities=5&x=y'
ask '/search?q=a&limit=2'
missed=$data
check 'a search, too' wait_until is_hit '/search?q=a&limit=2'
is "$data" "$missed" 'is the same'
is "$(performance '[.data.searchStats.searchTime, .performance.queryTime]')" \
  '[0,0]' 'and took no time'

# --- each apart
# paths TOKEN: sets $apart.
paths() {
  local list search
  list=$(fcgi '/api/my-500?limit=3' "$1" | body |
    jq -r .data.pagination.nextCursor)
  search=$(fcgi '/api/my-500/search?q=a&limit=3' "$1" | body |
    jq -r .data.pagination.nextCursor)
  apart=('' '?limit=7' '?page=2' '?page=2&limit=7' '?activities=0'
    '?activities=1' "?limit=7&cursor=$list" "?cursor=$list" '/search'
    '/search?q=%61&limit=7' '/search?q=A' '/search?q=an' '/search?q=a&page=2'
    '/search?q=a&activities=0' "/search?q=a&cursor=$search" '/search?q=zzzz'
    '?page=1000')
}
: >"$T/first"
: >"$T/then"
paths "$token"
for path in "${apart[@]}"; do
  ask "$path"
  echo "$code $use $data" >>"$T/first"
done
for path in "${apart[@]:0:3}"; do
  ask "$path" "$other_token"
  echo "$code $use $data" >>"$T/first"
done
is "$(cut -d ' ' -f 1,2 "$T/first" | sort | uniq -c | tr -s ' ')" \
  " $((${#apart[@]} + 3)) 200 miss" \
  "lists and searches are kept apart (${#apart[@]}, and 3 of another user)"
for path in "${apart[@]}"; do
  wait_until is_hit "$path"
  echo "$code miss $data" >>"$T/then"
done
for path in "${apart[@]:0:3}"; do
  wait_until is_hit "$path" "$other_token"
  echo "$code miss $data" >>"$T/then"
done
check 'and come out as they went in' cmp "$T/first" "$T/then"

# --- conditional requests, and HEAD, out of the cache
wait_until is_hit "$page"
for tags in "$tag" "\"x\", $tag, \"y\"" "${tag#W/}" '*'; do
  forget_statements
  ask "$page" "$token" HTTP_IF_NONE_MATCH="$tags"
  is "$code $use $(body <"$T/answer" | wc -c)" '304 hit 0' \
    "304 for If-None-Match: $tags"
  is "$(statements)" 0 'without a statement'
done
ask "$page" "$token" HTTP_IF_NONE_MATCH='"x", W/"y"'
is "$code $use" '200 hit' '200 for others'
ask "$page" "$token" REQUEST_METHOD=HEAD
is "$code $use $(header ETag <"$T/answer") $(body <"$T/answer" | wc -c)" \
  "200 hit $tag 0" 'HEAD has the head of a hit'

# --- changes
is_new() { # is_new TEXT PATH…: and was read anew when it was seen first
  shows "$@" && [[ $use == miss ]]
}
ask "$page"
first=$(body <"$T/answer" | jq -r '.data.contacts[0].id')
wait_until is_hit "$page"
wait_until is_hit "$page" "$other_token"
generation=$(cache_get "my500:1:g:$other")
psql -Xqc "UPDATE contacts SET name = 'Changed One' WHERE id = '$first'"
check 'a changed contact is read anew' wait_until is_new 'Changed One' "$page"
check 'and kept again' wait_until is_hit "$page"
psql -Xqc "INSERT INTO activities (id, type, subject, \"createdAt\",
  \"updatedAt\", \"userId\", \"contactId\") VALUES ('new', 'CALL',
  'Added Two', '2030-01-01', now(), '$user', '$first')"
check 'a new activity' wait_until is_new 'Added Two' "$page"
wait_until is_hit "$page"
psql -Xqc "UPDATE users SET \"syncStatus\" = 'FAILED' WHERE id = '$user'"
check 'the user' wait_until is_new '"status":"FAILED"' "$page"
wait_until is_hit "$page"
is "$(cache_get "my500:1:g:$other")" "$generation" \
  "others' pages are left alone"
psql -Xqc "UPDATE contacts SET \"userId\" = '$other', \"warmnessScore\" = -99,
  \"addedToCampaign\" = true WHERE id = '$first'"
check 'given to another, a contact is on his list' wait_until is_new \
  'Changed One' "$page" "$other_token"
check 'with its activities' shows 'Added Two' "$page" "$other_token"
ask "$page"
is "$(grep -c 'Changed One' "$T/answer" || true)" 0 'and not on the old one'
wait_until is_hit "$page" "$other_token"

# add_activity ID SUBJECT CONTACT: the statement that does
add_activity() {
  echo "INSERT INTO activities (id, type, subject, \"createdAt\", \"updatedAt\",
    \"userId\", \"contactId\") VALUES ('$1', 'CALL', '$2', '2030-02-01', now(),
    '$user', '$3');"
}
# In an array they are written with quotes, and more.  A mistake would end the
# lead, and all would be new.
listened=$(invalidators)
wait_until is_hit '?limit=8'
odd=('a,b' '"\{}' ' ' '' 'NULL' 'é')
for i in "${!odd[@]}"; do
  psql -Xq -v id="${odd[i]}" <<SQL
INSERT INTO contacts (id, name, "warmnessScore", "addedToCampaign", "updatedAt",
  "userId") VALUES (:'id', 'Odd $i', -100, true, now(), '$other');
SQL
done
wait_until shows 'Odd 5' "$page" "$other_token"
missed=''
for i in "${!odd[@]}"; do
  wait_until is_hit '?limit=9' "$other_token"
  psql -Xqc "$(add_activity "odd$i" "Of Odd $i" "${odd[i]}")"
  wait_until is_new "Of Odd $i" '?limit=9' "$other_token" || missed+=" $i"
done
is "$missed" '' 'an activity of a contact with an odd id'
wait_until is_hit '?limit=9' "$other_token"
wait_until is_hit "$page"
ask "$page"
mine=$(body <"$T/answer" | jq -r '.data.contacts[0].id')
psql -Xq1 -v ON_ERROR_STOP=1 <<SQL
$(for i in "${!odd[@]}"; do add_activity "two$i" "Again $i" "${odd[i]}"; done)
$(add_activity mine 'My Own' "$mine")
SQL
check 'many statements of one transaction' wait_until is_new 'Again 5' \
  '?limit=9' "$other_token"
check 'all of them' shows 'Again 0' '?limit=9' "$other_token"
check 'for each of the users' wait_until is_new 'My Own' "$page"
wait_until is_hit '?limit=8'
psql -Xq <<SQL
INSERT INTO contacts (id, name, "warmnessScore", "addedToCampaign", "updatedAt",
  "userId") SELECT 'one of very many ' || n, 'Many', CASE
  WHEN n IN (1, 5000) THEN -102 ELSE 100 END, n IN (1, 5000), now(), '$other'
  FROM generate_series(1, 5000) n;
SQL
wait_until shows 'Many' "$page" "$other_token"
wait_until is_hit "$page" "$other_token"
psql -Xq <<SQL
DO \$\$ BEGIN
  FOR n IN 1 .. 5000 LOOP
    INSERT INTO activities (id, type, subject, "createdAt", "updatedAt",
      "userId", "contactId") VALUES ('many' || n, 'CALL', 'Of Many ' || n,
      '2030-03-01', now(), '$user', 'one of very many ' || n);
  END LOOP;
END \$\$;
SQL
check 'so many that they are looked up in parts' wait_until is_new \
  'Of Many 5000' "$page" "$other_token"
check 'the first of them' shows '"Of Many 1"' "$page" "$other_token"
check 'and nobody else is told' is_hit '?limit=8'
is "$(invalidators) $(grep -c '"statement":"owners"' "$T/my500.log" || true)" \
  "$listened 0" 'nor has the listener had to begin anew'
psql -Xqc "DELETE FROM contacts WHERE name = 'Many'"

# The arrays come at once: all owners are found by one lookup.
epoch() { # without the moment of its end
  cache_get my500:1:e | cut -d ' ' -f 1
}
crowd() { # how many, from which number on
  psql -Xq <<SQL
INSERT INTO activities (id, type, "updatedAt", "userId", "contactId")
  SELECT 'crowd' || n, 'CALL', now(), '$user', 'crowd' || n
  FROM generate_series($2, $2 + $1 - 1) n;
SQL
}
psql -Xq <<SQL
INSERT INTO users (id, email, "updatedAt")
  SELECT 'crowd' || n, 'crowd' || n, now() FROM generate_series(1, 600) n;
INSERT INTO contacts (id, name, "updatedAt", "userId")
  SELECT 'crowd' || n, 'x', now(), 'crowd' || n FROM generate_series(1, 600) n;
SQL
check 'a crowd has come' wait_until has_caught_up
before=$(epoch)
crowd 90 1
check '90 activities of as many users' wait_until has_caught_up
is "$(epoch)" "$before" 'are told one by one'
crowd 510 91
check '510 of as many' wait_until has_caught_up
check 'are told as everybody' test -n "$(epoch)" -a "$(epoch)" != "$before"
is "$(invalidators)" "$listened" 'by the same listener'
psql -Xqc "DELETE FROM users WHERE id LIKE 'crowd%'"
wait_until has_caught_up

# Whose the contact is when that has been committed, nobody else can know.
wait_until is_hit "$page"
wait_until is_hit "$page" "$other_token"
mkfifo "$T/slow"
psql -Xq <"$T/slow" &
slow=$!
exec 7>"$T/slow"
echo "BEGIN; $(add_activity slow 'Added Late' "$mine")" >&7
is_in_transaction() {
  [[ $(psql -XAtc "SELECT count(*) FROM pg_stat_activity
    WHERE state = 'idle in transaction'") == 1 ]]
}
check 'an activity is added' wait_until is_in_transaction
psql -Xqc "UPDATE contacts SET \"userId\" = '$other', name = 'Given Away',
  \"warmnessScore\" = -101, \"addedToCampaign\" = true WHERE id = '$mine'"
check 'while its contact is given away' wait_until is_new 'Given Away' "$page" \
  "$other_token"
wait_until is_hit "$page" "$other_token"
echo 'COMMIT;' >&7
exec 7>&-
wait "$slow"
check 'the new owner sees it' wait_until is_new 'Added Late' "$page" \
  "$other_token"

psql -Xqc 'TRUNCATE activities'
is_empty() {
  ask "$page" "$other_token"
  [[ $(performance '[.data.contacts[].activities[]] | length') == 0 ]]
}
check 'TRUNCATE is for everybody' wait_until is_empty
check 'and then all is kept again' wait_until is_hit "$page" "$other_token"

# --- users that are unknown
ghost=$(token ghost)
is_remembered() {
  forget_statements
  ask "$page" "$ghost"
  [[ $code == 401 && $(statements) == 0 ]]
}
is_code() {
  ask "$page" "$2"
  [[ $code == "$1" ]]
}
check 'who is unknown is refused without asking PostgreSQL' wait_until \
  is_remembered
psql -Xqc "INSERT INTO users (id, email, \"updatedAt\")
  VALUES ('ghost', 'ghost@example.com', now())"
check 'and known as soon as he is there' wait_until is_code 200 "$ghost"
check 'with a page to keep' wait_until is_hit "$page" "$ghost"
psql -Xqc "DELETE FROM users WHERE id = 'ghost'"
check 'a user who is deleted is refused' wait_until is_code 401 "$ghost"

# --- contents that are not ours
wait_until is_hit "$page" "$other_token"
others_data=$data
wait_until is_hit "$page"
right=$data
of_user() {
  cache_keys "^my500:1:p:$1:.*:5:5:\$" | head -n 1
}
key=$(of_user "$user")
cache_get "$key" >"$T/value"
cache_get "$(of_user "$other")" >"$T/others"
check 'a page lies there as it is sent' grep -qF "$right" \
  <(printf '{"success":true,"data":' && tail -n +3 "$T/value")
{ cat "$T/value" && printf x; } >"$T/bad.longer"
head -c -1 "$T/value" >"$T/bad.shorter"
head -c 30 "$T/value" >"$T/bad.cut"
head -n 1 "$T/value" >"$T/bad.line"
head -n 2 "$T/value" >"$T/bad.header"
head -n 2 "$T/value" | tr '0-9' '1-90' >"$T/bad.numbers"
tail -n +2 "$T/value" >"$T/bad.stampless"
{ head -n 1 "$T/value" && tail -n +2 "$T/others"; } >"$T/bad.others"
printf '%s' 'no page at all' >"$T/bad.text"
tr -d '\n' <"$T/value" >"$T/bad.lineless"
: >"$T/bad.empty"
head -c 3000 /dev/zero | tr '\0' '\n' >"$T/bad.newlines"
wrong=''
for bad in "$T"/bad.*; do
  cache_set "$key" <"$bad" || wrong+=" unstored:${bad##*/}"
  ask "$page"
  [[ $code == 200 && $data == "$right" && $use == miss ]] ||
    wrong+=" ${bad##*/}:$code:$use"
done
is "$wrong" '' 'damaged and foreign pages are read anew'
for key in "my500:1:u:$user" "my500:1:g:$user"; do
  cache_set "$key" <"$T/bad.text"
  ask "$page"
  is "$code $data" "200 $right" "so is all when ${key%:*} is damaged"
done
memcached_ask "delete my500:1:g:$user" >/dev/null
check 'and all is well when it is gone' wait_until is_hit "$page"
is "$data" "$right" 'with the same page'
psql -Xqc "UPDATE contacts SET name = 'Changed Three' WHERE id = (SELECT id FROM
  contacts WHERE \"userId\" = '$user' ORDER BY \"addedToCampaign\" DESC,
  \"warmnessScore\", \"lastContacted\", \"createdAt\" DESC, id LIMIT 1)"
check 'which still is told of' wait_until is_new 'Changed Three' "$page"
wait_until is_hit "$page" "$other_token"
is "$data" "$others_data" "the other's page is his"

# --- nobody listens: what is stored counts for three seconds at most
listener=$(invalidator_pid)
kill -STOP "$listener"
over_ms=$(($(now_ms) + 3000))
is_over() {
  (($(now_ms) > over_ms))
}
epoch=$(cache_get my500:1:e)
check 'without a listener the epoch ends' wait_until is_no_epoch
psql -Xqc "UPDATE contacts SET name = 'Changed Four' WHERE name = 'Changed Three'"
ask "$page"
is "$use $(grep -c 'Changed Four' "$T/answer")" 'miss 1' 'then pages are read anew'
ask "$page"
is "$use" miss 'and not kept'
# As a memcached that was stopped hands it out before it sets its clock.  It has
# only seconds, and may have ended the epoch before its time.
wait_until is_over
printf %s "$epoch" | cache_set my500:1:e
ask "$page"
is "$use $(grep -c 'Changed Four' "$T/answer")" 'miss 1' \
  'also when memcached does not know that it is over'
like "$(env -i PATH="$PATH" MY500_JWT_SECRET="$MY500_JWT_SECRET" \
  MY500_DATABASE_URL="host=$T port=$PGPORT dbname=my500 user=my500" \
  MY500_MEMCACHED="$memcached_setting" "$my500" --check)" \
  "cache: no page is cached: this host's clock" 'which --check tells'
kill -CONT "$listener"
check 'until it goes on' wait_until is_hit "$page"
check 'with what is true' shows 'Changed Four' "$page"

# --- PostgreSQL is away
wait_until is_hit "$page"
right=$data
listened=$(invalidators)
stop_postgres
is_stale() {
  ask "$1"
  [[ $code$use == 200stale ]]
}
check 'without PostgreSQL a page is stale' wait_until is_stale "$page"
is "$data" "$right" 'but what it was'
is "$(header Warning <"$T/answer")" '110 - "Response is Stale"' 'with a warning'
is "$(performance .performance.cacheHit)" true 'and cacheHit'
tag=$(header ETag <"$T/answer")
ask "$page" "$token" HTTP_IF_NONE_MATCH="$tag"
is "$code $use $(header Warning <"$T/answer")" \
  '304 stale 110 - "Response is Stale"' '304, too'
ask '?limit=99'
is "$code" 503 'what was never asked for: 503'
start_postgres
check 'it returns, and the listener' wait_until listens
ask "$page"
is "$code $(header Warning <"$T/answer")" '200 ' 'no more warning'
check 'and pages are kept' wait_until is_hit "$page"
psql -Xqc "UPDATE contacts SET name = 'Changed Five' WHERE name = 'Changed Four'"
check 'and forgotten' wait_until is_new 'Changed Five' "$page"
still_alive
stop_my500

# --- one worker: a hit by strace, and races
WORKERS=1
listened=$(invalidators)
start_my500 MY500_DATABASE_TIMEOUT=20000
wait_until listens
wait_until is_hit "$page"
worker=$(worker_pids)
strace -qq -yy -s 64 -o "$T/strace.out" -p "$worker" \
  -e trace=sendto,sendmsg,write,writev,recvfrom,recvmsg,read,readv,poll,ppoll &
tracer=$!
until grep -q "TracerPid:[[:space:]]*$tracer" "/proc/$worker/status"; do
  kill -0 "$tracer"
  sleep 0.02
done
# The tracer appends where it is: only what comes behind the mark is of the hit.
wait_until is_hit "$page"
begun=$(wc -l <"$T/strace.out")
ask "$page"
kill "$tracer"
wait "$tracer" || true
tail -n "+$((begun + 1))" "$T/strace.out" >"$T/hit.out"
is "$use" hit 'a hit under strace'
sent() {
  grep -cE "^(sendto|sendmsg|write|writev)\\($1" "$T/hit.out" || true
}
is "$(sent '.*my500:1:')" 1 'is one question to memcached'
is "$(sent '.*get [^ ]*my500:1:e')" 1 'for everything'
web=$(sent '[0-9]+<[^ ]*my500\.sock')
log=$(sent '[0-9]+<[^ ]*my500\.log')
check "one answer to the web server ($web)" test "$web" -ge 1
is "$(sent '[0-9]')" $((1 + web + log)) 'and nothing to anybody else'

# race PATH TOKEN SQL: a reader waits in the midst of its query, with what was
# true before, while SQL is committed and told of.  $T/late is its answer.  The
# path is one that was not asked for before.
race() {
  lock_activities
  fcgi "/api/my-500$1" "$2" >"$T/late" &
  reader=$!
  wait_until is_waited_for
  psql -Xqc "$3"
  wait_until has_caught_up
  unlock_activities
  wait "$reader"
}
psql -Xqc "INSERT INTO users (id, email, \"updatedAt\")
    VALUES ('racer', 'racer@example.com', now())" \
  -c "INSERT INTO contacts (id, name, \"updatedAt\", \"userId\")
    VALUES ('raced', 'Before It', now(), 'racer')"
racer=$(token racer)
wait_until shows 'Before It' '' "$racer"
race '?limit=2' "$racer" "UPDATE contacts SET name = 'After It' WHERE id = 'raced'"
is "$(status <"$T/late") $(grep -c 'Before It' "$T/late")" '200 1' \
  'a reader that a commit overtakes tells what was true'
ask '?limit=2' "$racer"
is "$code $(grep -c 'After It' "$T/answer")" '200 1' \
  'which nobody is told again'
race '/search?q=it' "$racer" "UPDATE contacts SET name = 'X' WHERE id = 'raced'"
is "$(status <"$T/late") $(grep -c 'After It' "$T/late")" '200 1' \
  'a search is overtaken'
ask '/search?q=it' "$racer"
is "$code $(performance .data.pagination.total)" '200 0' 'and not told again'
# What cascades would wait, too.
race '?limit=3' "$racer" "SET session_replication_role = replica;
  DELETE FROM users WHERE id = 'racer'"
is "$(status <"$T/late")" 200 'so is a user who is deleted'
ask '?limit=3' "$racer"
is "$code" 401 'and refused from then on'
memcached_ask 'delete my500:1:u:racer' >/dev/null
race '?limit=4' "$racer" "INSERT INTO users (id, email, \"updatedAt\")
  VALUES ('racer', 'racer@example.com', now())"
is "$(status <"$T/late")" 401 'or one who is created'
ask '?limit=4' "$racer"
is "$code" 200 'and known'
still_alive
stop_my500

# --- many ask for what is missing
WORKERS=8
listened=$(invalidators)
start_my500
wait_until listens
searches() {
  psql -XAtc "SELECT coalesce(max(calls), 0) FROM pg_stat_statements
    JOIN pg_roles ON oid = userid WHERE rolname = 'my500'
    AND query ~ '(FROM|JOIN) (users|contacts|activities)\\M'"
}
forget_statements
asking=()
for ((i = 0; i < 30; i++)); do
  fcgi '/api/my-500/search?q=e&limit=50' "$big_token" >"$T/many.$i" &
  asking+=("$!")
done
wait "${asking[@]}"
asked=$(searches)
check "30 ask for the same at once, and it is read $asked times" \
  test "$asked" -ge 1 -a "$asked" -le 15
is "$(for ((i = 0; i < 30; i++)); do
  answer=$(<"$T/many.$i")
  timeless "${answer#*$'\r\n\r\n'}"
done | sort | uniq -c | awk '{ print $1 }')" 30 'all are told the same'
still_alive
stop_my500

# --- who listens may not look up whose contacts are
psql -Xqc 'CREATE ROLE listener LOGIN'
WORKERS=1
listened=$(invalidators)
start_my500 \
  MY500_LISTEN_URL="host=$T port=$PGPORT dbname=my500 user=listener"
is_denied() {
  grep -q '"statement":"owners","sqlstate":"42501"' "$T/my500.log"
}
check 'a listener that may not know whose contacts are says so' wait_until \
  is_denied
ask "$page"
ask "$page"
is "$code $use $(invalidators)" "200 miss $listened" \
  'and does not begin, so that nothing is kept'
grant='GRANT SELECT (id, "userId") ON contacts TO listener'
psql -Xqc "$grant"
check 'until it may' wait_until listens
# change_activity: in a way that somebody is told of
change_activity() {
  psql -Xqc "INSERT INTO activities (id, type, \"updatedAt\", \"userId\",
    \"contactId\") SELECT gen_random_uuid(), 'CALL', now(), \"userId\", id
    FROM contacts LIMIT 1"
}
for sql in 'REVOKE ALL ON contacts FROM listener' \
  'ALTER TABLE contacts ENABLE ROW LEVEL SECURITY'; do
  listened=$(invalidators)
  psql -Xqc "$sql"
  change_activity
  check "$sql: it ends when it may not know any more" wait_until is_no_epoch
  psql -Xqc "$grant" -c 'ALTER TABLE contacts DISABLE ROW LEVEL SECURITY'
  check 'and begins anew' wait_until listens
done
still_alive
stop_my500

# --- larger than memcached takes
stop_memcached
start_memcached -I 64k -o slab_chunk_max=16384
WORKERS=2
listened=$(invalidators)
start_my500
wait_until listens
large='?limit=100&activities=0'
ask "$large" "$big_token"
first=$data
check "a large page ($(wc -c <"$T/answer") bytes)" \
  test "$(wc -c <"$T/answer")" -gt 70000
for i in 1 2; do
  ask "$large" "$big_token"
  is "$code $use" '200 miss' 'is not kept'
done
is "$data" "$first" 'but right'
check 'others are kept' wait_until is_hit '?limit=2' "$big_token"
is "$(grep -c cache_unavailable "$T/my500.log" || true)" 0 \
  'and memcached is not left alone for it'
still_alive
stop_my500

# --- by their lives alone, and not at all
ended=$(invalidators)
start_my500 MY500_INVALIDATION=ttl MY500_PAGE_TTL=2 MY500_USER_TTL=2
check 'ttl: pages are kept' wait_until is_hit "$page"
psql -Xqc "UPDATE contacts SET name = 'Changed Six' WHERE name = 'Changed Five'"
check 'and read anew when their life is over' wait_until shows 'Changed Six' \
  "$page"
is "$(invalidators)" "$ended" 'nobody listens'
stop_my500
memcached_setting=
start_my500
ask "$page"
ask "$page"
is "$code $use" '200 off' 'without memcached: off'
is "$(invalidators)" "$ended" 'and nobody listens'
still_alive
done_testing
