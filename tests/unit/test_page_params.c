#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "my500/page_params.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *query;
	int64_t page, limit, activities;
} good[] = {
	{ "", 1, 20, 5 },
	{ "page=3&limit=50&activities=7", 3, 50, 7 },
	{ "activities=7&limit=50&page=3", 3, 50, 7 },
	/* the edges of the ranges */
	{ "page=1&limit=1&activities=0", 1, 1, 0 },
	{ "page=1000000&limit=100&activities=20", 1000000, 100, 20 },
	/* absent */
	{ "page=", 1, 20, 5 },
	{ "page", 1, 20, 5 },
	{ "page=&limit=&activities=&cursor=", 1, 20, 5 },
	{ "cursor", 1, 20, 5 },
	{ "page=2&cursor=", 2, 20, 5 },
	/* the first value of a name counts */
	{ "page=2&page=3", 2, 20, 5 },
	{ "page=2&page=x", 2, 20, 5 },
	{ "page=2&page=-1&page=%zz", 2, 20, 5 },
	{ "page=&page=7", 1, 20, 5 },
	{ "page&page=7", 1, 20, 5 },
	{ "cursor=&cursor=abc", 1, 20, 5 },
	{ "p%61ge=2&page=3", 2, 20, 5 },
	/* encoded */
	{ "page=%32", 2, 20, 5 },
	{ "page=1%30", 10, 20, 5 },
	{ "%70%61%67%65=4", 4, 20, 5 },
	{ "l%69mit=9", 1, 9, 5 },
	/* names that we do not know */
	{ "foo=bar", 1, 20, 5 },
	{ "foo=%zz&page=2", 2, 20, 5 },
	{ "foo=%00&page=2", 2, 20, 5 },
	{ "foo=%ff&page=2", 2, 20, 5 },
	{ "%zz=1&page=2", 2, 20, 5 },
	{ "page%00=3", 1, 20, 5 },
	{ "q=anything", 1, 20, 5 },
	{ "PAGE=x", 1, 20, 5 },
	{ "page+=x", 1, 20, 5 },
	{ "+page=x", 1, 20, 5 },
	{ "pages=x", 1, 20, 5 },
	{ "pag=x", 1, 20, 5 },
	{ "page[]=x", 1, 20, 5 },
	{ "page%3D2=x", 1, 20, 5 },
	{ "=5", 1, 20, 5 },
	{ "5", 1, 20, 5 },
	/* nothing between */
	{ "&", 1, 20, 5 },
	{ "&&page=2&&&limit=3&", 2, 3, 5 },
};

static void
takes_what_is_good(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct page_params got = { -1, -1, -1 };
		struct reason why = { NULL, "" };

		if (page_params_read(&got, slice_of(good[i].query), arena,
			    &why) != STATUS_OK)
			fail_msg("%s: %s", good[i].query, why.text);
		if (got.page != good[i].page || got.limit != good[i].limit ||
			got.activities != good[i].activities)
			fail_msg("%s: %lld, %lld, %lld", good[i].query,
				(long long)got.page, (long long)got.limit,
				(long long)got.activities);
	}
	arena_close(&arena);
}

static void
takes_no_query_at_all(void **state)
{
	struct arena *arena = arena_open();
	struct page_params got = { -1, -1, -1 };
	struct reason why;

	(void)state;
	assert_int_equal(
		page_params_read(&got, (struct slice){ NULL, 0 }, arena, &why),
		STATUS_OK);
	assert_int_equal(got.page, 1);
	assert_int_equal(got.limit, 20);
	assert_int_equal(got.activities, 5);
	arena_close(&arena);
}

static const struct {
	const char *query;
	const char *field;
} bad[] = {
	/* out of range */
	{ "page=0", "page" },
	{ "page=1000001", "page" },
	{ "limit=0", "limit" },
	{ "limit=101", "limit" },
	{ "activities=21", "activities" },
	{ "page=9223372036854775807", "page" },
	{ "page=9223372036854775808", "page" },
	{ "page=18446744073709551617", "page" },
	{ "limit=4294967297", "limit" },
	{ "activities=18446744073709551616", "activities" },
	{ "page=99999999999999999999999999999999999999999999", "page" },
	/* signs */
	{ "page=-1", "page" },
	{ "activities=-0", "activities" },
	{ "page=%2D1", "page" },
	{ "page=%2B1", "page" },
	{ "page=+1", "page" },
	/* blanks */
	{ "page=1+", "page" },
	{ "page=%201", "page" },
	{ "page=1%20", "page" },
	{ "page=1%0a", "page" },
	{ "page=%09", "page" },
	{ "page=+", "page" },
	{ "page=1+2", "page" },
	/* other text */
	{ "page=1x", "page" },
	{ "page=x", "page" },
	{ "page=1;limit=2", "page" },
	{ "page=1,2", "page" },
	{ "page=1=2", "page" },
	{ "page==1", "page" },
	{ "page=1#", "page" },
	{ "page=0x10", "page" },
	{ "page=1e3", "page" },
	{ "page=1.0", "page" },
	{ "page=1_000", "page" },
	{ "page=%27%20OR%201%3D1--", "page" },
	{ "page=null", "page" },
	{ "page=NaN", "page" },
	/* digits of other scripts, UTF-8 and not */
	{ "page=%D9%A3", "page" },
	{ "page=%EF%BC%91", "page" },
	{ "page=\xef\xbc\x91", "page" },
	{ "page=%FF", "page" },
	{ "page=1%C3", "page" },
	{ "page=\xff", "page" },
	/* escapes */
	{ "page=1%", "page" },
	{ "page=1%3", "page" },
	{ "page=%zz", "page" },
	{ "page=%3g", "page" },
	{ "page=%%31", "page" },
	{ "page=1%00", "page" },
	{ "page=%00", "page" },
	{ "page=%001", "page" },
	/* names with escapes */
	{ "%70age=0", "page" },
	{ "limi%74=x", "limit" },
	/* the first of several counts, also when it is bad */
	{ "page=x&page=1", "page" },
	{ "page=2&limit=0", "limit" },
	{ "limit=0&page=0", "limit" },
	{ "foo=1&activities=x&page=2", "activities" },
	/* we have not given any out */
	{ "cursor=abc", "cursor" },
	{ "cursor=0", "cursor" },
	{ "cursor=1&page=1", "cursor" },
	{ "page=1&cursor=%zz", "cursor" },
};

static void
refuses_what_is_bad(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct page_params got;
		struct reason why = { "", "" };

		if (page_params_read(&got, slice_of(bad[i].query), arena,
			    &why) != STATUS_INVALID)
			fail_msg("%s: taken", bad[i].query);
		if (strcmp(why.field, bad[i].field) != 0 ||
			strstr(why.text, bad[i].field) == NULL)
			fail_msg("%s: %s: %s", bad[i].query, why.field,
				why.text);
	}
	arena_close(&arena);
}

/* A refusal names the range, and never repeats what the client sent. */
static void
says_what_would_be_right(void **state)
{
	static const struct {
		const char *query, *says;
	} cases[] = {
		{ "page=canary", "from 1 to 1000000" },
		{ "limit=canary", "from 1 to 100" },
		{ "activities=canary", "from 0 to 20" },
		{ "cursor=canary", "cursor" },
	};
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct page_params got;
		struct reason why;

		assert_int_equal(page_params_read(&got,
					 slice_of(cases[i].query), arena, &why),
			STATUS_INVALID);
		if (strstr(why.text, cases[i].says) == NULL ||
			strstr(why.text, "canary") != NULL)
			fail_msg("%s: %s", cases[i].query, why.text);
	}
	arena_close(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_is_good),
		cmocka_unit_test(takes_no_query_at_all),
		cmocka_unit_test(refuses_what_is_bad),
		cmocka_unit_test(says_what_would_be_right),
	};

	return cmocka_run_group_tests_name("page_params", tests, NULL, NULL);
}
