#!/bin/bash
#
# Searches: what is found, in which order, on which page, equals what
# ExpectedPages.pm works out of the same tables in its own way; totals are
# remembered, and true all the same.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"
UNCACHED=yes
. "$abs_top_srcdir/tests/support/ask.sh"

need jq
plan 26

start_postgres max_prepared_transactions=5 wal_writer_delay=10000
load_schema -v users=4 -v activities=2
user_of() { psql -XAtc "SELECT id FROM users WHERE email LIKE 'user00$1@%'"; }
ordinary=$(user_of 1)
many=$(user_of 2)
none=$(user_of 3)

# Beside the sample's names: letters whose cases differ in strange ways, columns
# that would match only together, empty and long ones.
psql -Xq -v ON_ERROR_STOP=1 -v ordinary="$ordinary" -v many="$many" <<'SQL'
INSERT INTO contacts (id, name, email, organisation, "updatedAt", "userId",
  "addedToCampaign", "warmnessScore")
SELECT 'strange' || u || '-' || n, name, email, organisation, now(), u,
  n % 2 = 0, n % 3
FROM (VALUES (:'ordinary'), (:'many')) AS user_ids (u),
  ROWS FROM (unnest(ARRAY[
    'İstanbul Iğdır', 'ıstanbul ığdır', 'STRASSE', 'Straße', 'STRAẞE',
    'ΟΔΥΣΣΕΥΣ', 'Οδυσσεύς', 'οδυσσευσ', E'\u212Aelvin', 'kelvin', 'Ǆamija',
    'ǅamija', 'ǆamija', E'New\nLine', E'ends here\n', 'ends here', '', '%', '_',
    '\', '\\', '%_\', '''', '"', E'tab\there', E'\u0001\u007f', E'\ufffd',
    E'\U0010FFFF', E'A\u030Angstro\u0308m', 'Ångström', E'\u212Bngström',
    'ﬁne', 'FINE', 'ſoft', 'a   b', ' leading', 'trailing ', E'no\u00a0break',
    repeat('long ', 200) || 'end', 'x%y', 'x_y', 'xzy', 'x\y', 'x\%y',
    'Ⴀႀ ⴀⴠ ა Ა', 'Ꭰ ꭰ', '𐐀 𐐨', 'ЁЖИК ёжик']),
  unnest(ARRAY[NULL, '', 'at@example.com', E'\nbegins here', 'begins here']),
  unnest(ARRAY[NULL, '', '50%_off\', 'ends', E'a\nb\nc']))
  WITH ORDINALITY AS row_of (name, email, organisation, n)
WHERE name IS NOT NULL;
SQL
start_memcached
start_my500
start_lighttpd

# --- terms
mapfile -t terms <<'TERMS'
a
an
ann
anna
ANNA
aNNa LEE
nna
zzzz
Jürgen
JÜRGEN
jurgen
müller
MÜLLER & SÖHNE
ß
ẞ
ss
strasse
straße
i
I
ı
İ
istanbul
ISTANBUL
İSTANBUL
σ
Σ
ς
οδυσσευσ
ΟΔΥΣΣΕΎΣ
k
K
kelvin
ǆ
Ǆ
ǅ
ł
Łukasz
ŁUKASZ
þóra
ødegård
é
ö
Å
å
Å
ngström
fi
ﬁ
ſ
s
%
%%
_
__
\
\\
\%
%_\
50%_off\
100%
o%r
r_b
x_y
x%y
x\y
x\%y
back\slash
\slash
c:\archive\new
'
''
O'Brien
o'
"
"quoted"
'; DROP TABLE contacts; --
$1
%s
</script>
&
+
=
?
#
/
;
@example.com
@EXAMPLE
.com
xn--bcher-kva
bücher.example
BÜCHER
петров
ПЕТРОВ
ж
Ж
ё
е
李
小龍
山田 花子
株式会社
김
민수
محمد
الحسن
שרה
प्रिया
ि
สมชาย
გიორგი
ა
Ა
አበበ
Ꭰ
ꭰ
𐐀
𐐨
𝒜lice
alice
🦄
🚀
👨‍👩‍👧‍👦
‍
Z̷a̵l̶
̷
Fullwidth
ＦＵＬＬ
fullwidth
ends here
ends begins
a   b
TERMS
terms+=(' ' '  ' ' leading' 'trailing ' $'\n' $'w\nL' $'new\nline' $'here\n'
  $'\nbegins' $'here\nbegins' $'here\nends' $'a\nb\nc' $'a\nb' $'\t' $'b\th'
  $'\x01' $'\x7f' $'\ufffd' $'\U10ffff' $'\u200f' $'\u0301' $'e\u0301'
  $'\u00a0' $'A\u030a' "$(printf 'long %.0s' {1..40})"
  "$(printf 'ß%.0s' {1..200})" 'long end')
"$support/expected_pages.pl" requests --user "$ordinary" --user "$none" \
  "${terms[@]}" >"$T/requests"
check 'there are many requests' test "$(wc -l <"$T/requests")" -gt 2000
points "${#terms[@]} terms find what they should" ask_pages.pl pages \
  < <(sample <"$T/requests")

# Of many contacts, the index finds those of some terms, and the order has those
# of others.
sed -n "s/^$none\(.*&\)\(page=3\)\{0,1\}\$/$many\1\2/p" "$T/requests" \
  >"$T/many"
for page in {1..61} 250 300; do
  printf "$many\\tsearch?q=%s&page=$page&activities=1\\n" a an example
done >>"$T/many"
check 'there are many of them' test "$(wc -l <"$T/many")" -gt 500
points 'also among five thousand' ask_pages.pl pages \
  < <(sample <"$T/many")

# Every letter that has a case, as of Unicode 10: one contact for each.
perl -CO -e 'for (0x80 .. 0x10ffff) {
    my $letter = chr;
    next if $_ >= 0xd800 && $_ < 0xe000 || $letter !~ /\p{Present_In: 10.0}/
      || lc $letter eq $letter && uc $letter eq $letter;
    print "letter$_\t<$letter>\t2024-01-01\tletters\n";
  }' >"$T/letters.tsv"
psql -Xq -v ON_ERROR_STOP=1 -c "INSERT INTO users (id, email, \"updatedAt\")
  VALUES ('letters', 'letters@example.com', now())" \
  -c "\\copy contacts (id, name, \"updatedAt\", \"userId\")
    FROM '$T/letters.tsv'"
perl -lne '/^letter(\d+)/ or die; my $letter = chr $1;
  next if lc $letter eq $letter; utf8::encode($letter);
  print "letters\tsearch?limit=5&q=%3C", map { sprintf "%%%02x", ord }
    split //, $letter' "$T/letters.tsv" >"$T/requests"
check 'there are many letters' test "$(wc -l <"$T/requests")" -gt 1000
points 'each capital finds its small letter, and itself' ask_pages.pl pages \
  < <(sample <"$T/requests")

# --- spellings of one request
while read -r query; do
  printf "$ordinary\\t%s\\n" "search?$query"
done >"$T/requests" <<'QUERIES'
q=anna+lee
q=anna%20lee
q=ann%61%20LEE
%71=anna
q=%c3%bc
q=%C3%BC
q=ü
q=a&q=zzz
q=&q=zzz
q
q=
limit=3
page=2
q=a&page=2&limit=3&activities=0
activities=20&limit=100&page=3&q=e
Q=zzz
q[]=zzz
query=zzz
q=a=b
q=a%26b
q=%25
q=%2525
q=%2B
q=a%00
q=%00
q=%ff
q=%C3
q=%C3%28
q=%c0%80
q=%ed%a0%80
q=%f4%90%80%80
q=%
q=%2
q=%zz
q=a&page=0
q=a&limit=101
q=%ff&limit=101
limit=101&q=%ff
q=a&cursor=x
QUERIES
long=$(printf '%%C3%%9F%.0s' {1..200})
printf "$ordinary\\tsearch?q=%s\\n" "$long" "$long%61" "${long//%C3%9F/a}a" \
  "${long//%C3%9F/%F0%9F%9A%80}" "${long//%C3%9F/%F0%9F%9A%80}a" \
  >>"$T/requests"
points 'however it is spelt; and errors' ask_pages.pl pages <"$T/requests"

# --- beside the list
token=$(token "$ordinary")
ask() { # leaves the raw answer in $T/answer
  http "$@" >"$T/answer"
}
got_status() { status <"$T/answer"; }
got() { body <"$T/answer" | jq -c "$1"; }
same='.data.contacts, (.data.pagination | .nextCursor |= (. != null))'
for query in '' 'page=2&limit=7' 'page=20&activities=0' 'page=99'; do
  ask "/api/my-500?$query" "$token"
  list=$(got "$same")
  ask "/api/my-500/search?$query&q=" "$token"
  is "$(got "$same" | sha256sum)" "$(sha256sum <<<"$list")" \
    "an empty q is the list [$query]"
done
is "$(got '.data | keys_unsorted')" '["contacts","pagination","searchStats"]' \
  'searchStats is in the place of syncStatus'
ask '/api/my-500/search?q=M%C3%BCLLER+%22%26%5C' "$token"
is "$(got '.data.searchStats | del(.searchTime)')" \
  '{"query":"MüLLER \"&\\","totalResults":0}' 'and has the query as it was'
like "$(body <"$T/answer")" \
  '"searchTime":[0-9]+\.[0-9]{3}\}\},"performance":' 'and the time, at its end'

# --- conditional requests: the time it took is no difference
ask '/api/my-500/search?q=a' "$token"
etag=$(header ETag <"$T/answer")
for ((i = 0; i < 5; i++)); do
  ask '/api/my-500/search?q=a' "$token" -H "If-None-Match: $etag"
  printf '%s ' "$(got_status)"
done >"$T/statuses"
is "$(<"$T/statuses")" '304 304 304 304 304 ' 'the same search, the same ETag'
for query in q=A q=an 'q=a&page=2' 'q=a&limit=19' ''; do
  ask "/api/my-500/search?$query" "$token" -H "If-None-Match: $etag"
  printf '%s ' "$(got_status)"
done >"$T/statuses"
is "$(<"$T/statuses")" '200 200 200 200 200 ' 'another one has another'
psql -Xqc "UPDATE contacts SET name = name || 'a' WHERE id = '$(
  body <"$T/answer" | jq -r '.data.contacts[0].id')'"
ask '/api/my-500/search?q=a' "$token" -H "If-None-Match: $etag"
is "$(got_status)" 200 'and so after a change'

# --- a fault of ours
psql -Xqc 'ALTER TABLE contacts RENAME organisation TO renamed'
ask '/api/my-500/search?q=a' "$token"
is "$(got_status) $(got '[.error, .code]')" \
  '500 ["Failed to search contacts","INTERNAL_ERROR"]' 'a failure says which'
ask /api/my-500 "$token"
is "$(got '[.error, .code]')" '["Failed to fetch contacts","INTERNAL_ERROR"]' \
  'as that of the list does'
psql -Xqc 'ALTER TABLE contacts RENAME renamed TO organisation'
ask '/api/my-500/search?q=a' "$token"
is "$(got_status)" 200 'and then it works again'

# --- totals that are remembered
blocks_read >"$T/blocks"
for query in '/search?q=e&activities=0' '?activities=0'; do
  ask "/api/my-500$query" "$(token "$many")"
  first=$(blocks_read 'count[(][*][)]')
  ask "/api/my-500$query" "$(token "$many")"
  again=$(blocks_read 'count[(][*][)]')
  diag "$query: $first blocks are read to count, then $again"
  check 'what was counted is not counted again' \
    test "$again" -lt $((first * 2 / 3))
done

psql -Xq -v many="$many" -v ordinary="$ordinary" <<'SQL'
DELETE FROM contacts WHERE "userId" = 'letters'
  OR "userId" = :'many' AND id NOT IN (SELECT id FROM contacts
    WHERE "userId" = :'many' ORDER BY id LIMIT 1050)
  OR "userId" = :'ordinary' AND id > (SELECT id FROM contacts
    WHERE "userId" = :'ordinary' ORDER BY id OFFSET 60 LIMIT 1);
DELETE FROM activities WHERE id LIKE '%q%' OR id LIKE '%z%';
VACUUM ANALYZE;
SQL
points 'every kind of commit shows at once' known_totals.pl "$many" "$ordinary"

# PostgreSQL may crash and lose commits, where synchronous_commit is off; then
# others take their numbers, and the same snapshot means something else.
add() { # add ID…
  psql -Xqc "INSERT INTO contacts (id, name, \"updatedAt\", \"userId\")
    SELECT id, 'Crash', now(), '$many'
    FROM unnest(string_to_array('$*', ' ')) AS i (id)"
}
rows() { psql -XAtc "SELECT count(*) FROM contacts WHERE name = 'Crash'"; }
total() {
  fcgi '/api/my-500/search?q=crash' "$(token "$many")" | body |
    jq .data.pagination.total
}
crash() { # of one session, at which all of PostgreSQL starts again
  local backend
  psql -Xqc 'SELECT pg_sleep(60)' >"$T/victim.log" 2>&1 &
  until [[ -n ${backend:=$(psql -XAtc "SELECT pid FROM pg_stat_activity
    WHERE query = 'SELECT pg_sleep(60)'")} ]]; do sleep 0.02; done
  kill -KILL "$backend"
  wait "$!" || true
  wait_until psql -Xqc 'SELECT 1' >"$T/probe.log" 2>&1
}
for ((tries = 0; tries < 10; tries++)); do
  psql -Xqc "DELETE FROM contacts WHERE name = 'Crash'" -c CHECKPOINT
  add lost
  remembered=$(total)
  crash
  [[ $(rows) != 0 ]] || break
done
is "$remembered $(rows)" '1 0' 'a commit is lost'
add new1 new2
is "$(total) $(total)" '2 2' 'and what was counted with it'
still_alive
