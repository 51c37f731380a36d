#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "my500/scheduling.h"

/* What the kernel says of this process: sched_getattr(2). */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

static struct attributes
attributes(void)
{
	struct attributes a;

	memset(&a, 0, sizeof(a));
	assert_int_equal(syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0), 0);
	return a;
}

/* Who is of another policy may not be let back to the usual one. */
static void
become(int policy)
{
	const struct sched_param no_priority = { .sched_priority = 0 };

	if (sched_setscheduler(0, policy, &no_priority) != 0)
		skip();
}

/* Kernels that have no turns of such a kind say 0, before and after. */
static void
turns_get_short(void **state)
{
	struct attributes before;

	(void)state;
	become(SCHED_OTHER);
	(void)!nice(1);
	before = attributes();
	scheduling_ask_short_turns();
	assert_int_equal(
		attributes().runtime, before.runtime == 0 ? 0 : 100000);
	assert_int_equal(attributes().policy, SCHED_OTHER);
	assert_int_equal(attributes().nice, before.nice);
}

static void
the_usual_policy_becomes_batch(void **state)
{
	struct attributes before;

	(void)state;
	become(SCHED_OTHER);
	before = attributes();
	scheduling_let_others_finish();
	assert_int_equal(attributes().policy, SCHED_BATCH);
	assert_int_equal(attributes().nice, before.nice);
}

static void
another_policy_stays(void **state)
{
	(void)state;
	become(SCHED_IDLE);
	scheduling_let_others_finish();
	scheduling_ask_short_turns();
	assert_int_equal(attributes().policy, SCHED_IDLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(turns_get_short),
		cmocka_unit_test(the_usual_policy_becomes_batch),
		cmocka_unit_test(another_policy_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
