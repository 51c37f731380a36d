#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "my500/clock.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The seconds are coreutils' date -u -d @…. */
static const struct {
	int64_t wall_us;
	const char *text;
} cases[] = {
	{ 0, "1970-01-01T00:00:00.000Z" },
	{ 999999, "1970-01-01T00:00:00.999Z" },
	{ 1000000, "1970-01-01T00:00:01.000Z" },
	{ INT64_C(4294967295999), "1970-02-19T17:02:47.295Z" },
	{ INT64_C(4294967296000), "1970-02-19T17:02:47.296Z" },
	{ INT64_C(1795840735301999), "2026-11-28T04:38:55.301Z" },
};

static void
formats(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[CLOCK_TEXT_BYTES];

		clock_format(cases[i].wall_us, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void
counts_what_is_left(void **state)
{
	(void)state;
	assert_int_equal(clock_left_ms(0), 0);
	assert_int_equal(clock_left_ms(clock_now_us()), 0);
	assert_in_range(clock_left_ms(clock_now_us() + 100 * CLOCK_US_PER_S),
		90000, 100000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats),
		cmocka_unit_test(counts_what_is_left),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
