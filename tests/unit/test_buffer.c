#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "my500/buffer.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
assert_holds(const struct buffer *b, const char *want)
{
	if (!slice_equals_text(buffer_slice(b), want))
		fail_msg("%.*s instead of %s", (int)b->len, b->ptr, want);
}

static void
starts_empty(void **state)
{
	struct buffer b = { 0 };

	(void)state;
	assert_int_equal(buffer_slice(&b).len, 0);
	buffer_clear(&b, 0);
	buffer_close(&b);
	buffer_close(&b); /* a second time does no harm */
	assert_int_equal(b.len, 0);
}

static void
adds_of_every_kind(void **state)
{
	struct buffer b = { 0 };

	(void)state;
	buffer_add(&b, "abc", 2);
	buffer_add_slice(&b, (struct slice){ "cde", 1 });
	buffer_add_text(&b, "d");
	buffer_add_char(&b, 'e');
	buffer_add_int(&b, 12);
	buffer_printf(&b, "%s%03d", "f", 7);
	assert_holds(&b, "abcde12f007");
	buffer_close(&b);
}

static void
adds_nothing(void **state)
{
	struct buffer b = { 0 };

	(void)state;
	buffer_add(&b, NULL, 0);
	buffer_add_slice(&b, (struct slice){ NULL, 0 });
	buffer_add_text(&b, "");
	buffer_printf(&b, "%s", "");
	assert_int_equal(b.len, 0);
	buffer_close(&b);
}

static void
adds_a_nul(void **state)
{
	struct buffer b = { 0 };

	(void)state;
	buffer_add(&b, "a\0b", 3);
	buffer_add_char(&b, '\0');
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.ptr, "a\0b\0", 4);
	buffer_close(&b);
}

static void
numbers(void **state)
{
	static const struct {
		int64_t value;
		const char *want;
	} cases[] = {
		{ 0, "0" },
		{ -1, "-1" },
		{ 1000000, "1000000" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};
	struct buffer b = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		buffer_clear(&b, 64);
		buffer_add_int(&b, cases[i].value);
		assert_holds(&b, cases[i].want);
	}
	buffer_close(&b);
}

/* Across the edge of what is allocated, one byte at a time and at once. */
static void
grows(void **state)
{
	static const size_t sizes[] = { 1, 1023, 1024, 1025, 5000, 100000 };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct buffer one = { 0 }, whole = { 0 };

		for (size_t n = 0; n < sizes[i]; n++)
			buffer_add_char(&one, (char)('a' + n % 26));
		buffer_add_slice(&whole, buffer_slice(&one));
		assert_int_equal(whole.len, sizes[i]);
		assert_memory_equal(whole.ptr, one.ptr, sizes[i]);
		assert_int_equal(one.ptr[sizes[i] - 1],
			(char)('a' + (sizes[i] - 1) % 26));
		buffer_close(&one);
		buffer_close(&whole);
	}
}

/* Formatted text that just fits, and that just does not. */
static void
prints_at_the_edge(void **state)
{
	(void)state;
	for (size_t taken = 1014; taken < 1030; taken++) {
		struct buffer b = { 0 };

		for (size_t n = 0; n < taken; n++)
			buffer_add_char(&b, '.');
		buffer_printf(&b, "%s", "12345");
		assert_int_equal(b.len, taken + 5);
		assert_memory_equal(b.ptr + taken - 1, ".12345", 6);
		buffer_close(&b);
	}
}

static void
reserves_room(void **state)
{
	struct buffer b = { 0 };
	char *room;

	(void)state;
	buffer_add_text(&b, "a");
	room = buffer_reserve(&b, 10000);
	assert_ptr_equal(room, b.ptr + 1);
	assert_int_equal(b.len, 1);
	assert_true(b.capacity >= 10001);
	memset(room, 'b', 10000);
	b.len += 10000;
	assert_int_equal(b.ptr[10000], 'b');
	buffer_close(&b);
}

static void
clearing_keeps_memory_up_to_a_limit(void **state)
{
	struct buffer b = { 0 };
	const char *ptr;
	size_t capacity;

	(void)state;
	buffer_add_text(&b, "abc");
	ptr = b.ptr;
	capacity = b.capacity;
	buffer_clear(&b, capacity);
	assert_int_equal(b.len, 0);
	assert_ptr_equal(b.ptr, ptr);
	assert_int_equal(b.capacity, capacity);
	buffer_clear(&b, capacity - 1);
	assert_null(b.ptr);
	assert_int_equal(b.capacity, 0);
	buffer_add_text(&b, "def");
	assert_holds(&b, "def");
	buffer_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_empty),
		cmocka_unit_test(adds_of_every_kind),
		cmocka_unit_test(adds_nothing),
		cmocka_unit_test(adds_a_nul),
		cmocka_unit_test(numbers),
		cmocka_unit_test(grows),
		cmocka_unit_test(prints_at_the_edge),
		cmocka_unit_test(reserves_room),
		cmocka_unit_test(clearing_keeps_memory_up_to_a_limit),
	};

	return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
