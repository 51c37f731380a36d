#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "my500/resident.h"

#define MIB (INT64_C(1024) * 1024)

/* The kernel counts pages per thread and adds them up now and then. */
#define SLACK_BYTES MIB

static void
grows_and_shrinks_with_what_is_touched(void **state)
{
	const int64_t bytes = 32 * MIB;
	int64_t before = resident_bytes(), during;
	char *memory = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_true(before > 0);
	assert_true(memory != MAP_FAILED);
	assert_true(resident_bytes() < before + SLACK_BYTES);
	memset(memory, 1, (size_t)bytes);
	during = resident_bytes();
	assert_true(during > before + bytes - SLACK_BYTES);
	munmap(memory, (size_t)bytes);
	assert_true(resident_bytes() < during - bytes + SLACK_BYTES);
}

static void
is_not_beyond_the_peak(void **state)
{
	struct rusage usage;

	(void)state;
	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	assert_true(resident_bytes() <= usage.ru_maxrss * 1024 + SLACK_BYTES);
}

static void
out_of_descriptors(void **state)
{
	struct rlimit limit, none;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit){ 0, limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(resident_bytes(), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_true(resident_bytes() > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_and_shrinks_with_what_is_touched),
		cmocka_unit_test(is_not_beyond_the_peak),
		cmocka_unit_test(out_of_descriptors),
	};

	return cmocka_run_group_tests_name("resident", tests, NULL, NULL);
}
