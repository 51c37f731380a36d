# Writes the settings of include/my500/config.def for people (POSIX awk):
#
#	awk -f settings.awk -v as=mdoc   config.def    list of my500.conf(5)
#	awk -f settings.awk -v as=conf   config.def    sample my500.conf
#	awk -f settings.awk -v as=readme config.def    table of the README
#
# A row begins in the first column and ends with ")" at the end of a line.

BEGIN {
	if (as != "mdoc" && as != "conf" && as != "readme") {
		print "settings.awk: give -v as=mdoc, conf or readme" > "/dev/stderr"
		failed = 1
		exit 64
	}
}

/^(TEXT|NUMBER|CHOICE|EMPTY_COUNTS)\(/ { row = ""; inside = 1 }
inside {
	line = $0
	sub(/^[ \t]+/, "", line)
	row = row line
	if (line ~ /\)$/) {
		inside = 0
		take(row)
	}
}

END {
	if (failed)
		exit 64
	if (rows == 0) {
		print "settings.awk: no settings in " FILENAME > "/dev/stderr"
		exit 65
	}
	if (as == "conf")
		conf_head()
	for (r = 1; r <= rows; r++) {
		if (as == "mdoc")
			mdoc(r)
		else if (as == "conf")
			conf(r)
		else
			readme(r)
	}
}

# Cuts a row into its arguments: arg[1], arg[2], ...; "a" "b" is one of them.
function take(row,    kind, n, i, c, quoted) {
	kind = substr(row, 1, index(row, "(") - 1)
	row = substr(row, index(row, "(") + 1)
	n = 1
	split("", arg)
	for (i = 1; i < length(row); i++) {
		c = substr(row, i, 1)
		if (c == "\"")
			quoted = !quoted
		else if (c == "," && !quoted)
			n++
		else if (quoted || c !~ /[ \t]/)
			arg[n] = arg[n] c
	}
	if (kind != "EMPTY_COUNTS")
		add(kind, n)
}

function add(kind, n,    word) {
	rows++
	name[rows] = arg[1]
	field[rows] = arg[2]
	help[rows] = arg[n]
	if (kind == "TEXT") {
		initial[rows] = arg[4]
		range[rows] = ""
	} else if (kind == "NUMBER") {
		initial[rows] = (arg[3] ~ /^[0-9]+$/) ? arg[3] : ""
		range[rows] = "From " arg[4] " to " arg[5] unit(arg[2]) "."
	} else {
		split(arg[3], word, "|")
		initial[rows] = word[arg[4] + 1]
		range[rows] = "One of " arg[3] "."
		gsub(/\|/, ", ", range[rows])
	}
}

# What the field's name says that it counts.
function unit(field) {
	if (field ~ /_mib$/)
		return " MiB"
	if (field ~ /_ms$/)
		return " milliseconds"
	if (field ~ /_s$/)
		return " seconds"
	return ""
}

# All there is to say about row r.
function sentence(r,    text) {
	text = help[r]
	if (range[r] != "")
		text = text " " range[r]
	return text
}

# Prints `text` in lines of at most 79 columns, each after `lead`.
function wrap(lead, text,    word, n, i, line) {
	n = split(text, word, " ")
	line = lead word[1]
	for (i = 2; i <= n; i++) {
		if (length(line) + 1 + length(word[i]) > 79) {
			print line
			line = lead word[i]
		} else
			line = line " " word[i]
	}
	print line
}

# mdoc wants each sentence on lines of its own.
function mdoc(r,    text, part, n, i) {
	print ".It Ev " name[r]
	text = sentence(r)
	gsub(/-/, "\\-", text)
	gsub(/\. /, ".\n", text)
	n = split(text, part, "\n")
	for (i = 1; i <= n; i++)
		wrap("", part[i])
	if (initial[r] != "") {
		print "Default:"
		print ".Ql " initial[r] " ."
	}
}

function conf_head() {
	print "# my500.conf: settings of my500.fcgi, read with --config FILE."
	print "#"
	print "# NAME=value lines as in the environment, which wins over this file."
	print "# A line that begins with # is a comment; one pair of quotes around a"
	print "# value is removed.  What stands behind # below is the default."
	print "# A file that holds a secret or a password is for root to write and for"
	print "# the user of the program to read, and for nobody else."
}

function conf(r) {
	print ""
	wrap("# ", sentence(r))
	print "#" name[r] "=" initial[r]
}

function readme(r) {
	printf "  %-26s %s\n", name[r], (initial[r] == "" ? "-" : initial[r])
	wrap("      ", sentence(r))
}
