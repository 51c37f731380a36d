#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "my500/stamp.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Stands in for memcached.c. */
static struct {
	enum status status;
	struct buffer written; /* the group, the key, the value */
	int64_t life_s;
} fake;

enum status
memcached_create_key(struct memcached *m, struct slice group, const char *key,
	struct slice value, int64_t life_s)
{
	assert_null(m);
	buffer_clear(&fake.written, 4096);
	buffer_printf(&fake.written, "%.*s %s %.*s", (int)group.len, group.ptr,
		key, (int)value.len, value.ptr);
	buffer_add_char(&fake.written, '\0');
	fake.life_s = life_s;
	return fake.status;
}

static struct memcached_item
item_of(const char *value)
{
	return (struct memcached_item){ .is_hit = value != NULL,
		.value = slice_of(value == NULL ? "" : value) };
}

static void
asks_by_key(void **state)
{
	struct memcached_item item;

	(void)state;
	stamp_ask_epoch(&item);
	assert_string_equal(item.key, "my500:1:e");
	stamp_ask_generation(&item, "u-1");
	assert_string_equal(item.key, "my500:1:g:u-1");
}

static const struct {
	const char *epoch, *generation;
	const char *got_epoch, *got_generation;
	bool is_whole;
} reads[] = {
	{ "1 1001", "2", "1", "2", true },
	{ "18446744073709551615 9223372036854775807", "18446744073709551615",
		"18446744073709551615", "18446744073709551615", true },
	{ "1 1000", "2", "", "2", false }, /* over */
	{ "1 0", "2", "", "2", false },
	{ NULL, "2", "", "2", false },
	{ "1 1001", NULL, "1", "", false },
	{ NULL, NULL, "", "", false },
	{ "", "2", "", "2", false },
	{ "1", "2", "", "2", false },
	{ "1 ", "2", "", "2", false },
	{ " 1001", "2", "", "2", false },
	{ "1 1001 1", "2", "", "2", false },
	{ "1 9223372036854775808", "2", "", "2", false },
	{ "1 1001", "2 ", "1", "", false },
	{ "-1 1001", "2", "", "2", false },
	{ "1x 1001", "2", "", "2", false },
	{ "184467440737095516150 1001", "2", "", "2", false },
};

static void
reads_numbers_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(reads); i++) {
		struct memcached_item epoch = item_of(reads[i].epoch);
		struct memcached_item generation = item_of(reads[i].generation);
		struct stamp got = stamp_read(&epoch, &generation, 1000);

		assert_string_equal(got.epoch, reads[i].got_epoch);
		assert_string_equal(got.generation, reads[i].got_generation);
		assert_int_equal(stamp_is_whole(&got), reads[i].is_whole);
	}
	assert_true(stamp_is_whole(&stamp_of_ttl));
}

static void
prints_an_epoch_that_ends(void **state)
{
	char value[STAMP_EPOCH_BYTES];
	struct memcached_item epoch, none = item_of(NULL);
	char number[STAMP_NUMBER_BYTES];

	(void)state;
	stamp_make_number(number);
	stamp_print_epoch(value, number, 5000);
	epoch = item_of(value);
	assert_string_equal(stamp_read(&epoch, &none, 4999).epoch, number);
	assert_string_equal(stamp_read(&epoch, &none, 5000).epoch, "");
	assert_true(stamp_is_epoch(slice_of(value), number));
	assert_false(stamp_is_epoch(slice_of(value), "1"));
	assert_false(stamp_is_epoch(slice_of(""), "1"));
	stamp_print_epoch(value, "18446744073709551615", INT64_MAX);
	assert_string_equal(value, "18446744073709551615 9223372036854775807");
}

static const struct {
	const char *name;
	const char *value;
	const char *rest; /* NULL: there is no stamp */
	struct stamp stamp;
} values[] = {
	{ "a stamp and a value", "1 2\nrest\nmore", "rest\nmore",
		{ "1", "2" } },
	{ "an empty value", "1 2\n", "", { "1", "2" } },
	{ "no end", "1 2", NULL, { "", "" } },
	{ "no generation", "1\nrest", NULL, { "", "" } },
	{ "an empty generation", "1 \nrest", NULL, { "", "" } },
	{ "an empty epoch", " 2\nrest", NULL, { "", "" } },
	{ "three numbers", "1 2 3\nrest", NULL, { "", "" } },
	{ "letters", "a b\nrest", NULL, { "", "" } },
	{ "nothing", "", NULL, { "", "" } },
};

static void
takes_a_stamp_off(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		struct slice value = slice_of(values[i].value);
		struct stamp stamp;
		bool is_taken = stamp_take(&value, &stamp);

		if (is_taken != (values[i].rest != NULL))
			fail_msg("%s", values[i].name);
		if (is_taken &&
			(!slice_equals_text(value, values[i].rest) ||
				!stamp_agrees(&stamp, &values[i].stamp)))
			fail_msg("%s: differs", values[i].name);
	}
}

static void
adds_what_it_takes(void **state)
{
	const struct stamp stamp = { "17", "4" };
	struct buffer value = { NULL, 0, 0 };
	struct slice rest;
	struct stamp got;

	(void)state;
	stamp_add(&value, &stamp);
	buffer_add_text(&value, "what follows");
	rest = buffer_slice(&value);
	assert_true(stamp_take(&rest, &got));
	assert_true(stamp_agrees(&stamp, &got));
	assert_true(slice_equals_text(rest, "what follows"));
	buffer_close(&value);
}

static void
agrees_with_its_equal_only(void **state)
{
	const struct stamp stamp = { "1", "2" };
	const struct stamp others[] = { { "1", "3" }, { "2", "2" }, { "1", "" },
		{ "", "2" }, { "", "" } };
	const struct stamp none = { "", "" };

	(void)state;
	assert_true(stamp_agrees(&stamp, &stamp));
	assert_false(stamp_agrees(&none, &none));
	for (size_t i = 0; i < COUNT(others); i++)
		assert_false(stamp_agrees(&others[i], &stamp));
}

static void
begins_a_generation_from_a_new_number(void **state)
{
	struct stamp stamp = { "1", "" }, other = { "1", "" };
	char want[200];

	(void)state;
	fake.status = STATUS_OK;
	stamp_begin_generation(&stamp, NULL, "u1");
	assert_true(stamp_is_whole(&stamp));
	snprintf(want, sizeof(want), "u1 my500:1:g:u1 %s", stamp.generation);
	assert_string_equal(fake.written.ptr, want);
	assert_int_equal(fake.life_s, 0);
	stamp_begin_generation(&other, NULL, "u1");
	assert_string_not_equal(stamp.generation, other.generation);
}

static void
has_no_generation_that_is_not_stored(void **state)
{
	const enum status refusals[] = { STATUS_NOT_FOUND, STATUS_UNAVAILABLE };

	(void)state;
	for (size_t i = 0; i < COUNT(refusals); i++) {
		struct stamp stamp = { "1", "" };

		fake.status = refusals[i];
		stamp_begin_generation(&stamp, NULL, "u1");
		assert_false(stamp_is_whole(&stamp));
	}
}

/* incr must not come round: memcached's numbers have 64 bits. */
static void
leaves_room_to_count(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		char number[STAMP_NUMBER_BYTES];

		stamp_make_number(number);
		assert_in_range(strlen(number), 1, 19);
		assert_true(strspn(number, "0123456789") == strlen(number));
		assert_string_not_equal(number, "0");
	}
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
		cmocka_unit_test(reads_numbers_and_nothing_else),
		cmocka_unit_test(prints_an_epoch_that_ends),
		cmocka_unit_test(takes_a_stamp_off),
		cmocka_unit_test(adds_what_it_takes),
		cmocka_unit_test(agrees_with_its_equal_only),
		cmocka_unit_test(begins_a_generation_from_a_new_number),
		cmocka_unit_test(has_no_generation_that_is_not_stored),
		cmocka_unit_test(leaves_room_to_count),
	};

	return cmocka_run_group_tests_name("stamp", tests, NULL, forget);
}
