#!/bin/sh
# Fails when an arrow between the rooms points up, when two rooms of one floor
# know each other, or when a library is included outside the room that owns
# it.  Headers belong to the room of their .c file; those without one (model.h)
# to nobody.  Prints TAP.
cd "${srcdir:-.}" || exit 99
floors="base:0 observe:1 gateway:2 store:2 cache:2 encode:2 identity:3 endpoint:4 process:5"
owners="fcgi:gateway libpq:store libmemcached:cache json-c:encode jwt:identity openssl:base"

# shellcheck disable=SC2046 # the names hold no blanks
findings=$(awk -v floors="$floors" -v owners="$owners" '
BEGIN {
	n = split(floors, f, /[ :]/)
	for (i = 1; i < n; i += 2)
		floor[f[i]] = f[i + 1]
	n = split(owners, o, /[ :]/)
	for (i = 1; i < n; i += 2)
		owner[o[i]] = o[i + 1]
	for (i = 1; i < ARGC; i++) { # module name -> its room
		n = split(ARGV[i], p, "/")
		if (n != 3 || p[1] != "app")
			continue
		if (!(p[2] in floor))
			print "arrows " ARGV[i] ": no floor for the room " p[2]
		sub(/\.c$/, "", p[3])
		room[p[3]] = p[2]
	}
}
FNR == 1 {
	split(FILENAME, p, "/")
	here = p[2]
	if (p[1] == "include") {
		sub(/\.(h|def)$/, "", p[3])
		here = (p[3] in room) ? room[p[3]] : ""
	}
	mine = (here in floor) ? floor[here] : 9
}
/^[ \t]*#[ \t]*include/ {
	split($0, q, /[<">]/)
	name = q[2]
	for (lib in owner)
		if (index(name, lib) == 1 && owner[lib] != here)
			print "libraries " FILENAME ":" FNR ": " name \
				" belongs to " owner[lib]
	if (!sub(/^my500\//, "", name) || !sub(/\.h$/, "", name))
		next
	if (!(name in room) || room[name] == here)
		next
	if (floor[room[name]] >= mine)
		print "arrows " FILENAME ":" FNR ": " here \
			" must not know " room[name] " (" name ".h)"
}' $(find app -name '*.c') include/my500/*.h include/my500/*.def)

points=0
point() { # name of the finding, what is so when there is none
	points=$((points + 1))
	said=$(echo "$findings" | sed -n "s/^$1 /# /p")
	if test -z "$said"; then
		echo "ok $points - $2"
	else
		echo "not ok $points - $2"
		echo "$said"
	fi
}
point arrows "all arrows point down"
point libraries "each library stays in its room"
echo "1..$points"
