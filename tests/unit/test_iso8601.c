#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "my500/iso8601.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TEXT_OF(literal)                     \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static const struct {
	const char *name;
	struct slice timestamp; /* as PostgreSQL writes it */
	const char *want;
} cases[] = {
	{ "whole seconds", TEXT_OF("2024-01-15 09:00:00"),
		"\"2024-01-15T09:00:00.000Z\"" },
	{ "one digit", TEXT_OF("2024-01-15 09:00:00.5"),
		"\"2024-01-15T09:00:00.500Z\"" },
	{ "two digits", TEXT_OF("2024-01-15 09:00:00.05"),
		"\"2024-01-15T09:00:00.050Z\"" },
	{ "three digits", TEXT_OF("2024-12-31 23:59:59.999"),
		"\"2024-12-31T23:59:59.999Z\"" },
	{ "finer is cut, not rounded", TEXT_OF("2024-12-31 23:59:59.999999"),
		"\"2024-12-31T23:59:59.999Z\"" },
	{ "four digits", TEXT_OF("2024-12-31 23:59:59.0009"),
		"\"2024-12-31T23:59:59.000Z\"" },
	{ "year 1", TEXT_OF("0001-01-01 00:00:00"),
		"\"0001-01-01T00:00:00.000Z\"" },
	{ "year 9999", TEXT_OF("9999-12-31 23:59:59.999"),
		"\"9999-12-31T23:59:59.999Z\"" },
	{ "year 10000", TEXT_OF("10000-01-01 00:00:00"),
		"\"+010000-01-01T00:00:00.000Z\"" },
	{ "last year", TEXT_OF("294276-12-31 23:59:59.999999"),
		"\"+294276-12-31T23:59:59.999Z\"" },
	{ "2 BC", TEXT_OF("0002-03-04 05:06:07.8 BC"),
		"\"-000001-03-04T05:06:07.800Z\"" },
	{ "first year", TEXT_OF("4713-11-24 00:00:00 BC"),
		"\"-004712-11-24T00:00:00.000Z\"" },
	{ "absent", { NULL, 0 }, "null" },
	{ "empty", TEXT_OF(""), "null" },
	{ "infinity", TEXT_OF("infinity"), "null" },
	{ "-infinity", TEXT_OF("-infinity"), "null" },
	{ "BC alone", TEXT_OF(" BC"), "null" },
	{ "year 0", TEXT_OF("0000-01-01 00:00:00"), "null" },
	{ "beyond the last year", TEXT_OF("294277-01-01 00:00:00"), "null" },
	{ "date only", TEXT_OF("2024-01-15"), "null" },
	{ "no seconds", TEXT_OF("2024-01-15 09:00"), "null" },
	{ "point without digits", TEXT_OF("2024-01-15 09:00:00."), "null" },
	{ "seven digits", TEXT_OF("2024-01-15 09:00:00.1234567"), "null" },
	{ "comma", TEXT_OF("2024-01-15 09:00:00,5"), "null" },
	{ "with another zone", TEXT_OF("2024-01-15 09:00:00+01"), "null" },
	{ "with a zone", TEXT_OF("2024-01-15 09:00:00.5+00"),
		"\"2024-01-15T09:00:00.500Z\"" },
	{ "with a T", TEXT_OF("2024-01-15T09:00:00"), "null" },
	{ "SQL style", TEXT_OF("01/15/2024 09:00:00"), "null" },
	{ "Postgres style", TEXT_OF("Mon Jan 15 09:00:00 2024"), "null" },
	{ "letters", TEXT_OF("2024-0a-15 09:00:00"), "null" },
	{ "blank behind", TEXT_OF("2024-01-15 09:00:00 "), "null" },
	{ "quote in the year", TEXT_OF("20\"4-01-15 09:00:00"), "null" },
};

static void
writes(void **state)
{
	struct buffer out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		buffer_clear(&out, 4096);
		iso8601_add(&out, cases[i].timestamp);
		if (!slice_equals_text(buffer_slice(&out), cases[i].want))
			fail_msg("%s: %.*s", cases[i].name, (int)out.len,
				out.ptr);
	}
	buffer_close(&out);
}

static void
keeps_within_the_slice_and_what_was_there(void **state)
{
	struct buffer out = { 0 };

	(void)state;
	buffer_add_text(&out, "a:");
	iso8601_add(&out, (struct slice){ "2024-01-15 09:00:00.123", 21 });
	assert_true(slice_equals_text(
		buffer_slice(&out), "a:\"2024-01-15T09:00:00.100Z\""));
	buffer_close(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes),
		cmocka_unit_test(keeps_within_the_slice_and_what_was_there),
	};

	return cmocka_run_group_tests_name("iso8601", tests, NULL, NULL);
}
