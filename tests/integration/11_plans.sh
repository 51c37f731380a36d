#!/usr/bin/env bash
#
# How PostgreSQL goes about the statements of schema/queries: without a sort,
# without reading a table through, and no dearer for a user when there are many
# others.  Which indexes count as missing.

set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"
need postgres psql createdb

queries=$abs_top_srcdir/schema/queries
names=()
for file in "$queries"/*.sql; do
  name=$(basename "$file" .sql)
  [[ $name != missing_indexes ]] || continue
  echo "PREPARE $name AS $(cat "$file");" >"$T/$name.sql"
  names+=("$name")
done

# session COMMAND…: runs the commands as the worker's role, which plans
# generically, with the statements prepared that they name.
session() {
  local name
  {
    for name in "${names[@]}"; do
      [[ $* != *"$name"* ]] || cat "$T/$name.sql"
    done
    echo "SET my500.snapshot = '';" # as search_user.sql does
    printf '%s;\n' "$@"
  } | PGUSER=my500 psql -XAq -P footer=off \
    -P tuples_only="${tuples_only:-on}" -v ON_ERROR_STOP=1
}

# plan_of STATEMENT ARGUMENTS [COMMAND…]: what PostgreSQL does, when the
# commands have been run before it: a word for each node
# (Node_Type:table:index, and :never when it was not executed), heap= rows that
# index-only scans looked up in the table, and pages= read or written.
plan_of() {
  session "${@:3}" \
    "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE $1${2:+($2)}" |
    perl -MJSON::PP -0 -ne '
      my $plan = decode_json($_)->[0]{Plan};
      my ($heap, $pages) = (0, 0);
      sub walk {
        my $node = shift;
        $heap += $node->{"Heap Fetches"} // 0;
        print join(":", $node->{"Node Type"} =~ s/ /_/gr, grep({ defined }
          @{$node}{"Relation Name", "Index Name"}),
          $node->{"Actual Loops"} ? () : "never"), " ";
        walk($_) for @{$node->{Plans} // []};
      }
      walk($plan);
      $pages += $plan->{"$_ Blocks"} for "Shared Hit", "Shared Read",
        "Temp Read", "Temp Written";
      print "heap=$heap pages=$pages\n"'
}

at_most() {
  (($1 <= $2))
}

reads_no_table() {
  [[ $1 != *Seq_Scan:[ac]* ]]
}

is_straight() {
  [[ $1 != *Sort* ]] && reads_no_table "$1"
}

order=my500_contacts_order
count=my500_contacts_count
latest=my500_activities_latest
search=my500_contacts_search
texts=my500_contacts_texts
long=my500_contacts_long

start_postgres
load_schema -v users=20 -v contacts=500 -v activities=2
sample=$abs_top_srcdir/schema/sample.sql
user_of() {
  psql -XAtqc "SELECT id FROM users WHERE email = '$1@example.com'"
}
user=$(user_of user001)
big=$(user_of user002)

in_order='"addedToCampaign" DESC, "warmnessScore", "lastContacted",
  "createdAt" DESC, id'

# place_of USER PART CONDITION: the first arguments of find_after: a place in
# the order that this part (0 to 1) of the user's contacts come before, or the
# next to it that meets the condition; there is a page of others behind it.
place_of() {
  psql -XAtqc "SELECT format('%L, %L, %s, %s, %L, %L', \"userId\",
      \"addedToCampaign\", \"warmnessScore\", quote_nullable(\"lastContacted\"),
      \"createdAt\", id)
    FROM (SELECT *, row_number() OVER (ORDER BY $in_order) AS place,
        count(*) OVER () - 40 AS places
      FROM contacts WHERE \"userId\" = '$1') c
    WHERE place <= places AND $3
    ORDER BY abs(place - $2 * places), place LIMIT 1"
}

# Some contacts of a user, as a statement before found_….sql keeps them.
page_of() {
  psql -XAtqc "SELECT array_agg(id) FROM (SELECT id FROM contacts
    WHERE \"userId\" = '$1' ORDER BY md5(id) LIMIT 20) c"
}

# The snapshot at which a number is known: the one of the moment.
known="concat_ws(' ', current_database(), current_user,
  'contacts'::regclass::oid, pg_postmaster_start_time(),
  pg_stat_get_bgwriter_stat_reset_time(), pg_current_snapshot())"
keep_known="DO \$\$ BEGIN
  PERFORM set_config('my500.snapshot', $known, false); END \$\$"
kept="SET my500.page = '$(page_of "$user")'"

# --- pages -------------------------------------------------------------------

statements=(page_contacts page_activities page_summary find_page find_after
  found_contacts found_activities)
declare -A pages before
declare -A arguments=(
  [page_contacts]="'$user', 20, 0"
  [page_activities]="'$user', 20, 0, 5"
  [page_summary]="'$user', NULL"
  [find_page]="'$user', 20, 400"
  [find_after]="$(place_of "$user" 0.5 true), 20, NULL"
  [found_contacts]="'$user'"
  [found_activities]=5
)
ranges="(Subquery_Scan(:never)? Limit(:never)? (Result(:never)? )?\
Index_Scan:contacts:$order(:never)? ){7}"
declare -A wanted=(
  [page_contacts]="^Limit Index_Scan:contacts:$order heap"
  [page_activities]="^Nested_Loop Limit Index_Only_Scan:contacts:$order Limit \
Index_Scan:activities:$latest heap=0 "
  [page_summary]="Index_Only_Scan:contacts:$count .*heap=0 "
  [find_page]="^Aggregate Limit Index_Only_Scan:contacts:$order heap=0 "
  [find_after]="^Aggregate Limit Append Limit Index_Scan:contacts:$order \
${ranges}heap"
  [found_contacts]="^Nested_Loop Function_Scan \
Index_Scan:contacts:contacts_pkey heap"
  [found_activities]="^Nested_Loop Function_Scan Limit \
Index_Scan:activities:$latest heap"
)

# examine WHEN: the plans for the first user; leaves in $pages what they read.
examine() {
  local name plan
  for name in "${statements[@]}"; do
    plan=$(plan_of "$name" "${arguments[$name]}" "$kept")
    like "$plan" "${wanted[$name]}" "$1: $name goes by its indexes"
    check "$1: $name neither sorts nor reads a table through" \
      is_straight "$plan"
    pages[$name]=${plan##*=}
  done
}

# nothing_counted WHEN: reads the user's row, as search_user does, and no more.
nothing_counted() {
  local plan user_plan
  plan=$(plan_of page_summary "'$user', $known")
  user_plan=$(plan_of search_user "'$user', NULL")
  check "$1: page_summary reads no contacts when their number is known" \
    at_most "${plan##*=}" "${user_plan##*=}"
}

# owners WHEN: contacts are found by their ids.
owners() {
  local plan
  plan=$(plan_of owners "'$(page_of "$user")'")
  like "$plan" '^(Unique Sort|Aggregate) Index_Scan:contacts:contacts_pkey heap' \
    "$1: owners goes by the contacts' ids"
  pages[owners]=${plan##*=}
}

# places WHEN: a cursor costs the same wherever it is.
places() {
  local part kind plan place least=1000 most=0
  for part in 0 0.5 1; do
    for kind in NULL 'NOT NULL'; do
      place=$(place_of "$big" "$part" "\"lastContacted\" IS $kind")
      plan=$(plan_of find_after "$place, 20, NULL")
      check "$1: a cursor at $part, lastContacted $kind: neither sorts nor \
reads a table through" is_straight "$plan"
      ((least <= ${plan##*=})) || least=${plan##*=}
      ((most >= ${plan##*=})) || most=${plan##*=}
    done
  done
  check "$1: it reads $least to $most pages, beginning, middle and end" \
    at_most "$most" $((least + 20))
  pages[places]=$most
}

# searches WHEN: search_count as search_user has it planned, for its term, and
# search_contacts for many matches and for the few whose ids are kept.  Leaves
# in $pages what they read.
custom='SET plan_cache_mode = force_custom_plan'
many="SET enable_sort = off; SET my500.matches = ''"
unknown='NULL, NULL, NULL, 1000'
from_start='NULL, NULL, NULL, NULL, NULL'
place=$(place_of "$big" 0.5 true)
by_search="Bitmap_Index_Scan:$search "
search() { # WHAT USER TERM: the plan
  case $1 in
    search_count)
      plan_of search_count "'$2', '%$3%', $unknown" "$custom"
      ;;
    search_contacts:many)
      plan_of search_contacts "'$2', '%$3%', 20, 0, $from_start" "$many"
      ;;
    search_contacts:few)
      plan_of search_contacts "'$2', '%$3%', 20, 0, ${place#*, }" \
        "SET enable_sort = off; SET my500.matches = '$(page_of "$2")'"
      ;;
  esac
}
searches() {
  local term who plan name
  for term in 411 gmail an; do
    for who in "$user" "$big"; do
      for name in search_count search_contacts:many search_contacts:few; do
        plan=$(search "$name" "$who" "$term")
        check "$1: $name for $term of ${sizes[$who]} reads no table through" \
          reads_no_table "$plan"
        plans[$name $term $who]=$plan
        pages[$name $term $who]=${plan##*=}
      done
    done
  done
  is "$(plan_of search_count "'$big', '%gmail%', $known, 7, NULL, 1000" \
    "$custom" "$keep_known" | sed 's/.*heap/heap/')" 'heap=0 pages=0' \
    "$1: search_count reads nothing when the number is known"
}
declare -A plans sizes=(["$user"]='500 contacts' ["$big"]='5000 contacts')

# by_their_indexes WHEN: searches of a user with very many contacts.
by_their_indexes() {
  like "${plans[search_count 411 $big]}" "$by_search" \
    "$1: search_count finds a rare term by $search"
  like "$(search search_count "$big" example)" \
    "Append Subquery_Scan Index_Only_Scan:contacts:$texts Subquery_Scan \
Index(_Only)?_Scan:contacts:$long .*heap=0 " \
    "$1: search_count reads what very many match without the table"
  like "${plans[search_contacts:few 411 $big]}" \
    "Function_Scan .*Index_Scan:contacts:contacts_pkey \
.*Index_Scan:contacts:$order:never" \
    "$1: search_contacts fetches few matches by their ids"
  like "${plans[search_contacts:many gmail $big]}" \
    "contacts_pkey.* Index_Scan:contacts:$order heap" \
    "$1: search_contacts meets many matches in the order of the page"
}

examine 'of 20 users'
nothing_counted 'of 20 users'
owners 'of 20 users'
places 'of 20 users'
searches 'of 20 users'
by_their_indexes 'of 20 users'
for name in "${!pages[@]}"; do
  before[$name]=${pages[$name]}
done

# A page costs what it shows, not what the user has.
plan=$(plan_of page_contacts "'$big', 20, 0")
check 'a page of 5000 contacts costs no more than one of 500' \
  at_most "${plan##*=}" $((before[page_contacts] + 3))
check 'a cursor among 5000 contacts neither' \
  at_most "${before[places]}" $((before[find_after] + 20))

# Contacts that tie in all but the id: what follows begins in the first range,
# or, without lastContacted, in the fifth, and is not looked for elsewhere.
ties='"addedToCampaign" AND "warmnessScore" = 3
  AND "lastContacted" = '"'2024-03-01 10:00'"
plan=$(plan_of find_after "$(place_of "$big" 0 "$ties"), 20, NULL")
like "$plan" "^Aggregate Limit Append Limit Index_Scan:contacts:$order \
(Subquery_Scan:never Limit:never [^=]*:never ){7}heap" \
  'when one range has a page, the others are not looked at'
ties='NOT "addedToCampaign" AND "warmnessScore" = 0
  AND "lastContacted" IS NULL AND "createdAt" = '"'2023-11-05'"
plan=$(plan_of find_after "$(place_of "$big" 0 "$ties"), 20, NULL")
like "$plan" "Index_Scan:contacts:$order \
(Subquery_Scan:never Limit:never [^=]*:never ){3}heap" \
  'nor are those behind it, without lastContacted'

# A term that many contacts match, from a place on.
plan=$(plan_of find_after "$place, 20, '%gmail%'")
check 'a page of what matches a frequent term is met soon' \
  at_most "${plan##*=}" 250
check 'and neither sorted nor read from the whole table' is_straight "$plan"

# Without the index the rows come faster, and then it is built as it would be.
psql -Xq -c "DROP INDEX $search"
psql -Xq -v users=300 -v contacts=100 -v activities=2 -f "$sample"
psql -Xq -f "$abs_top_srcdir/schema/indexes.sql"
examine 'of 300 users'
nothing_counted 'of 300 users'
owners 'of 300 users'
places 'of 300 users'
searches 'of 300 users'
by_their_indexes 'of 300 users'
like "$(plan_of page_summary "${arguments[page_summary]}")" \
  'Index_Scan:users:users_pkey' 'of 300 users: the user is looked up by key'

# An index may have grown by a level; a page of activities goes down one of
# them once for each contact, and a cursor once for each range.
declare -A growth=([page_contacts]=1 [page_activities]=21 [page_summary]=2
  [find_page]=1 [find_after]=8 [found_contacts]=20 [found_activities]=20
  [owners]=20 [places]=8)
for name in "${!growth[@]}"; do
  check "$name reads ${pages[$name]} pages among 300 users, ${before[$name]} \
among 20" at_most "${pages[$name]}" $((before[$name] + growth[$name]))
done

# Where the entries of a term are many, more of them are passed over: not 7
# times as many.
for name in "${!plans[@]}"; do
  check "${name% *} of ${sizes[${name##* }]} reads ${pages[$name]} pages among \
300 users, ${before[$name]} among 20" \
    at_most "${pages[$name]}" $((before[$name] * 2))
done

# --- searches without the index ----------------------------------------------

# What they answer, from the beginning and from a place, with ids and without;
# the ids themselves come in any order.
found() {
  local term from keep
  for term in 411 gmail an; do
    for from in "$from_start" "${place#*, }"; do
      for keep in 0 5000; do
        session BEGIN \
          "EXECUTE search_count('$big', '%$term%', NULL, NULL, NULL, $keep)" \
          "EXECUTE search_contacts('$big', '%$term%', 20, 5, $from)" \
          "EXECUTE found_contacts('$big')" COMMIT | sed 's/{.*}/{}/'
      done
    done
  done
}
matches=$(found)
like "$matches" '411' 'there is something to find'

psql -Xq -c 'CREATE SCHEMA ext' -c 'ALTER EXTENSION pg_trgm SET SCHEMA ext' \
  -c 'ALTER EXTENSION btree_gin SET SCHEMA ext'
like "$(search search_count "$big" 411)" "$by_search" 'extensions may be where the role may not look'

psql -Xq -c "DROP INDEX $search" -c 'DROP EXTENSION pg_trgm' \
  -c 'DROP EXTENSION btree_gin'
searches 'without index'
is "$(found)" "$matches" 'the same is found without the index'

# --- the rows ----------------------------------------------------------------

# The snapshot is whatever it is.
rows_of() {
  session "$@" | sed -E 's/\|my500 [^|]*/|SNAPSHOT/'
}
ada="$user|Ada Lovelace|user001@example.com|CONSULTANT|SYNCED"
ada+="|2024-01-15 09:00:00|SNAPSHOT"
is "$(rows_of "EXECUTE page_summary('nobody', NULL)" \
  "EXECUTE page_summary('$user', NULL)")" \
  "||||||SNAPSHOT|0|0
$ada|500|475" \
  'the summary is one row, with a user and without'
is "$(rows_of "EXECUTE page_summary('$user', $known)" \
  "EXECUTE page_summary('$user', 'another snapshot')")" \
  "$ada|0|0
$ada|500|475" \
  'known numbers are not counted, those of another snapshot are'
is "$(rows_of "EXECUTE search_user('nobody', NULL)" \
  "EXECUTE search_user('$user', NULL)")" \
  "||||||SNAPSHOT|t|t|t
$ada|t|t|t" \
  'of who searches there is one row, with a user and without'
is "$(session "EXECUTE search_count('$big', '%', $unknown)" "$keep_known" \
  "EXECUTE search_count('$big', '%', $known, 7, NULL, 1000)" \
  "EXECUTE search_count('$big', '%', 'another snapshot', 7, '{a}', 1000)" |
  paste -sd' ')" \
  '5000||t|t 7||t|t 5000||t|t' \
  'known matches are not counted, those of another snapshot are'

# kept_by ARGUMENT…: what search_count says, and keeps.
kept_by() {
  session BEGIN "$keep_known" "EXECUTE search_count($1)" \
    "SELECT current_setting('my500.matches')" COMMIT | paste -sd' '
}
some="'$user', '%@gmail.com%'"
ids=$(psql -XAtc "SELECT array_agg(id) FROM contacts WHERE \"userId\" = '$user'
  AND email LIKE '%@gmail.com'")
total=$(tr -cd , <<<"$ids" | wc -c)
total=$((total + 1))
sorted() {
  tr '{},' '\n' | sort | grep . | paste -sd' '
}
is "$(kept_by "$some, NULL, NULL, NULL, 1000" | sorted)" \
  "$(echo "$total|{${ids:1:-1}}|t|t {${ids:1:-1}}" | sorted)" \
  'of few matches the ids are told and kept'
is "$(kept_by "$some, NULL, NULL, NULL, $total")" "$total||t|t " \
  'unless there are too many of them'
is "$(kept_by "$some, $known, 2, '{a,b}', 1000")" '2|{a,b}|t|t {a,b}' \
  'known ids are kept as they are'
is "$(kept_by "'$user', '%no such contact%', NULL, NULL, NULL, 1000")" \
  '0|{}|t|t {}' 'of no matches, too'

# Of 2000 contacts so many in 20 have an email, or a name, with such a term,
# some of them in capitals, and in those that only Unicode folds into ASCII.
# Some are longer than an entry of a btree may be.
# However they are counted, the number is true, and ids are all or none.
psql -Xq -v ON_ERROR_STOP=1 <<'SQL'
SET client_encoding = 'UTF8';
INSERT INTO users (id, email, "updatedAt")
VALUES ('dense', 'dense@example.com', now());
INSERT INTO contacts (id, name, email, "updatedAt", "userId", "warmnessScore")
SELECT 'dense' || n, CASE n % 5 WHEN 0 THEN upper(name) ELSE name END
  || CASE n % 11 WHEN 0 THEN (SELECT string_agg(md5(n || ' ' || i), '')
      FROM generate_series(1, 200) i) ELSE '' END,
  CASE n % 7
    WHEN 0 THEN upper(email)
    WHEN 1 THEN replace(email, 'k', E'\u212A')
    WHEN 2 THEN replace(email, 'i', E'\u0130')
    ELSE email END, now(), 'dense', n
FROM (
  SELECT n,
    string_agg('name' || k || CASE WHEN n % 400 = 19 THEN ' kilo' || k || '@ '
      || 'mot' || k || '@ ' || 'größe' || k ELSE '' END, ' ') AS name,
    string_agg('kilo' || k || '@ mot' || k || '@ größe' || k || '@', ' ')
      FILTER (WHERE n % 20 < k - 20) AS email
  FROM generate_series(1, 2000) n, generate_series(21, 40) k
  WHERE n % 20 < k - 20 OR n % 400 = 19
  GROUP BY n
) c;
SQL
for term in kilo mot größe name; do
  for k in {21..39..2} 26; do
    like="\"userId\" = 'dense' AND concat_ws(E'\n', name, email) ILIKE '%$term$k%'"
    psql -XAtc "SELECT count(*), coalesce(array_agg(id ORDER BY $in_order), '{}')
      FROM contacts WHERE $like" >"$T/wanted"
    kept_by "'dense', '%$term$k%', NULL, NULL, NULL, 10000" >"$T/got"
    echo "$term$k $(<"$T/wanted") $(<"$T/got")"
  done
done | awk '{
  split($2, wanted, "|")
  split($3, got, "|")
  few = wanted[1] < 2000 ? wanted[2] : ""
  if (got[1] == wanted[1] && (got[2] == few && $4 == wanted[2] ||
      got[2] == "" && $4 == ""))
    counted[$4 == "" ? "without" : "with"]++
  else
    print $1 ": " wanted[1] ", not " got[1]
  }
  END { print (counted["with"] > 4) (counted["without"] > 9) }' >"$T/dense"
is "$(<"$T/dense")" 11 'whatever part of the contacts matches'

# mode_after STATEMENT…: how statements are planned in the transaction.
mode_after() {
  session BEGIN "${@/#/EXECUTE }" 'SHOW plan_cache_mode' COMMIT \
    'SHOW plan_cache_mode' | grep '^force_' | paste -sd' '
}
is "$(mode_after "search_user('$user', NULL)")" \
  'force_custom_plan force_generic_plan' \
  'search_user has statements planned for their terms'
is "$(mode_after "search_user('$user', $known)")" \
  'force_generic_plan force_generic_plan' 'unless the number is known'
is "$(mode_after "search_user('$user', NULL)" \
  "search_count('$user', '%a%', $unknown)")" \
  'force_generic_plan force_generic_plan' 'up to search_count'

# In the order of the tables that the program counts by.
columns() {
  sed -n 's/^COLUMN([A-Z]*, *\([A-Za-z]*\))$/\1/p' \
    "$abs_top_srcdir/include/my500/$1.def" | paste -sd'|'
}
tuples_only=off
nothing="SET my500.page = '{}'"
for name in "page_contacts('nobody', 1, 0)" "found_contacts('nobody')"; do
  is "$(session "$nothing" "EXECUTE $name")" "$(columns contact)" \
    "${name%(*}.sql and contact.def name the same columns"
done
for name in "page_activities('nobody', 1, 0, 1)" 'found_activities(1)'; do
  is "$(session "$nothing" "EXECUTE $name")" "$(columns activity)" \
    "${name%(*}.sql and activity.def name the same columns"
done
tuples_only=on

# --- missing indexes ---------------------------------------------------------

createdb bare
export PGDATABASE=bare
for file in tables indexes role; do
  psql -Xq -v ON_ERROR_STOP=1 -f "$abs_top_srcdir/schema/$file.sql"
done

# missing_after SQL: what the worker would find missing then; optional?
missing_after() {
  {
    echo "BEGIN; $1; SET LOCAL ROLE my500;"
    cat "$queries/missing_indexes.sql"
    echo '; ROLLBACK'
  } | psql -XAtq -v ON_ERROR_STOP=1 | sed 's/|f$//; s/|t$/?/' | paste -sd' '
}

columns='"userId", "addedToCampaign" DESC, "warmnessScore", "lastContacted", "createdAt" DESC'
new_order="DROP INDEX $order; CREATE INDEX theirs ON contacts"
new_count="DROP INDEX $count; CREATE INDEX theirs ON contacts"
new_latest="DROP INDEX $latest; CREATE INDEX theirs ON activities"
new_search="DROP INDEX $search; CREATE INDEX theirs ON contacts USING gin"
searched='name gin_trgm_ops, email gin_trgm_ops, organisation gin_trgm_ops'

# Each line: what is tried, what is missing then, and how it comes about.
while IFS='|' read -r name missing change; do
  is "$(missing_after "$change")" "$missing" "missing indexes: $name"
done <<END
nothing is missing||SELECT
the order is|$order|DROP INDEX $order
the count is|$count|DROP INDEX $count
the latest is|$latest|DROP INDEX $latest
all are|$latest $count $order|DROP INDEX $order, $count, $latest
without tables too|$latest $count $long? $order $search? $texts?|DROP TABLE activities, contacts
an invalid one|$count|UPDATE pg_index SET indisvalid = false WHERE indexrelid = '$count'::regclass
another name will do||ALTER INDEX $order RENAME TO theirs
an index of their own will do||$new_order ($columns, id)
one with more columns||$new_order ($columns, id, name)
one the other way round||$new_order ("userId", "addedToCampaign", "warmnessScore" DESC, "lastContacted" DESC, "createdAt", id DESC)
not one without the id|$order|$new_order ($columns)
not one in other directions|$order|$new_order ("userId", "addedToCampaign", "warmnessScore", "lastContacted", "createdAt", id)
not one with nulls first|$order|$new_order ("userId", "addedToCampaign" DESC, "warmnessScore", "lastContacted" NULLS FIRST, "createdAt" DESC, id)
not one in another sequence|$order|$new_order ("userId", "warmnessScore", "addedToCampaign" DESC, "lastContacted", "createdAt" DESC, id)
not one that is partial|$order|$new_order ($columns, id) WHERE "isActive"
not one of another collation|$order|$new_order ($columns, id COLLATE "POSIX")
not one of another operator class|$order|$new_order ($columns, id text_pattern_ops)
not one of another table|$count|DROP INDEX $count; CREATE INDEX $count ON activities ("userId", "updateSyncStatus")
a count that includes||$new_count ("userId") INCLUDE ("updateSyncStatus")
a count in any direction||$new_count ("userId" DESC, "updateSyncStatus")
not a count by half|$count|$new_count ("userId")
not a hash|$count|$new_count USING hash ("userId")
the latest, oldest first||$new_latest ("contactId", "createdAt", id)
not the latest with a wrong id|$latest|$new_latest ("contactId", "createdAt" DESC, id)
the texts are|$texts?|DROP INDEX $texts
the long ones are|$long?|UPDATE pg_index SET indisvalid = false WHERE indexrelid = '$long'::regclass
the search is|$search?|DROP INDEX $search
without the extensions too|$search?|DROP INDEX $search; DROP EXTENSION pg_trgm, btree_gin
a search that is invalid|$search?|UPDATE pg_index SET indisvalid = false WHERE indexrelid = '$search'::regclass
a search of their own will do||$new_search ("userId", $searched)
a search in any sequence||$new_search ($searched, "userId")
a search of more columns||$new_search ("userId", phone gin_trgm_ops, $searched)
with extensions in another schema||CREATE SCHEMA ext; ALTER EXTENSION pg_trgm SET SCHEMA ext; ALTER EXTENSION btree_gin SET SCHEMA ext
not a search of all users|$search?|$new_search ($searched)
not a search of less|$search?|$new_search ("userId", name gin_trgm_ops, email gin_trgm_ops)
not a search that is partial|$search?|$new_search ("userId", $searched) WHERE "isActive"
not a search for whole names|$search?|$new_search ("userId", name, email gin_trgm_ops, organisation gin_trgm_ops)
not a search for parts of users|$search?|$new_search ("userId" gin_trgm_ops, $searched)
not a search of another collation|$search?|$new_search ("userId", name COLLATE "C" gin_trgm_ops, email gin_trgm_ops, organisation gin_trgm_ops)
not a search by btree|$search?|DROP INDEX $search; CREATE INDEX $search ON contacts ("userId", name, email, organisation)
END

# What is said to be good must be good: the plan is the same.
psql -Xqc "$new_latest (\"contactId\" DESC, \"createdAt\", id)"
psql -Xq -v users=3 -v big=500 -f "$sample"
like "$(plan_of page_activities "'$user', 20, 0, 5")" \
  'Index_Scan:activities:theirs heap=0' \
  'an index the other way round is read backwards'

done_testing
