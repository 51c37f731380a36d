# Makes a C header out of the statements: QUERY_name for each name.sql, without
# its comment lines.   awk -f embed.awk *.sql >queries.h
FNR == 1 {
  if (NR > 1)
    printf "\n"
  name = FILENAME
  sub(/.*\//, "", name)
  sub(/\.sql$/, "", name)
  printf "#define QUERY_%s", name
}
/^[ \t]*--/ || /^[ \t]*$/ { next }
{
  gsub(/\\/, "\\\\&")
  gsub(/"/, "\\\"")
  printf " \\\n\t\"%s\\n\"", $0
}
END { printf "\n" }
