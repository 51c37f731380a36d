#!/bin/bash
#
# Cursors: who follows them to the end meets what the pages have, in their
# order, whatever the keys are, and whatever happens meanwhile; and what is no
# cursor, or somebody else's, is refused.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"
UNCACHED=yes
. "$abs_top_srcdir/tests/support/ask.sh"

need jq
plan 13

start_postgres
load_schema -v users=6 -v activities=2
user_of() { # the one of this number
  psql -XAtc "SELECT id FROM users WHERE email LIKE 'user00$1@%'"
}
ordinary=$(user_of 1)
many=$(user_of 2)
none=$(user_of 3)
start_memcached
start_my500
start_lighttpd

# --- walks of the sample: one contact in five ties in all but the id
psql -XAtc 'SELECT id FROM users ORDER BY id' >"$T/users"
for limits in 7 20 100; do
  sed "s/\$/\\tactivities=1\\t$limits/" "$T/users"
done >"$T/walks"
printf '%s\t\t%s\n' "$ordinary" 7,1,33,2 "$many" 100,1,60 >>"$T/walks"
points 'lists, by several limits' ask_pages.pl walks <"$T/walks"
for term in a an nna example 100% zzz jürgen gmail.com \\ ''; do
  target=$("$support/expected_pages.pl" target "$term")
  for user in "$ordinary" "$many" "$none"; do
    printf '%s\t%s\t%s\n' "$user" "$target&activities=0" 100,60
  done
  printf '%s\t%s\t%s\n' "$ordinary" "$target" 7
done >"$T/walks"
points 'searches, by frequent and rare terms' ask_pages.pl walks <"$T/walks"
# In front of all, so that cursors are of several lengths.
psql -Xq -c "INSERT INTO contacts (id, name, \"addedToCampaign\",
    \"warmnessScore\", \"lastContacted\", \"updatedAt\", \"userId\")
  SELECT id, 'Short', true, -9, '2024-01-01', now(), '$ordinary'
  FROM unnest(ARRAY['x', 'xy', 'xyz', 'xyzt']) AS i (id)"
points 'what is no cursor is refused' bad_cursors.pl "$ordinary" "$many"

# From any page of numbers a cursor goes on.
token=$(token "$many")
next_of() { # of the answer to a path
  http "$1" "$token" | body | jq -r .data.pagination.nextCursor
}
contacts_of() {
  http "$1" "$token" | body | jq -c .data.contacts
}
for page in 1 12 13 14 249; do
  next=$(next_of "/api/my-500?page=$page")
  contacts_of "/api/my-500?cursor=$next"
  contacts_of "/api/my-500?page=$((page + 1))"
done >"$T/contacts"
uniq -c "$T/contacts" | awk '{ printf "%d ", $1 }' >"$T/counts"
is "$(<"$T/counts")" '2 2 2 2 2 ' 'pages by number and by cursor alternate'
like "$next" '^[A-Za-z0-9_-]{40,100}$' 'a cursor is short'

# Far behind, a cursor costs what it costs at the beginning.
# (The least of four: a catalog may have to be read anew.)
for query in '/api/my-500?' '/api/my-500/search?q=example&'; do
  : >"$T/costs.1"
  : >"$T/costs.100"
  for page in 1 100 1 100 1 100 1 100; do
    next=$(next_of "${query}activities=0&limit=20&page=$page")
    blocks_read >"$T/read"
    http "${query}activities=0&limit=20&cursor=$next" "$token" >"$T/answer"
    blocks_read >>"$T/costs.$page"
  done
  near=$(sort -n "$T/costs.1" | sed -n 1p)
  far=$(sort -n "$T/costs.100" | sed -n 1p)
  check "behind page 1 $near blocks are read, behind page 100 $far [$query]" \
    test "$far" -lt $((2 * near))
done

# --- changes meanwhile
psql -Xqc "DELETE FROM activities
  WHERE id LIKE '%c%' OR id LIKE '%q%' OR id LIKE '%z%'"
points 'rows come, go and change meanwhile' changing_walks.pl \
  "$ordinary" "$none" 34
still_alive
stop_my500

# --- all that a key can be
psql -Xq -v ON_ERROR_STOP=1 -c 'TRUNCATE users, contacts, activities' \
  -f "$support/microseconds.sql"
psql -Xq -v ON_ERROR_STOP=1 <<'SQL'
INSERT INTO users (id, email, "updatedAt")
SELECT id, id || '@example.com', now()
FROM unnest(ARRAY['extreme', 'tied', 'two', 'other']) AS i (id);
INSERT INTO contacts (id, name, "addedToCampaign", "warmnessScore",
  "lastContacted", "createdAt", "updatedAt", "userId")
SELECT CASE n % 13
    WHEN 0 THEN 'id' || n
    WHEN 1 THEN 'ID' || n
    WHEN 2 THEN 'it''s ' || n
    WHEN 3 THEN '"quoted", ' || n
    WHEN 4 THEN '{' || n || '}'
    WHEN 5 THEN 'back\slash\' || n
    WHEN 6 THEN n || 'ü 李 🦄'
    WHEN 7 THEN E'new\nline\t' || n
    WHEN 8 THEN n || repeat(' long', 200)
    WHEN 9 THEN n || E'\u0001\u007f'
    WHEN 10 THEN repeat('NULL', n % 2 + 1) || repeat(' ', n)
    WHEN 11 THEN repeat(' ', n)
    ELSE n::text
  END,
  'Name ' || n, n % 7 < 3, warmness, contacted, created, now(), 'extreme'
FROM (
  SELECT (row_number() OVER ())::integer AS n, warmness, contacted, created
  FROM unnest(ARRAY[-2147483648, -1, 0, 2147483647]) AS w (warmness),
    unnest(ARRAY[NULL, '-infinity', '4714-11-24 00:00:00 BC',
      '0044-03-15 12:00:00.5 BC', '0001-12-31 23:59:59.999999 BC',
      '0001-01-01 00:00:00', '1969-12-31 23:59:59.999999',
      '2024-02-29 10:00:00.000001', '2024-02-29 10:00:00.000002',
      '9999-12-31 23:59:59.999999', '10000-01-01 00:00:00',
      '294276-12-31 23:59:59.999999', 'infinity']::timestamp[])
      AS l (contacted),
    unnest(ARRAY['-infinity', '4714-11-24 00:00:00.000001 BC',
      '1999-12-31 23:59:59.999999', '2000-01-01 00:00:00', 'infinity']
      ::timestamp[]) AS c (created)
) k;
INSERT INTO contacts (id, name, "addedToCampaign", "warmnessScore",
  "lastContacted", "createdAt", "updatedAt", "userId")
SELECT chr(65 + n % 60) || n || u, 'Name', true, 1,
  CASE WHEN u = 'tied' OR n % 2 = 0 THEN timestamp '2024-01-01' END,
  '2024-01-01', now(), u
FROM unnest(ARRAY['tied', 'two']) AS u, generate_series(1, 150) n;
INSERT INTO contacts (id, name, "updatedAt", "userId")
VALUES ('', 'Name', now(), 'other'), ('0', 'Name', now(), 'other');
SQL
for user in extreme tied two other; do
  printf "$user\t%s\t%s\n" '' 1 '' 7 activities=0 100,1,9 search?q=name 13 \
    search?q=E%209 2
done >"$T/walks"
start_my500
points 'extreme keys, and such that tie' ask_pages.pl walks <"$T/walks"
still_alive
stop_my500
stop_memcached
start_my500 MY500_PREPARE=off
points 'also without memcached and prepared statements' ask_pages.pl walks \
  <"$T/walks"
still_alive
