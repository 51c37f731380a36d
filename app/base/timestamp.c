#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "my500/timestamp.h"

#define US_PER_S INT64_C(1000000)

/* 2000-01-01 in the time of time_t. */
#define EPOCH_S INT64_C(946684800)

/* 4714-11-24 BC, and the first moment after the year 294276 (PostgreSQL's
 * datatype/timestamp.h). */
#define FIRST_US INT64_C(-211813488000000000)
#define END_US   INT64_C(9223371331200000000)

#define YEAR_MAX    294276
#define YEAR_MAX_BC 4714

bool
timestamp_is_valid(int64_t us)
{
	return (us >= FIRST_US && us < END_US) || us == TIMESTAMP_INFINITY ||
		us == TIMESTAMP_MINUS_INFINITY;
}

/* Cuts a number off the front of `rest`, with the delimiter behind it. */
static bool
cut_number(struct slice *rest, char delimiter, int min, int max, int *number)
{
	struct slice part = { NULL, 0 };
	int64_t value = 0;

	if (!slice_split(rest, delimiter, &part) ||
		!slice_parse_int(part, min, max, &value))
		return false;
	*number = (int)value;
	return true;
}

/* "05.678" and the like. */
static bool
cut_seconds(struct slice *rest, int *seconds, int64_t *fraction_us)
{
	struct slice fraction = *rest, whole = { NULL, 0 };
	int64_t value = 0;

	if (!slice_split(&fraction, '.', &whole) ||
		!cut_number(&whole, '.', 0, 59, seconds))
		return false;
	if (fraction.ptr == NULL)
		return true;
	if (fraction.len > 6 || !slice_parse_int(fraction, 0, 999999, &value))
		return false;
	for (size_t digits = fraction.len; digits < 6; digits++)
		value *= 10;
	*fraction_us = value;
	return true;
}

bool
timestamp_read(struct slice text, int64_t *us)
{
	struct tm tm = { 0 };
	struct slice rest = text;
	int64_t fraction_us = 0;
	bool is_bc;

	if (slice_equals_text(text, "infinity") ||
		slice_equals_text(text, "-infinity")) {
		*us = text.ptr[0] == '-' ? TIMESTAMP_MINUS_INFINITY
					 : TIMESTAMP_INFINITY;
		return true;
	}
	is_bc = slice_cut_end(&rest, " BC");
	(void)slice_cut_end(&rest, "+00");
	if (!cut_number(&rest, '-', 1, is_bc ? YEAR_MAX_BC : YEAR_MAX,
		    &tm.tm_year) ||
		!cut_number(&rest, '-', 1, 12, &tm.tm_mon) ||
		!cut_number(&rest, ' ', 1, 31, &tm.tm_mday) ||
		!cut_number(&rest, ':', 0, 23, &tm.tm_hour) ||
		!cut_number(&rest, ':', 0, 59, &tm.tm_min) ||
		!cut_seconds(&rest, &tm.tm_sec, &fraction_us))
		return false;
	if (is_bc)
		tm.tm_year = 1 - tm.tm_year; /* 1 BC is the year 0 */
	tm.tm_year -= 1900;
	tm.tm_mon--;
	*us = ((int64_t)timegm(&tm) - EPOCH_S) * US_PER_S + fraction_us;
	return timestamp_is_valid(*us);
}

void
timestamp_print(int64_t us, char text[TIMESTAMP_TEXT_BYTES])
{
	int64_t fraction_us = us % US_PER_S;
	struct tm tm;
	time_t s;
	int year;

	if (us == TIMESTAMP_INFINITY || us == TIMESTAMP_MINUS_INFINITY) {
		snprintf(text, TIMESTAMP_TEXT_BYTES, "%s",
			us == TIMESTAMP_INFINITY ? "infinity" : "-infinity");
		return;
	}
	if (fraction_us < 0)
		fraction_us += US_PER_S;
	s = (time_t)((us - fraction_us) / US_PER_S + EPOCH_S);
	(void)gmtime_r(&s, &tm);
	year = tm.tm_year + 1900;
	snprintf(text, TIMESTAMP_TEXT_BYTES,
		"%04d-%02d-%02d %02d:%02d:%02d.%06d%s",
		year > 0 ? year : 1 - year, tm.tm_mon + 1, tm.tm_mday,
		tm.tm_hour, tm.tm_min, tm.tm_sec, (int)fraction_us,
		year > 0 ? "" : " BC");
}
