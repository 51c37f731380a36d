#!/bin/bash
#
# Measures deep pages, cursors and searches through lighttpd, by wrk, for one
# client and for several:
#
#   tests/bench/search.sh [SAMPLE [ROUNDS [SECONDS [WORKERS [CLIENTS [WHAT]]]]]]
#
# prints a table, times in milliseconds: medians of ROUNDS (3) of SECONDS (3)
# each, in which all cases take their turns.  First without memcached, so that
# every answer is counted anew ("count" in the table), then with one that knows
# the totals ("known"); nothing else is cached.  Wanted, of the full sample, is
# what the p95 of a single client is to stay below.  Before anything is measured
# every answer is compared with what psql says, and every worker is warmed up.
# Below the table is the machine's pace: on one that others use, too, or that
# slows down when it is hot, times are of use beside that only.  WHAT is a
# regular expression: only cases whose name it matches.  With the defaults it
# takes 27 minutes.  About SAMPLE (full or small), and how to keep it: lib.sh.
set -euo pipefail
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh" psql wrk jq curl
UNCACHED=yes

sample=${1:-full}
rounds=${2:-3}
seconds=${3:-3}
WORKERS=${4:-8}
clients=${5:-8}
crowds=(1)
((clients == 1)) || crowds+=("$clients")
what=${6:-.}

order='"addedToCampaign" DESC, "warmnessScore", "lastContacted",
  "createdAt" DESC, id'

# --- cases -------------------------------------------------------------------

# Of the case number N: $T/case.N holds the requests, $T/expected.N for each of
# them the total, a tab, and the ids of the page.
case_names=()
case_wanted=() # the limits, without and with a known total; - for none
case_next=()   # yes: the page behind that of the requests, by its cursor

# add NAME WANTED NEXT SQL: the case of a query for user, the page's number and
# its term ('' for the list).
add() {
  local n=${#case_names[@]} skip=20
  [[ $1 =~ $what ]] || return 0
  case_names+=("$1")
  if [[ $sample == full ]]; then
    case_wanted+=("$2")
  else
    case_wanted+=('- -')
  fi
  case_next+=("$3")
  [[ $3 == yes ]] || skip=0
  # Three conditions, no index of ours, no cursor: the contract's words.
  psql -XAtF $'\t' -v ON_ERROR_STOP=1 >"$T/asked" <<SQL
WITH asked AS MATERIALIZED ($4)
SELECT a."user", a.page, a.term, found.total,
  array_to_string(found.ids[(a.page - 1) * 20 + $skip + 1
    :a.page * 20 + $skip], ',')
FROM asked a ("user", page, term)
CROSS JOIN LATERAL (SELECT '%' ||
  regexp_replace(a.term, '([\\\\%_])', '\\\\\\1', 'g') || '%' AS pattern) p
CROSS JOIN LATERAL (
  SELECT count(*) AS total, array_agg(id ORDER BY $order) AS ids
  FROM contacts
  WHERE "userId" = a."user" AND (a.term = '' OR name ILIKE pattern
    OR email ILIKE pattern OR organisation ILIKE pattern)
) found
SQL
  cut -f 4- "$T/asked" >"$T/expected.$n"
  jq -rR 'split("\t") | "\(.[0])\t/api/my-500" + (if .[2] == "" then "?"
      else "/search?q=\(.[2] | @uri)&" end) + "limit=20&activities=5" +
      (if .[1] == "1" then "" else "&page=\(.[1])" end)' "$T/asked" |
    while IFS=$'\t' read -r user path; do
      printf '%s\t%s\n' "$(token_of "$user")" "$path"
    done >"$T/case.$n"
}

# Kept, for it takes a moment to make one.
token_of() {
  local file=$T/token.$1
  [[ -e $file ]] || token "$1" 86400 >"$file"
  cat "$file"
}

literal() {
  printf "'%s'" "${1//\'/\'\'}"
}

# The list of the user with many contacts.
add_list() { # add_list NAME NEXT PAGE
  add "many: $1" '- -' "$2" "SELECT '$big', $3, ''"
}

# Others' searches for what their contacts are called: a term for each of 200
# users, LETTERS (SQL, of the word and a number h by chance) of a word.
add_few() { # add_few NAME NEXT LEAST-LETTERS LETTERS
  add "few: $1" '20 20' "$2" "
    SELECT u.id, 1, substr(w.word,
      CASE WHEN h % 4 = 0 AND length(word) > $3 THEN 2 ELSE 1 END, $4)
    FROM (SELECT id FROM users
      WHERE email NOT IN ('user002@example.com', 'user003@example.com')
      ORDER BY md5(id) LIMIT 200) u
    CROSS JOIN LATERAL (
      SELECT word, md5('$1' || c.id || word) AS chance
      FROM contacts c CROSS JOIN LATERAL regexp_split_to_table(
        lower(concat_ws(' ', name, replace(email, '@', ' '), organisation)),
        '\s+') word
      WHERE c.\"userId\" = u.id AND length(word) >= $3
      ORDER BY chance LIMIT 1
    ) w
    CROSS JOIN LATERAL (
      SELECT ('x' || left(w.chance, 7))::bit(28)::integer AS h) h"
}

# Searches of the user with many contacts.
add_many() { # add_many NAME WANTED NEXT TERM…
  local name="many: $1" wanted=$2 next=$3 term rows=''
  shift 3
  for term; do
    rows+=", ('$big', 1, $(literal "$term"))"
  done
  add "$name" "$wanted" "$next" "SELECT * FROM (VALUES ${rows#, }) v"
}

bench_sample "$sample" shared_buffers=2GB

deep=$((big_contacts / 25)) # 4000 of 100,000 contacts
add_list 'page 1' no 1
add_list 'page 2' no 2
add_list "page $deep" no "$deep"
add_list 'page 2 by cursor' yes 1
add_list "page $deep by cursor" yes $((deep - 1))

add_few '1 letter' no 1 1
add_few '2 letters' no 2 2
add_few '3 letters' no 3 3
add_few '4 to 8 letters' no 4 '4 + h % 5'
add_few 'whole words' no 3 200
add_few '1 letter, page 2 by cursor' yes 1 1
add_few '3 letters, page 2 by cursor' yes 3 3

add_many 'none' '60 5' no zzzz qxqx 'nobody at all'
add_many 'one' '60 5' no 54321@ 12345@ 98765@
add_many 'tens' '60 5' no 1234 2718 'ltd 99'
add_many 'hundreds' '60 5' no 'jane smith' 'björk lee' 'gmbh 1'
add_many 'thousands' '60 5' no 李小龍 smith anna müller gmbh
add_many 'a third' '60 5' no mail .com contact ample.
add_many 'most' '60 5' no example exa xample
add_many 'two letters' '250 5' no an or .o le qz 李小 '&&'
add_many 'two letters, not in a row' '250 5' no 'a b' "o'c" 'z.e'
add_many 'one letter' '250 5' no a e z % 李 '!'
add_many 'tens, page 2 by cursor' '60 5' yes 1234 2718
add_many 'hundreds, page 2 by cursor' '60 5' yes 'jane smith' 'björk lee'
add_many 'thousands, page 2 by cursor' '60 5' yes 李小龍 smith anna müller
add_many 'most, page 2 by cursor' '60 5' yes example exa
add_many 'two letters, page 2 by cursor' '250 5' yes an le 李小 'a b' "o'c"
add_many 'one letter, page 2 by cursor' '250 5' yes a e z

# --- right before fast -------------------------------------------------------

# ask N: asks for the case's requests; the answers are $T/answers/1 and so on,
# their statuses $T/statuses.
ask() {
  local token path i=0
  rm -rf "$T/answers"
  mkdir "$T/answers"
  while IFS=$'\t' read -r token path; do
    ((i == 0)) || echo next
    i=$((i + 1))
    printf '%s\n' silent globoff 'noproxy = "*"' 'max-time = 30' \
      "url = \"$URL$path\"" "header = \"Authorization: Bearer $token\"" \
      "output = \"$T/answers/$i\"" 'write-out = "%{http_code}\n"'
  done <"$T/case.$1" >"$T/curl.conf"
  curl -q -K "$T/curl.conf" >"$T/statuses"
}

# of_answers FILTER: what jq's filter makes of each answer.
of_answers() {
  find "$T/answers" -type f -printf '%f\n' | sort -n |
    (cd "$T/answers" && xargs jq -r "$1")
}

# In place of the requests, those for the page that follows, as the answer says.
turn_to_next() {
  local n=$1
  ask "$n"
  of_answers '.data.pagination.nextCursor // "-" | @uri' |
    paste "$T/case.$n" - >"$T/next"
  awk -F '\t' '$3 != "-" { sub(/&page=[0-9]*/, "", $2)
    print $1 "\t" $2 "&cursor=" $3 }' "$T/next" >"$T/case.$n"
  # The others have no such page.
  paste "$T/next" "$T/expected.$n" | awk -F '\t' '$3 != "-" {
    print $4 "\t" $5 }' >"$T/expected"
  mv "$T/expected" "$T/expected.$n"
}

# verify N: the answers must be what psql has said.
verify() {
  ask "$1"
  of_answers '"\(.data.pagination.total)\t\([.data.contacts[].id] |
    join(","))"' >"$T/answered" || true
  if grep -qv '^200$' "$T/statuses" || ! cmp -s "$T/answered" "$T/expected.$1"
  then
    {
      echo "${case_names[$1]}: wrong answers, not worth measuring"
      sort "$T/statuses" | uniq -c
      cut -f 2 "$T/case.$1" |
        paste - "$T/answered" "$T/expected.$1" |
        awk -F '\t' '$2 != $4 || $3 != $5' | head -n 3 | cut -c 1-1000
    } >&2
    exit 70
  fi
}

# --- the rounds --------------------------------------------------------------

# A session that meets a buffer for the first time has to map it: where it
# counts among 100,000 contacts, that takes 100 ms and more, once.  So all
# workers have to be busy with each case.
warm_up() {
  local i
  for ((i = 0; i < ${#case_names[@]}; i++)); do
    [[ ! -s $T/case.$i ]] || wrk_run "$T/case.$i" "$WORKERS" 1 >"$T/warm"
  done
}

# measure COUNT-OR-KNOWN: lines of $T/taken: that word, the case, the number of
# clients, and what wrk_run says.
measure() {
  local i c round
  for ((i = 0; i < ${#case_names[@]}; i++)); do
    [[ $1 == known || ${case_next[i]} == no ]] || turn_to_next "$i"
    # Few may match in a small sample: then there is no page 2.
    [[ -s $T/case.$i ]] || continue
    verify "$i"
    verify "$i" # the first has made the total known
  done
  warm_up
  pace >>"$T/pace"
  for ((round = 1; round <= rounds; round++)); do
    for ((i = 0; i < ${#case_names[@]}; i++)); do
      for c in "${crowds[@]}"; do
        [[ -s $T/case.$i ]] || continue
        [[ ! -t 2 ]] || printf '\r%s: round %d, case %d of %d ' "$1" \
          "$round" "$((i + 1))" "${#case_names[@]}" >&2
        echo "$1 $i $c $(wrk_run "$T/case.$i" "$c" "$seconds")" >>"$T/taken"
      done
    done
    pace >>"$T/pace"
  done
  [[ ! -t 2 ]] || printf '\r%40s\r' '' >&2
}

start_my500
start_lighttpd
measure count
stop_my500
start_memcached
start_my500
measure known

# --- the table ---------------------------------------------------------------

# of_rounds COUNT-OR-KNOWN CASE CLIENTS COLUMN: the median.
of_rounds() {
  awk -v what="$1 $2 $3" -v column="$4" \
    '$1 " " $2 " " $3 == what { print $column }' "$T/taken" | median
}

met=0
missed=0
printf '%-36s %15s %-5s %7s %9s %8s %8s %8s %8s  %s\n' "$WORKERS workers" \
  matches total clients requ./s p50 p95 p99 'not 2xx' wanted
for ((i = 0; i < ${#case_names[@]}; i++)); do
  [[ -s $T/case.$i ]] || continue
  name=${case_names[i]}
  matches=$(cut -f 1 "$T/expected.$i" | sort -n |
    sed -n '1p;$p' | uniq | paste -sd- | sed 's/-/ to /')
  for total in count known; do
    for c in "${crowds[@]}"; do
      wanted=${case_wanted[i]#* }
      [[ $total == known ]] || wanted=${case_wanted[i]% *}
      p95=$(of_rounds "$total" "$i" "$c" 6)
      if [[ $c != 1 || $wanted == - ]]; then
        wanted=
      elif awk -v p95="$p95" -v wanted="$wanted" \
        'BEGIN { exit !(p95 < wanted) }'; then
        met=$((met + 1))
      else
        missed=$((missed + 1))
        wanted+=' missed'
      fi
      printf '%-36s %15s %-5s %7d %9.0f %8.2f %8.2f %8.2f %8.0f  %s\n' \
        "$name" "$matches" "$total" "$c" "$(of_rounds "$total" "$i" "$c" 4)" \
        "$(of_rounds "$total" "$i" "$c" 5)" "$p95" \
        "$(of_rounds "$total" "$i" "$c" 7)" \
        "$(of_rounds "$total" "$i" "$c" 9)" "$wanted"
      name=
      matches=
    done
  done
done

# index_of NAME: the case's number, or nothing.
index_of() {
  local i
  for ((i = 0; i < ${#case_names[@]}; i++)); do
    [[ ${case_names[i]} != "$1" ]] || echo "$i"
  done
}

one=$(index_of 'many: page 1')
other=$(index_of "many: page $deep by cursor")
if [[ -n $one && -n $other ]]; then
  for total in count known; do
    for c in "${crowds[@]}"; do
      awk -v what="cursor page $deep / page 1 ($total, clients: $c)" \
        -v a50="$(of_rounds "$total" "$one" "$c" 5)" \
        -v b50="$(of_rounds "$total" "$other" "$c" 5)" \
        -v a95="$(of_rounds "$total" "$one" "$c" 6)" \
        -v b95="$(of_rounds "$total" "$other" "$c" 6)" 'BEGIN {
          printf "%s: p50 %.2f, p95 %.2f, wanted 1.5\n", what, b50 / a50,
            b95 / a95 }'
    done
  done
fi
echo "pace, in ms, before and after each round: $(paste -sd' ' "$T/pace")" \
  "(median: $(median <"$T/pace"))"
[[ $sample != full ]] || echo "wanted p95: $met met, $missed missed"
