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
	struct buffer value;
	enum status status;
	int64_t life_s;
} fake;

static const struct stamp stamp = { "7", "9" };

enum status
memcached_write(struct memcached *m, struct slice group, const char *key,
	struct slice value, int64_t life_s)
{
	assert_null(m);
	buffer_clear(&fake.written, 4096);
	buffer_add_slice(&fake.written, group);
	buffer_add_char(&fake.written, ' ');
	buffer_add_text(&fake.written, key);
	buffer_add_char(&fake.written, '\0');
	buffer_clear(&fake.value, 4096);
	buffer_add_slice(&fake.value, value);
	fake.life_s = life_s;
	return fake.status;
}

/* What stamp.c would call; nothing here does. */
enum status
memcached_create_key(struct memcached *m, struct slice group, const char *key,
	struct slice value, int64_t life_s)
{
	(void)m;
	(void)group;
	(void)key;
	(void)value;
	(void)life_s;
	fail();
	return STATUS_INTERNAL;
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
		user_cache_write(NULL, keys[i].user_id, &stamp,
			slice_of("{\"id\":1}"), 600);
		snprintf(want, sizeof(want), "%s %s", keys[i].group,
			keys[i].key);
		assert_string_equal(fake.written.ptr, want);
		assert_true(slice_equals_text(
			buffer_slice(&fake.value), "7 9\n{\"id\":1}"));
		assert_int_equal(fake.life_s, 600);
	}
}

/* Contract, section 5: for 30 seconds. */
static void
an_unknown_user_is_empty_and_soon_forgotten(void **state)
{
	(void)state;
	fake.status = STATUS_OK;
	user_cache_write_unknown(NULL, "u1", &stamp);
	assert_string_equal(fake.written.ptr, "u1 my500:1:u:u1");
	assert_true(slice_equals_text(buffer_slice(&fake.value), "7 9\n"));
	assert_int_equal(fake.life_s, 30);
}

static void
a_failure_to_write_is_none(void **state)
{
	(void)state;
	fake.status = STATUS_UNAVAILABLE;
	user_cache_write(NULL, "u2", &stamp, slice_of("{}"), 1);
	assert_string_equal(fake.written.ptr, "u2 my500:1:u:u2");
	user_cache_write_unknown(NULL, "u1", &stamp);
	assert_string_equal(fake.written.ptr, "u1 my500:1:u:u1");
}

static const struct {
	const char *name;
	const char *value;
	const char *json; /* NULL: nothing is known */
} reads[] = {
	{ "a user", "7 9\n{\"id\":1}", "{\"id\":1}" },
	{ "an unknown user", "7 9\n", "" },
	{ "another epoch", "8 9\n{}", NULL },
	{ "another generation", "7 8\n{}", NULL },
	{ "no stamp", "{}", NULL },
	{ "nothing", "", NULL },
};

static void
reads_what_still_holds(void **state)
{
	struct slice json;

	(void)state;
	for (size_t i = 0; i < COUNT(reads); i++) {
		struct memcached_item item = { .is_hit = true,
			.value = slice_of(reads[i].value) };
		bool is_known = user_cache_read(&item, &stamp, &json);

		if (is_known != (reads[i].json != NULL) ||
			(is_known && !slice_equals_text(json, reads[i].json)))
			fail_msg("%s", reads[i].name);
		item.is_hit = false;
		assert_false(user_cache_read(&item, &stamp, &json));
	}
}

static int
forget(void **state)
{
	(void)state;
	buffer_close(&fake.written);
	buffer_close(&fake.value);
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
		cmocka_unit_test(reads_what_still_holds),
	};

	return cmocka_run_group_tests_name("user_cache", tests, NULL, forget);
}
