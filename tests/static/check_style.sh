#!/bin/sh
# Fails when the C of this tree leaves the ways that a machine can see: length
# of lines and functions, calls and jumps that we do without, a header and a
# test for every module, formatting.  A review remark made twice becomes one
# more point here.  Prints TAP.
cd "${srcdir:-.}" || exit 99
LC_ALL=C
export LC_ALL

# Modules without a unit test of their own: those that need the world around
# them, which tests/integration gives them; then those of a few lines that all
# tests run, and those that another module's test is about.
untested="
cache/epochs cache/memcached
endpoint/contacts endpoint/exchange endpoint/failure endpoint/health
endpoint/monitoring endpoint/page_reply endpoint/services
gateway/cgi gateway/fastcgi gateway/fastcgi_client identity/identity
process/check process/child process/invalidator process/reload
process/status_view process/supervisor process/worker
store/connection store/contact_store store/database store/schema_check
store/session store/statement store/subscription

base/arena base/memory base/status
base/config_file base/config_name identity/token_policy
"

c=$(find app tests -name '*.c' | sort)
h=$(find include app tests -name '*.h' | sort)
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

# In characters, not bytes; a tab goes to the next column after eight.
# shellcheck disable=SC2086 # the names hold no blanks
long_lines() {
	awk '{
		gsub(/[\200-\277]/, "")
		n = split($0, part, "\t")
		columns = 0
		for (i = 1; i <= n; i++) {
			columns += length(part[i])
			if (i < n)
				columns += 8 - columns % 8
		}
		if (columns > 80)
			print FILENAME ":" FNR ": " columns " columns"
	}' $c $h
}

# Those of the tests may be longer, by their tables.
long_functions() {
	find app -name '*.c' | sort | xargs awk '
	/^\{/ { first = FNR }
	/^\}/ && first {
		if (FNR - first - 1 > 60)
			print FILENAME ":" first ": " FNR - first - 1 " lines"
		first = 0
	}'
}

# The lines of all files without strings and comments: FILE:LINE: code
# shellcheck disable=SC2086
code() {
	awk '
	FNR == 1 { in_comment = 0 }
	{
		gsub(/\\./, "")
		gsub(/"[^"]*"/, "\"\"")
		gsub(/\/\*[^*]*\*\//, "")
		if (in_comment && !sub(/.*\*\//, ""))
			next
		in_comment = sub(/\/\*.*/, "")
		print FILENAME ":" FNR ": " $0
	}' $c $h
}

headless() {
	for file in app/*/*.c; do
		name=$(basename "$file" .c)
		test -f "include/my500/$name.h" ||
			echo "$file: no include/my500/$name.h"
	done
}

testless() {
	for file in app/*/*.c; do
		name=$(basename "$file" .c)
		room=$(basename "$(dirname "$file")")
		for module in $untested; do
			test "$module" = "$room/$name" && continue 2
		done
		test -f "tests/unit/test_$name.c" ||
			echo "$file: no tests/unit/test_$name.c"
	done
}

excused_for_nothing() {
	for module in $untested; do
		test -f "app/$module.c" || echo "app/$module.c is not there"
		test -f "tests/unit/test_$(basename "$module").c" &&
			echo "app/$module.c has a test now"
	done
}

point "no line is longer than 80 columns" "$(long_lines)"
point "no function of app/ is longer than 60 lines" "$(long_functions)"
banned='strcpy|strcat|v?sprintf|strtok|ato[ifl]|alloca|system|popen|gets'
point "no banned call" "$(code | grep -E "[^A-Za-z0-9_]($banned)[ 	]*\(")"
point "goto goes to out and nowhere else" \
	"$(code | grep '[^A-Za-z0-9_]goto[ 	]' | grep -v 'goto out;')"
point "every module has its header" "$(headless)"
point "every module has its unit test" "$(testless)"
point "no module is excused without need" "$(excused_for_nothing)"

# Another version would see it otherwise: counted only with the right one.
for tool in clang-format-14 clang-format; do
	case $($tool --version 2>/dev/null) in
	*" 14."*)
		# shellcheck disable=SC2086
		point "formatted by clang-format" "$($tool --dry-run $c $h 2>&1 |
			sed -n 's/^\([^:]*\):.*warning:.*/\1/p' | uniq -c)"
		break
		;;
	esac
done
echo "1..$points"
