#!/bin/sh
# Fails when what watches my500 and what my500 tells have come apart: metrics
# that alerts or the dashboard ask for, tests and advice for each alert.  With
# promtool (and jq) the alerts are tested, too.  Prints TAP.
cd "${srcdir:-.}" || exit 99
LC_ALL=C
export LC_ALL
def=include/my500/metrics.def
rules=deploy/prometheus/alerts.yml
tests=deploy/prometheus/alerts_test.yml
scrape=deploy/prometheus/scrape.yml
board=deploy/grafana/my500.json
awk=${AWK:-awk}

scratch=$(mktemp -d "${TMPDIR:-/tmp}/my500-monitoring-XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT

points=0
point() { # what is so when there are no findings, findings
	points=$((points + 1))
	if test -z "$2"; then
		echo "ok $points - $1"
	else
		echo "not ok $points - $1"
		echo "$2" | sed 's/^/# /'
	fi
}

# The names of all samples, as the program writes them.
$awk -F '[(,]' '
/^COUNTER\(/ { print "my500_" $2 "_total" }
/^HISTOGRAM\(/ {
	print "my500_" $2 "_bucket"
	print "my500_" $2 "_count"
	print "my500_" $2 "_sum"
}
/^DERIVED\(/ {
	end[" counter"] = "_total"
	end[" info"] = "_info"
	print "my500_" $2 end[$3]
}' $def | sort >"$scratch/known"

asked_for() {
	grep -oh 'my500_[a-z0-9_]*' "$@" | sort -u
}

unknown() {
	for file in $rules $tests $board; do
		asked_for "$file" | comm -23 - "$scratch/known" |
			sed "s|^|$file: there is no |"
	done
}

# Of a histogram one sample will do.
unseen() {
	asked_for $rules $board | sed -E 's/_(bucket|count|sum)$//' |
		sort -u >"$scratch/seen"
	sed -E 's/_(bucket|count|sum)$//' "$scratch/known" | sort -u |
		comm -23 - "$scratch/seen"
}

alerts=$(sed -n 's/^ *- alert: //p' $rules)

untested() {
	for alert in $alerts; do
		$awk -v alert="$alert" '
		/- alertname:/ { here = $3 == alert }
		here && /exp_alerts:/ { found = 1 }
		END { exit !found }' $tests || echo "$alert"
	done
}

# The README says what to do, in a paragraph for each and for no other.
advice() {
	echo "$alerts" | sort >"$scratch/alerts"
	sed -n 's/^  \(My500[A-Za-z]*\)$/\1/p' README | sort |
		diff "$scratch/alerts" - |
		sed -n 's/^</no paragraph:/p; s/^>/no such alert:/p'
}

# The dashboard's questions as rules, which promtool can read; Grafana puts
# its variables in before it asks.
questions() {
	echo 'groups: [{ name: dashboard, rules: ['
	jq -r '.panels[].targets[].expr | gsub("\\$__rate_interval"; "5m") |
		"{ record: a, expr: " + @json + " },"' $board | sort -u
	echo ']}]'
}

check_questions() {
	jq empty $board && questions >"$scratch/questions.yml" &&
		promtool check rules --lint=none "$scratch/questions.yml"
}

complaints() {
	"$@" >"$scratch/said" 2>&1 || cat "$scratch/said"
}

point "alerts and dashboard ask for metrics that are there" "$(unknown)"
point "no metric is without a place where it is seen" "$(unseen)"
point "each alert is seen to fire in a test" "$(untested)"
point "the README says what to do when an alert fires" "$(advice)"
if command -v promtool >/dev/null && command -v jq >/dev/null; then
	# else out of the count
	point "Prometheus can be started with them" \
		"$(complaints promtool check config $scrape)"
	point "the alerts fire when they should, and else are silent" \
		"$(complaints promtool test rules $tests)"
	point "the dashboard's questions are understood" \
		"$(complaints check_questions)"
fi
echo "1..$points"
