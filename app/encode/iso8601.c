#include "config.h"

#include <string.h>

#include "my500/iso8601.h"

/* PostgreSQL's timestamps end in 294276 (manual, 8.5 Date/Time Types). */
#define YEAR_MAX 294276

/* What follows the year, as JSON; read_tail() puts the digits in. */
#define TAIL "-MM-DDTHH:MM:SS.000Z\""

/* Takes "MM-DD HH:MM:SS", with a fraction or none. */
static bool
read_tail(struct slice s, char tail[sizeof(TAIL)])
{
	static const char form[] = "dd-dd dd:dd:dd.dddddd";
	const size_t whole = sizeof("dd-dd dd:dd:dd") - 1;
	const size_t fraction = whole + 1;

	if (s.len < whole || s.len > sizeof(form) - 1 || s.len == fraction)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (form[i] == 'd' ? s.ptr[i] < '0' || s.ptr[i] > '9'
				   : s.ptr[i] != form[i])
			return false;
	memcpy(tail, TAIL, sizeof(TAIL));
	memcpy(tail + 1, s.ptr, whole);
	tail[6] = 'T';
	for (size_t i = fraction; i < s.len && i < fraction + 3; i++)
		tail[1 + i] = s.ptr[i];
	return true;
}

void
iso8601_add(struct buffer *out, struct slice timestamp)
{
	struct slice rest = timestamp, year;
	bool is_bc = slice_cut_end(&rest, " BC");
	char tail[sizeof(TAIL)];
	int64_t number;

	/* timestamptz; sessions are in UTC */
	(void)slice_cut_end(&rest, "+00");
	if (!slice_split(&rest, '-', &year) ||
		!slice_parse_int(year, 1, YEAR_MAX, &number) ||
		!read_tail(rest, tail)) {
		buffer_add(out, "null", 4);
		return;
	}
	buffer_add_char(out, '"');
	if (is_bc && number == 1)
		buffer_add_text(out, "0000"); /* 1 BC is the year 0 */
	else if (is_bc)
		buffer_printf(out, "-%06lld", (long long)number - 1);
	else if (number > 9999)
		buffer_printf(out, "+%06lld", (long long)number);
	else
		buffer_add_slice(out, year);
	buffer_add(out, tail, sizeof(tail) - 1);
}
