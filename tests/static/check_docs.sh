#!/bin/sh
# Fails when what people read and what the program does have come apart: the
# README's table of settings, the names of settings anywhere, the options in
# the manual pages, the package's version, columns and statuses in the
# description of HTTP.  Prints TAP.
cd "${srcdir:-.}" || exit 99
def=include/my500/config.def
pages="my500.conf.5 my500.fcgi.8"
program_page=deploy/man/my500.fcgi.8.in
openapi=deploy/openapi.yaml
awk=${AWK:-awk}

known=$(sed -n 's/^[A-Z]*("\(MY500_[A-Z0-9_]*\)".*/\1/p' $def)

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

settings() {
	$awk -f deploy/man/settings.awk -v as="$1" $def
}

# The README has, between its marks, what the table generates.
table() {
	want=$(settings readme) || echo "settings.awk fails"
	have=$(sed -n '/^  --- settings ---$/,/^  --- end ---$/p' README |
		sed '1d;$d')
	test "$have" = "$want" ||
		echo "put there: $awk -f deploy/man/settings.awk" \
			"-v as=readme $def"
}

# Names that some document mentions, but config.def does not have.
strange_names() {
	for file in README deploy/man/*.in $openapi $def deploy/*/*.conf; do
		grep -o 'MY500_[A-Z0-9_]*[A-Z0-9]' "$file" | sort -u |
			grep -vxF "$known" | sed "s|^|$file: there is no |"
	done
}

# The options that main.c takes, and those that the manual page explains.
options() {
	sed -n 's/.*{ "\([a-z]*\)", [a-z]*_argument.*/\1/p' app/main.c | sort \
		>"$scratch.have"
	sed -n 's/^\.It Fl -\([a-z]*\).*/\1/p' $program_page | sort |
		diff "$scratch.have" - |
		sed -n 's/^</main.c only:/p; s/^>/manual page only:/p'
	while read -r option; do
		grep -q -e "--$option" app/main.c ||
			echo "main.c: --help does not tell of --$option"
	done <"$scratch.have"
}

# What the description of HTTP has otherwise than the tables, or elsewhere.
described() {
	for pair in contact:Contact activity:Activity; do
		sed -n 's/^COLUMN([A-Z]*, *\([A-Za-z]*\))$/\1/p' \
			"include/my500/${pair%:*}.def" >"$scratch.def"
		sed -n "/^    ${pair#*:}:\$/,/^    [A-Z]/p" $openapi |
			sed -n 's/^ \{8\}\([A-Za-z]*\):.*/\1/p' |
			grep -vx activities | diff "$scratch.def" -
	done
	sed -n 's/^STATUS([A-Z_]*, *\([0-9]*\), "\([A-Z_]*\)",.*/\1 \2/p' \
		include/my500/status.def >"$scratch.def"
	{
		echo OK
		sed -n 's/^ *code: { const: \([A-Z_]*\) }/\1/p' $openapi | uniq
	} >"$scratch.codes"
	sed -n '/ &list_responses$/,/ head:/p' $openapi |
		sed -n "s/^ *'\([0-9]*\)':.*/\1/p" | grep -vx 304 |
		paste -d ' ' - "$scratch.codes" |
		diff "$scratch.def" -
}

# The manual pages as the Makefile makes them, for a version.
make_pages() {
	settings mdoc >"$scratch.mdoc"
	for page in $pages; do
		sed -e "/^\.\\\\\" SETTINGS\$/{
r $scratch.mdoc
d
}" -e 's/@VERSION@/0/; s|@PROGRAM@|/my500.fcgi|' "deploy/man/$page.in" \
			>"$scratch.$page"
	done
}

# Every setting once in its page, and in the sample file.
everywhere() {
	settings conf >"$scratch.conf"
	for name in $known; do
		test "$(grep -cx "\.It Ev $name" "$scratch.my500.conf.5")" = 1 ||
			echo "my500.conf.5: $name"
		test "$(grep -c "^#$name=" "$scratch.conf")" = 1 ||
			echo "my500.conf: $name"
	done
}

# The package's changelog begins with the version that configure.ac tells.
package_version() {
	version=$(sed -n 's/^AC_INIT(\[my500\], \[\(.*\)\])$/\1/p' configure.ac)
	sed 1q deploy/debian/changelog | grep -vF "my500 ($version) "
}

scratch=$(mktemp "${TMPDIR:-/tmp}/my500-docs-XXXXXX") || exit 99
trap 'rm -f "$scratch" "$scratch".*' EXIT
make_pages
point "README has the table of settings as it is" "$(table)"
point "documents name no setting that is not there" "$(strange_names)"
point "manual page has the options that the program takes" "$(options)"
point "my500.conf and its manual page have each setting" "$(everywhere)"
point "openapi.yaml has the columns and statuses of the tables" "$(described)"
point "the package has the version of the program" "$(package_version)"
point "README fits into 80 columns" "$(awk 'length > 80' README)"
if command -v mandoc >/dev/null; then # else out of the count
	for page in $pages; do
		point "mandoc has nothing to say about $page" \
			"$(mandoc -T lint -W warning "$scratch.$page")"
	done
fi
echo "1..$points"
