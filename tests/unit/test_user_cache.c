#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "my500/model.h"
#include "my500/user_cache.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LONGEST_ID \
	"0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789ABCD_-"

/* Stands in for memcached.c: notes what it is given, answers what it is told
 * to. */
static struct {
	struct buffer written; /* the group and the key */
	enum status status;
	struct slice value;
	int64_t life_s;
} fake;

enum status
memcached_write(struct memcached *m, struct slice group, struct slice key,
	struct slice value, int64_t life_s)
{
	assert_null(m);
	buffer_clear(&fake.written, 4096);
	buffer_add_slice(&fake.written, group);
	buffer_add_char(&fake.written, ' ');
	buffer_add_slice(&fake.written, key);
	buffer_add_char(&fake.written, '\0');
	fake.value = value;
	fake.life_s = life_s;
	return fake.status;
}

/* A user's keys are all on the server of the user's id. */
static const struct {
	const char *user_id, *group, *key;
} keys[] = {
	{ "u1", "u1", "my500:1:u:u1" },
	{ "A-b_9", "A-b_9", "my500:1:u:A-b_9" },
	{ LONGEST_ID, LONGEST_ID, "my500:1:u:" LONGEST_ID },
};

static void
asks_by_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		struct memcached_item item;

		memset(&item, 'x', sizeof(item));
		user_cache_ask(&item, keys[i].user_id);
		assert_string_equal(item.key, keys[i].key);
	}
	assert_int_equal(strlen(LONGEST_ID), USER_ID_MAX);
}

static void
writes_by_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		char want[300];

		fake.status = STATUS_OK;
		user_cache_write(
			NULL, keys[i].user_id, slice_of("{\"id\":1}"), 600);
		snprintf(want, sizeof(want), "%s %s", keys[i].group,
			keys[i].key);
		assert_string_equal(fake.written.ptr, want);
		assert_true(slice_equals_text(fake.value, "{\"id\":1}"));
		assert_int_equal(fake.life_s, 600);
	}
}

/* Contract, section 5: for 30 seconds. */
static void
an_unknown_user_is_empty_and_soon_forgotten(void **state)
{
	(void)state;
	fake.status = STATUS_OK;
	user_cache_write_unknown(NULL, "u1");
	assert_string_equal(fake.written.ptr, "u1 my500:1:u:u1");
	assert_int_equal(fake.value.len, 0);
	assert_int_equal(fake.life_s, 30);
}

static void
a_failure_to_write_is_none(void **state)
{
	(void)state;
	fake.status = STATUS_UNAVAILABLE;
	user_cache_write(NULL, "u2", slice_of("{}"), 1);
	assert_string_equal(fake.written.ptr, "u2 my500:1:u:u2");
	user_cache_write_unknown(NULL, "u1");
	assert_string_equal(fake.written.ptr, "u1 my500:1:u:u1");
}

static int
forget(void **state)
{
	(void)state;
	buffer_close(&fake.written);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_by_key),
		cmocka_unit_test(writes_by_key),
		cmocka_unit_test(an_unknown_user_is_empty_and_soon_forgotten),
		cmocka_unit_test(a_failure_to_write_is_none),
	};

	return cmocka_run_group_tests_name("user_cache", tests, NULL, forget);
}
