#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "my500/page_cache.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LONGEST_ID \
	"0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789ABCD_-"
#define TEXT_OF(literal)                     \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

/* Stands in for memcached.c. */
static struct {
	enum status status;
	struct buffer written; /* the group, the key, the value */
	int64_t life_s;
} fake;

static enum status
note(struct slice group, const char *key, struct slice value, int64_t life_s)
{
	buffer_clear(&fake.written, 4096);
	buffer_printf(&fake.written, "%.*s %s %.*s", (int)group.len, group.ptr,
		key, (int)value.len, value.ptr);
	buffer_add_char(&fake.written, '\0');
	fake.life_s = life_s;
	return fake.status;
}

enum status
memcached_write(struct memcached *m, struct slice group, const char *key,
	struct slice value, int64_t life_s)
{
	assert_null(m);
	return note(group, key, value, life_s);
}

enum status
memcached_create_key(struct memcached *m, struct slice group, const char *key,
	struct slice value, int64_t life_s)
{
	assert_null(m);
	return note(group, key, value, life_s);
}

/* No two of them are the same page. */
static const struct page_params pages[] = {
	{ .user_id = "u1", .page = 1, .limit = 20, .activities = 5 },
	{ .user_id = "u2", .page = 1, .limit = 20, .activities = 5 },
	{ .user_id = "u1", .page = 2, .limit = 20, .activities = 5 },
	{ .user_id = "u1", .page = 1, .limit = 21, .activities = 5 },
	{ .user_id = "u1", .page = 1, .limit = 20, .activities = 6 },
	{ .user_id = "u1", .page = 12, .limit = 0, .activities = 5 },
	{ .user_id = "u1",
		.page = 1,
		.limit = 20,
		.activities = 5,
		.has_cursor = true,
		.cursor_text = TEXT_OF("a") },
	{ .user_id = "u1",
		.page = 1,
		.limit = 20,
		.activities = 5,
		.has_cursor = true,
		.cursor_text = TEXT_OF("b") },
	{ .user_id = "u1",
		.page = 1,
		.limit = 20,
		.activities = 5,
		.is_search = true },
	{ .user_id = "u1",
		.page = 1,
		.limit = 20,
		.activities = 5,
		.is_search = true,
		.q = TEXT_OF("a") },
	{ .user_id = "u1",
		.page = 1,
		.limit = 20,
		.activities = 5,
		.is_search = true,
		.q = TEXT_OF("A") },
	{ .user_id = "u1",
		.page = 1,
		.limit = 20,
		.activities = 5,
		.is_search = true,
		.q = TEXT_OF("a"),
		.has_cursor = true,
		.cursor_text = TEXT_OF("a") },
	{ .user_id = LONGEST_ID,
		.page = PAGE_MAX,
		.limit = LIMIT_MAX,
		.activities = ACTIVITIES_MAX,
		.is_search = true,
		.q = TEXT_OF("a long one, but no key has more of it than that"),
		.has_cursor = true,
		.cursor_text = TEXT_OF("z") },
};

static void
each_page_has_its_key(void **state)
{
	struct memcached_item items[COUNT(pages)];

	(void)state;
	for (size_t i = 0; i < COUNT(pages); i++) {
		page_cache_ask(&items[i], &pages[i]);
		assert_true(strlen(items[i].key) < MEMCACHED_KEY_BYTES - 1);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(items[i].key, items[j].key);
	}
	assert_string_equal(items[0].key, "my500:1:p:u1::1:20:5:");
}

static const struct stamp stamp = { "7", "9" };

static void
reads_what_it_has_written(void **state)
{
	const struct cached_page page = { .stamp = stamp,
		.etag = TEXT_OF("W/\"abc\""),
		.data = TEXT_OF("{\n 1 }") };
	struct memcached_item item;
	struct cached_page got;
	const char *value;

	(void)state;
	fake.status = STATUS_OK;
	page_cache_write(NULL, &pages[0], &page, 300);
	assert_string_equal(fake.written.ptr,
		"u1 my500:1:p:u1::1:20:5: 7 9\nu1 W/\"abc\" 6\n{\n 1 }");
	assert_int_equal(fake.life_s, 300);

	value = strstr(fake.written.ptr, "7 9");
	item = (struct memcached_item){ .is_hit = true,
		.value = slice_of(value) };
	assert_true(page_cache_read(&item, "u1", &got));
	assert_true(stamp_agrees(&got.stamp, &stamp));
	assert_true(slice_equals(got.etag, page.etag));
	assert_true(slice_equals(got.data, page.data));
}

static const struct {
	const char *name;
	const char *value;
} nonsense[] = {
	{ "nothing", "" },
	{ "another user's", "7 9\nu2 W/\"abc\" 2\n{}" },
	{ "a user's whose id begins alike", "7 9\nu11 W/\"abc\" 2\n{}" },
	{ "no stamp", "u1 W/\"abc\" 2\n{}" },
	{ "half a stamp", "7\nu1 W/\"abc\" 2\n{}" },
	{ "no line of its own", "7 9\n{}" },
	{ "no length", "7 9\nu1 W/\"abc\"\n{}" },
	{ "a wrong length", "7 9\nu1 W/\"abc\" 3\n{}" },
	{ "cut off", "7 9\nu1 W/\"abc\" 2\n{" },
	{ "cut off before the data", "7 9\nu1 W/\"abc\" 0" },
	{ "longer than it says", "7 9\nu1 W/\"abc\" 2\n{}}" },
};

static void
reads_nothing_out_of_nonsense(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(nonsense); i++) {
		struct memcached_item item = { .is_hit = true,
			.value = slice_of(nonsense[i].value) };
		struct cached_page page;

		if (page_cache_read(&item, "u1", &page))
			fail_msg("%s", nonsense[i].name);
	}
}

static void
reads_no_miss(void **state)
{
	struct memcached_item item = { .is_hit = false,
		.value = slice_of("7 9\nu1 W/\"abc\" 2\n{}") };
	struct cached_page page;

	(void)state;
	assert_false(page_cache_read(&item, "u1", &page));
}

/* Nobody has to wait for memcached, nor for who began before a change. */
static void
claims(void **state)
{
	(void)state;
	fake.status = STATUS_OK;
	assert_true(page_cache_claim(NULL, &pages[0], &stamp));
	assert_string_equal(fake.written.ptr, "u1 my500:1:P:u1::1:20:5::7:9 ");
	fake.status = STATUS_NOT_FOUND;
	assert_false(page_cache_claim(NULL, &pages[0], &stamp));
	fake.status = STATUS_UNAVAILABLE;
	assert_true(page_cache_claim(NULL, &pages[0], &stamp));
}

static void
claims_have_keys_that_memcached_takes(void **state)
{
	const struct stamp longest = { "18446744073709551615",
		"18446744073709551615" };

	(void)state;
	fake.status = STATUS_OK;
	(void)page_cache_claim(NULL, &pages[COUNT(pages) - 1], &longest);
	/* the group, a blank, the key, a blank, nothing, a NUL */
	assert_true(fake.written.len - strlen(LONGEST_ID) - 3 <= 250);
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
		cmocka_unit_test(each_page_has_its_key),
		cmocka_unit_test(reads_what_it_has_written),
		cmocka_unit_test(reads_nothing_out_of_nonsense),
		cmocka_unit_test(reads_no_miss),
		cmocka_unit_test(claims),
		cmocka_unit_test(claims_have_keys_that_memcached_takes),
	};

	return cmocka_run_group_tests_name("page_cache", tests, NULL, forget);
}
