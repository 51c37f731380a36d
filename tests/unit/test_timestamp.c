#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "my500/timestamp.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TEXT_OF(literal)                     \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

/* What PostgreSQL 15 writes for a timestamp, and what it holds: the number is
 * its timestamp_send(). */
static const struct {
	const char *text;
	int64_t us;
	const char *printed; /* NULL: the same */
} known[] = {
	{ "2000-01-01 00:00:00", 0, "2000-01-01 00:00:00.000000" },
	{ "2000-01-01 00:00:00.000001", 1, NULL },
	{ "2000-02-29 00:00:00", INT64_C(5097600000000),
		"2000-02-29 00:00:00.000000" },
	{ "2024-01-15 09:00:00", INT64_C(758624400000000),
		"2024-01-15 09:00:00.000000" },
	{ "2038-01-19 03:14:08", INT64_C(1200798848000000),
		"2038-01-19 03:14:08.000000" },
	/* fractions of one to six digits */
	{ "2024-01-15 09:00:00.1", INT64_C(758624400100000),
		"2024-01-15 09:00:00.100000" },
	{ "2024-01-15 09:00:00.12", INT64_C(758624400120000),
		"2024-01-15 09:00:00.120000" },
	{ "2024-01-15 09:00:00.123", INT64_C(758624400123000),
		"2024-01-15 09:00:00.123000" },
	{ "2024-01-15 09:00:00.1234", INT64_C(758624400123400),
		"2024-01-15 09:00:00.123400" },
	{ "2024-01-15 09:00:00.12345", INT64_C(758624400123450),
		"2024-01-15 09:00:00.123450" },
	{ "2024-01-15 09:00:00.123456", INT64_C(758624400123456), NULL },
	{ "2024-01-15 09:00:00.000001", INT64_C(758624400000001), NULL },
	{ "2024-02-29 12:34:56.789", INT64_C(762525296789000),
		"2024-02-29 12:34:56.789000" },
	{ "2016-12-31 23:59:59.999", INT64_C(536543999999000),
		"2016-12-31 23:59:59.999000" },
	/* before 2000 */
	{ "1999-12-31 23:59:59.999999", -1, NULL },
	{ "1999-12-31 23:59:59.5", -500000, "1999-12-31 23:59:59.500000" },
	{ "1999-12-31 23:59:59", -1000000, "1999-12-31 23:59:59.000000" },
	{ "1970-01-01 00:00:00", INT64_C(-946684800000000),
		"1970-01-01 00:00:00.000000" },
	{ "1969-12-31 23:59:59.999999", INT64_C(-946684800000001), NULL },
	{ "1900-03-01 00:00:00", INT64_C(-3150576000000000),
		"1900-03-01 00:00:00.000000" },
	{ "1900-02-28 23:59:59", INT64_C(-3150576001000000),
		"1900-02-28 23:59:59.000000" },
	{ "1582-10-15 00:00:00", INT64_C(-13165977600000000),
		"1582-10-15 00:00:00.000000" },
	{ "0999-06-07 08:09:10.000011", INT64_C(-31574850649999989), NULL },
	{ "0001-01-01 00:00:00", INT64_C(-63082281600000000),
		"0001-01-01 00:00:00.000000" },
	/* before Christ */
	{ "0001-12-31 23:59:59.999999 BC", INT64_C(-63082281600000001), NULL },
	{ "0001-02-29 00:00:00 BC", INT64_C(-63108806400000000),
		"0001-02-29 00:00:00.000000 BC" },
	{ "0044-03-15 12:00:00.5 BC", INT64_C(-64464465599500000),
		"0044-03-15 12:00:00.500000 BC" },
	{ "4714-11-24 00:00:00.000001 BC", INT64_C(-211813487999999999), NULL },
	{ "4714-11-24 00:00:00 BC", INT64_C(-211813488000000000),
		"4714-11-24 00:00:00.000000 BC" },
	/* far */
	{ "9999-12-31 23:59:59.999", INT64_C(252455615999999000),
		"9999-12-31 23:59:59.999000" },
	{ "10000-01-01 00:00:00", INT64_C(252455616000000000),
		"10000-01-01 00:00:00.000000" },
	{ "294276-12-31 23:59:59.999999", INT64_C(9223371331199999999), NULL },
	{ "infinity", INT64_MAX, NULL },
	{ "-infinity", INT64_MIN, NULL },
};

static void
reads_what_postgresql_writes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		int64_t us = 7;

		if (!timestamp_read(slice_of(known[i].text), &us))
			fail_msg("%s: refused", known[i].text);
		if (us != known[i].us)
			fail_msg("%s: %lld", known[i].text, (long long)us);
		if (!timestamp_is_valid(us))
			fail_msg("%s: invalid", known[i].text);
	}
}

static void
prints_what_postgresql_reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		const char *want = known[i].printed == NULL ? known[i].text
							    : known[i].printed;
		char text[TIMESTAMP_TEXT_BYTES];
		int64_t us = 7;

		memset(text, 'x', sizeof(text));
		timestamp_print(known[i].us, text);
		if (strcmp(text, want) != 0)
			fail_msg("%s: %s", known[i].text, text);
		if (!timestamp_read(slice_of(text), &us) || us != known[i].us)
			fail_msg("%s: back as %lld", text, (long long)us);
	}
}

/* A timestamptz in a session in UTC. */
static void
passes_over_the_zone(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
	} cases[] = {
		{ "2024-01-15 09:00:00+00", INT64_C(758624400000000) },
		{ "2024-01-15 09:00:00.5+00", INT64_C(758624400500000) },
		{ "0044-03-15 12:00:00.5+00 BC", INT64_C(-64464465599500000) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t us = 7;

		if (!timestamp_read(slice_of(cases[i].text), &us) ||
			us != cases[i].us)
			fail_msg("%s: %lld", cases[i].text, (long long)us);
	}
}

static void
keeps_within_the_slice(void **state)
{
	static const char text[] = "2024-01-15 09:00:00.123456+00 BC";
	int64_t us = 7;

	(void)state;
	assert_true(timestamp_read((struct slice){ text, 22 }, &us));
	assert_int_equal(us, INT64_C(758624400120000));
	assert_true(timestamp_read((struct slice){ text, 19 }, &us));
	assert_int_equal(us, INT64_C(758624400000000));
	assert_true(timestamp_read((struct slice){ text, 29 }, &us));
	assert_int_equal(us, INT64_C(758624400123456));
	assert_false(timestamp_read((struct slice){ text, 17 }, &us));
}

/* Each day from the year 1 BC to 3100: print is the inverse of read. */
static void
round_trips_each_day(void **state)
{
	const int64_t day_us = INT64_C(86400000000);

	(void)state;
	for (int64_t day = -730500; day < 401800; day++) {
		/* now early on that day, now late */
		int64_t want = day * day_us +
			day * INT64_C(7919000003) % day_us;
		char text[TIMESTAMP_TEXT_BYTES];
		int64_t us = 7;

		timestamp_print(want, text);
		if (!timestamp_read(slice_of(text), &us) || us != want)
			fail_msg("%lld: %s: %lld", (long long)want, text,
				(long long)us);
	}
}

static const struct {
	const char *name;
	struct slice text;
} refused[] = {
	{ "absent", { NULL, 0 } },
	{ "empty", TEXT_OF("") },
	{ "BC alone", TEXT_OF(" BC") },
	{ "zone alone", TEXT_OF("+00") },
	{ "words", TEXT_OF("now") },
	{ "infinity of another case", TEXT_OF("Infinity") },
	{ "infinity cut", TEXT_OF("infinit") },
	{ "infinity and more", TEXT_OF("infinity ") },
	{ "plus infinity", TEXT_OF("+infinity") },
	{ "infinity with a zone", TEXT_OF("infinity+00") },
	/* other styles */
	{ "date only", TEXT_OF("2024-01-15") },
	{ "date and a blank", TEXT_OF("2024-01-15 ") },
	{ "no minutes", TEXT_OF("2024-01-15 09") },
	{ "no seconds", TEXT_OF("2024-01-15 09:00") },
	{ "empty seconds", TEXT_OF("2024-01-15 09:00:") },
	{ "ISO 8601", TEXT_OF("2024-01-15T09:00:00") },
	{ "ISO 8601 with Z", TEXT_OF("2024-01-15 09:00:00Z") },
	{ "SQL style", TEXT_OF("01/15/2024 09:00:00") },
	{ "Postgres style", TEXT_OF("Mon Jan 15 09:00:00 2024") },
	{ "German style", TEXT_OF("15.01.2024 09:00:00") },
	{ "another zone", TEXT_OF("2024-01-15 09:00:00+01") },
	{ "a zone to the west", TEXT_OF("2024-01-15 09:00:00-05") },
	{ "half a zone", TEXT_OF("2024-01-15 09:00:00+05:30") },
	{ "the zone behind BC", TEXT_OF("0044-03-15 12:00:00 BC+00") },
	{ "BC twice", TEXT_OF("0044-03-15 12:00:00 BC BC") },
	{ "AD", TEXT_OF("0044-03-15 12:00:00 AD") },
	/* fractions */
	{ "point without digits", TEXT_OF("2024-01-15 09:00:00.") },
	{ "seven digits", TEXT_OF("2024-01-15 09:00:00.1234567") },
	{ "seven zeros", TEXT_OF("2024-01-15 09:00:00.0000000") },
	{ "comma", TEXT_OF("2024-01-15 09:00:00,5") },
	{ "two points", TEXT_OF("2024-01-15 09:00:00.1.2") },
	{ "point first", TEXT_OF("2024-01-15 09:00:.5") },
	{ "minus in the fraction", TEXT_OF("2024-01-15 09:00:00.-5") },
	{ "blank in the fraction", TEXT_OF("2024-01-15 09:00:00.5 ") },
	/* out of range */
	{ "month 0", TEXT_OF("2024-00-15 09:00:00") },
	{ "month 13", TEXT_OF("2024-13-15 09:00:00") },
	{ "day 0", TEXT_OF("2024-01-00 09:00:00") },
	{ "day 32", TEXT_OF("2024-01-32 09:00:00") },
	{ "hour 24", TEXT_OF("2024-01-15 24:00:00") },
	{ "minute 60", TEXT_OF("2024-01-15 09:60:00") },
	{ "second 60", TEXT_OF("2024-01-15 09:00:60") },
	{ "year 0", TEXT_OF("0000-01-15 09:00:00") },
	{ "year 0 BC", TEXT_OF("0000-01-15 09:00:00 BC") },
	{ "year 294277", TEXT_OF("294277-01-01 00:00:00") },
	{ "the end of 294277", TEXT_OF("294277-12-31 23:59:59") },
	{ "year 2^32 + 2024", TEXT_OF("4294969320-01-01 00:00:00") },
	{ "year of twenty digits",
		TEXT_OF("99999999999999999999-01-01 00:00:00") },
	{ "the day before the first", TEXT_OF("4714-11-23 23:59:59 BC") },
	{ "4715 BC", TEXT_OF("4715-12-31 00:00:00 BC") },
	{ "294276 BC", TEXT_OF("294276-01-01 00:00:00 BC") },
	/* no numbers */
	{ "letters", TEXT_OF("2024-0a-15 09:00:00") },
	{ "hex", TEXT_OF("0x7e8-01-15 09:00:00") },
	{ "minus in front", TEXT_OF("-2024-01-15 09:00:00") },
	{ "plus in front", TEXT_OF("+2024-01-15 09:00:00") },
	{ "plus day", TEXT_OF("2024-01-+5 09:00:00") },
	{ "two minus", TEXT_OF("2024--01-15 09:00:00") },
	{ "empty year", TEXT_OF("-01-15 09:00:00") },
	{ "blank in front", TEXT_OF(" 2024-01-15 09:00:00") },
	{ "two blanks between", TEXT_OF("2024-01-15  09:00:00") },
	{ "newline behind", TEXT_OF("2024-01-15 09:00:00\n") },
	{ "NUL behind", TEXT_OF("2024-01-15 09:00:00\0") },
	{ "NUL between", TEXT_OF("2024-01-15\00009:00:00") },
	{ "NUL in the fraction", TEXT_OF("2024-01-15 09:00:00.5\0") },
};

static void
refuses_what_is_something_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		int64_t us = 7;

		if (timestamp_read(refused[i].text, &us))
			fail_msg("%s: %lld", refused[i].name, (long long)us);
	}
}

static void
knows_what_is_valid(void **state)
{
	static const struct {
		int64_t us;
		bool want;
	} cases[] = {
		{ 0, true },
		{ -1, true },
		{ INT64_C(-211813488000000000), true },
		{ INT64_C(-211813488000000001), false },
		{ INT64_C(9223371331199999999), true },
		{ INT64_C(9223371331200000000), false },
		{ TIMESTAMP_INFINITY, true },
		{ TIMESTAMP_INFINITY - 1, false },
		{ TIMESTAMP_MINUS_INFINITY, true },
		{ TIMESTAMP_MINUS_INFINITY + 1, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (timestamp_is_valid(cases[i].us) != cases[i].want)
			fail_msg("%lld", (long long)cases[i].us);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_postgresql_writes),
		cmocka_unit_test(prints_what_postgresql_reads),
		cmocka_unit_test(passes_over_the_zone),
		cmocka_unit_test(keeps_within_the_slice),
		cmocka_unit_test(round_trips_each_day),
		cmocka_unit_test(refuses_what_is_something_else),
		cmocka_unit_test(knows_what_is_valid),
	};

	return cmocka_run_group_tests_name("timestamp", tests, NULL, NULL);
}
