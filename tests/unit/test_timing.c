#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "my500/clock.h"
#include "my500/timing.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
adds_to_its_phase(void **state)
{
	struct timing timing = { .phase_us = { 1, 2, 3, 4 } };
	int64_t before_us = clock_now_us();
	int64_t from_us = before_us - 1000;
	int64_t now_us = timing_add(&timing, PHASE_DB, from_us);

	(void)state;
	assert_true(now_us >= before_us && now_us <= clock_now_us());
	assert_true(timing.phase_us[PHASE_DB] == 3 + now_us - from_us);
	assert_int_equal(timing.phase_us[PHASE_AUTH], 1);
	assert_int_equal(timing.phase_us[PHASE_CACHE], 2);
	assert_int_equal(timing.phase_us[PHASE_ENCODE], 4);
}

static void
phases_follow_without_a_gap(void **state)
{
	int64_t begin_us = clock_now_us() - 5000;
	struct timing timing = { .accepted_us = begin_us };
	int64_t at_us = begin_us, sum_us = 0, total_us;

	(void)state;
	for (int i = 0; i < PHASES; i++)
		at_us = timing_add(&timing, (enum phase)i, at_us);
	at_us = timing_add(&timing, PHASE_DB, at_us); /* and once more */
	total_us = timing_total_us(&timing);
	for (int i = 0; i < PHASES; i++)
		sum_us += timing.phase_us[i];
	assert_true(sum_us == at_us - begin_us);
	assert_true(total_us >= sum_us && total_us >= 5000);
}

static void
prints(void **state)
{
	static const struct {
		struct timing timing;
		const char *cache;
		int64_t total_us;
		const char *want;
	} cases[] = {
		{ { 0, { 21, 94, 0, 0 } }, "hit", 187,
			"auth;dur=0.021, cache;desc=\"hit\";dur=0.094, "
			"db;dur=0.000, encode;dur=0.000, total;dur=0.187" },
		{ { 0, { 1000, 0, 5000000, 12345 } }, "off", 5013345,
			"auth;dur=1.000, cache;desc=\"off\";dur=0.000, "
			"db;dur=5000.000, encode;dur=12.345, "
			"total;dur=5013.345" },
		{ { 0, { 0, 0, 0, 0 } }, "miss", 0,
			"auth;dur=0.000, cache;desc=\"miss\";dur=0.000, "
			"db;dur=0.000, encode;dur=0.000, total;dur=0.000" },
	};
	struct buffer out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		buffer_clear(&out, 4096);
		timing_print(&cases[i].timing, cases[i].cache,
			cases[i].total_us, &out);
		if (!slice_equals_text(buffer_slice(&out), cases[i].want))
			fail_msg("%zu: %.*s", i, (int)out.len, out.ptr);
	}
	buffer_close(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_to_its_phase),
		cmocka_unit_test(phases_follow_without_a_gap),
		cmocka_unit_test(prints),
	};

	return cmocka_run_group_tests_name("timing", tests, NULL, NULL);
}
