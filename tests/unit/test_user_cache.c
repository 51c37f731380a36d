#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "my500/model.h"
#include "my500/user_cache.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LONGEST_ID \
	"0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789ABCD_-"

/* Stands in for memcached.c: notes what it is asked, answers what it is
 * told to. */
static struct {
	struct buffer asked;
	enum status status;
	struct slice value;
	int64_t life_s;
} fake;

static void
note(const char *verb, struct slice group, struct slice key)
{
	buffer_clear(&fake.asked, 4096);
	buffer_printf(&fake.asked, "%s ", verb);
	buffer_add_slice(&fake.asked, group);
	buffer_add_char(&fake.asked, ' ');
	buffer_add_slice(&fake.asked, key);
	buffer_add_char(&fake.asked, '\0');
}

enum status
memcached_read(struct memcached *m, struct slice group, struct slice key,
	struct slice *value)
{
	assert_null(m);
	note("read", group, key);
	*value = fake.value;
	return fake.status;
}

enum status
memcached_write(struct memcached *m, struct slice group, struct slice key,
	struct slice value, int64_t life_s)
{
	assert_null(m);
	note("write", group, key);
	fake.value = value;
	fake.life_s = life_s;
	return fake.status;
}

/* A user's keys are all on the server of the user's id. */
static const struct {
	const char *user_id, *key;
} keys[] = {
	{ "u1", "u1 my500:1:u:u1" },
	{ "A-b_9", "A-b_9 my500:1:u:A-b_9" },
	{ LONGEST_ID, LONGEST_ID " my500:1:u:" LONGEST_ID },
};

static void
reads_by_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		struct slice json = { NULL, 0 };

		fake.status = STATUS_OK;
		fake.value = slice_of("{}");
		assert_int_equal(user_cache_read(NULL, keys[i].user_id, &json),
			STATUS_OK);
		assert_true(slice_equals_text(json, "{}"));
		assert_memory_equal(fake.asked.ptr, "read ", 5);
		assert_string_equal(fake.asked.ptr + 5, keys[i].key);
	}
	assert_int_equal(strlen(LONGEST_ID), USER_ID_MAX);
}

static void
yes_no_and_could_not_ask_are_passed_on(void **state)
{
	static const enum status statuses[] = { STATUS_OK, STATUS_NOT_FOUND,
		STATUS_UNAVAILABLE };

	(void)state;
	for (size_t i = 0; i < COUNT(statuses); i++) {
		struct slice json;

		fake.status = statuses[i];
		fake.value = slice_of("");
		assert_int_equal(
			user_cache_read(NULL, "u1", &json), statuses[i]);
	}
}

static void
writes_by_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		fake.status = STATUS_OK;
		user_cache_write(
			NULL, keys[i].user_id, slice_of("{\"id\":1}"), 600);
		assert_memory_equal(fake.asked.ptr, "write ", 6);
		assert_string_equal(fake.asked.ptr + 6, keys[i].key);
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
	assert_string_equal(fake.asked.ptr, "write u1 my500:1:u:u1");
	assert_int_equal(fake.value.len, 0);
	assert_int_equal(fake.life_s, 30);
}

static void
a_failure_to_write_is_none(void **state)
{
	(void)state;
	fake.status = STATUS_UNAVAILABLE;
	user_cache_write(NULL, "u1", slice_of("{}"), 1);
	user_cache_write_unknown(NULL, "u1");
	assert_string_equal(fake.asked.ptr, "write u1 my500:1:u:u1");
}

static int
forget(void **state)
{
	(void)state;
	buffer_close(&fake.asked);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_by_key),
		cmocka_unit_test(yes_no_and_could_not_ask_are_passed_on),
		cmocka_unit_test(writes_by_key),
		cmocka_unit_test(an_unknown_user_is_empty_and_soon_forgotten),
		cmocka_unit_test(a_failure_to_write_is_none),
	};

	return cmocka_run_group_tests_name("user_cache", tests, NULL, forget);
}
