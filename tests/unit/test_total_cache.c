#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "my500/total_cache.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LONGEST_ID \
	"0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789ABCD_-"

#define TEXT_OF(literal)                     \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

/* Stands in for memcached.c: notes what it is given, answers what it is told
 * to. */
static struct {
	enum status status;
	struct buffer written; /* the group, the key, the value */
	int64_t life_s;
	int calls;
} fake;

enum status
memcached_write(struct memcached *m, struct slice group, const char *key,
	struct slice value, int64_t life_s)
{
	assert_null(m);
	buffer_clear(&fake.written, 4096);
	buffer_add_slice(&fake.written, group);
	buffer_add_char(&fake.written, '|');
	buffer_add_text(&fake.written, key);
	buffer_add_char(&fake.written, '|');
	buffer_add_slice(&fake.written, value);
	fake.life_s = life_s;
	fake.calls++;
	return fake.status;
}

/* The digests are the first 32 digits of coreutils' sha256sum. */
static const struct {
	const char *name;
	struct page_params params;
	const char *key;
} keys[] = {
	{ "a list", { .user_id = "u1" }, "my500:1:t:u1:" },
	{ "another user's list", { .user_id = "A-b_9" }, "my500:1:t:A-b_9:" },
	{ "the longest id", { .user_id = LONGEST_ID },
		"my500:1:t:" LONGEST_ID ":" },
	/* counts what the list does */
	{ "a search without restriction",
		{ .user_id = "u1", .is_search = true }, "my500:1:t:u1:" },
	{ "a search for nothing",
		{ .user_id = "u1", .is_search = true, .q = TEXT_OF("") },
		"my500:1:t:u1:" },
	{ "a search",
		{ .user_id = "u1", .is_search = true, .q = TEXT_OF("abc") },
		"my500:1:t:u1:ba7816bf8f01cfea414140de5dae2223" },
	{ "another user's search",
		{ .user_id = "u2", .is_search = true, .q = TEXT_OF("abc") },
		"my500:1:t:u2:ba7816bf8f01cfea414140de5dae2223" },
	{ "a search of another page",
		{ .user_id = "u1",
			.is_search = true,
			.q = TEXT_OF("abc"),
			.page = 7,
			.limit = 3,
			.activities = 1 },
		"my500:1:t:u1:ba7816bf8f01cfea414140de5dae2223" },
	{ "a search of any characters",
		{ .user_id = "u1", .is_search = true, .q = TEXT_OF(" \r\n") },
		"my500:1:t:u1:6bdf66b5bf2a44e658bea2ee86695ab1" },
	{ "a search, the longest id",
		{ .user_id = LONGEST_ID,
			.is_search = true,
			.q = TEXT_OF("abc") },
		"my500:1:t:" LONGEST_ID ":ba7816bf8f01cfea414140de5dae2223" },
};

static void
asks_by_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		struct memcached_item item;

		memset(&item, 'x', sizeof(item));
		total_cache_ask(&item, &keys[i].params);
		if (strcmp(item.key, keys[i].key) != 0)
			fail_msg("%s: %s", keys[i].name, item.key);
	}
	assert_int_equal(strlen(LONGEST_ID), USER_ID_MAX);
}

/* On the server of the user's id, as the user. */
static void
writes_by_key(void **state)
{
	const struct total total = { TEXT_OF("my500 2024 7:9:8"), 500, 498,
		TEXT_OF("{c1,\"c 2\"}") };

	(void)state;
	fake.status = STATUS_OK;
	for (size_t i = 0; i < COUNT(keys); i++) {
		char want[400];

		snprintf(want, sizeof(want),
			"%s|%s|500 498\nmy500 2024 7:9:8\n{c1,\"c 2\"}",
			keys[i].params.user_id, keys[i].key);
		total_cache_write(NULL, &keys[i].params, &total);
		if (!slice_equals_text(buffer_slice(&fake.written), want))
			fail_msg("%s: %.*s", keys[i].name,
				(int)fake.written.len, fake.written.ptr);
		assert_int_equal(fake.life_s, 60);
	}
}

static void
a_failure_to_write_is_none(void **state)
{
	const struct total total = { TEXT_OF("s"), 1, 0, { NULL, 0 } };
	int calls = fake.calls;

	(void)state;
	fake.status = STATUS_UNAVAILABLE;
	total_cache_write(NULL, &keys[0].params, &total);
	assert_int_equal(fake.calls, calls + 1);
}

static void
reads_what_it_wrote(void **state)
{
	static const struct total totals[] = {
		{ TEXT_OF("s"), 0, 0, { NULL, 0 } },
		{ TEXT_OF("my500 2024-01-15 09:00:00+00 7:9:8"), 500, 498,
			{ NULL, 0 } },
		{ TEXT_OF("two  blanks and one behind "), 1, 1, { NULL, 0 } },
		{ TEXT_OF("1 2 3"), 4, 5, { NULL, 0 } },
		{ TEXT_OF("s"), INT64_C(1) << 48, INT64_C(1) << 48,
			{ NULL, 0 } },
		{ TEXT_OF("s"), 0, 0, TEXT_OF("{}") },
		{ TEXT_OF("s"), 2, 0, TEXT_OF("{c1,c2}") },
		{ TEXT_OF("s"), 2, 0, TEXT_OF("{\"c\n1\",\"c 2\n\"}") },
	};

	(void)state;
	fake.status = STATUS_OK;
	for (size_t i = 0; i < COUNT(totals); i++) {
		struct slice value, part;
		struct total got;

		total_cache_write(NULL, &keys[0].params, &totals[i]);
		value = buffer_slice(&fake.written);
		assert_true(slice_split(&value, '|', &part));
		assert_true(slice_split(&value, '|', &part));
		got = total_cache_read(value);
		if (got.snapshot.ptr == NULL ||
			!slice_equals(got.snapshot, totals[i].snapshot) ||
			got.contacts != totals[i].contacts ||
			got.synced != totals[i].synced ||
			(got.matches.ptr == NULL) !=
				(totals[i].matches.ptr == NULL) ||
			!slice_equals(got.matches, totals[i].matches))
			fail_msg("%zu: %lld %lld %.*s", i,
				(long long)got.contacts, (long long)got.synced,
				(int)got.snapshot.len, got.snapshot.ptr);
	}
}

static const struct {
	const char *name;
	struct slice value;
} nonsense[] = {
	{ "no snapshot", TEXT_OF("5 3\n") },
	{ "no snapshot, but ids", TEXT_OF("5 3\n\n{c1}") },
	{ "absent", { NULL, 0 } },
	{ "empty", TEXT_OF("") },
	{ "a number", TEXT_OF("5") },
	{ "a number and a blank", TEXT_OF("5 ") },
	{ "two numbers", TEXT_OF("5 3") },
	{ "a number and a snapshot", TEXT_OF("5\n7:9:8") },
	{ "a number, words, a snapshot", TEXT_OF("5 x\n7:9:8") },
	{ "words, a number, a snapshot", TEXT_OF("x 3\n7:9:8") },
	{ "a snapshot", TEXT_OF("my500 2024\n7:9:8") },
	{ "blank in front", TEXT_OF(" 5 3\n7:9:8") },
	{ "two blanks", TEXT_OF("5  3\n7:9:8") },
	{ "another blank", TEXT_OF("5\t3\n7:9:8") },
	{ "minus", TEXT_OF("-5 3\n7:9:8") },
	{ "second minus", TEXT_OF("5 -3\n7:9:8") },
	{ "plus", TEXT_OF("+5 3\n7:9:8") },
	{ "hex", TEXT_OF("0x5 3\n7:9:8") },
	{ "fraction", TEXT_OF("5.0 3\n7:9:8") },
	{ "too large", TEXT_OF("9223372036854775808 3\n7:9:8") },
	{ "second too large", TEXT_OF("5 9223372036854775808\n7:9:8") },
	{ "NUL", TEXT_OF("5\0 3\n7:9:8") },
	{ "JSON", TEXT_OF("{\"id\":\"u1\", \"name\": \"x\"}") },
	{ "beyond ASCII", TEXT_OF("\xff \xff \xff") },
};

static void
nonsense_gives_no_snapshot(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(nonsense); i++)
		if (total_cache_read(nonsense[i].value).snapshot.ptr != NULL)
			fail_msg("%s", nonsense[i].name);
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
		cmocka_unit_test(a_failure_to_write_is_none),
		cmocka_unit_test(reads_what_it_wrote),
		cmocka_unit_test(nonsense_gives_no_snapshot),
	};

	return cmocka_run_group_tests_name("total_cache", tests, NULL, forget);
}
