#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "my500/page_plan.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct place somewhere = { .id = { "c1", 2 } };

/* The statements of a plan, and their parts in it. */
static void
print_plan(const struct page_plan *plan, char *out, size_t bytes)
{
	size_t len = 0;

	for (int i = 0; i < plan->count; i++)
		len += (size_t)snprintf(out + len, bytes - len, "%s%s%s%s%s%s ",
			statement_texts[plan->queries[i].statement].name,
			i == plan->found ? ":found" : "",
			i == plan->contacts ? ":contacts" : "",
			i == plan->activities ? ":activities" : "",
			i == plan->user ? ":user" : "",
			i == plan->total ? ":total" : "");
}

#define BY_IDS "found_contacts:contacts found_activities:activities "
#define NEAR                                                 \
	"page_contacts:contacts page_activities:activities " \
	"page_summary:user "
#define FAR           "find_page:found " BY_IDS "page_summary:user "
#define AFTER         "find_after:found " BY_IDS "page_summary:user "
#define SEARCH_COUNTS "search_user:user search_count:total "
#define SPARSE        SEARCH_COUNTS "search_contacts:found " BY_IDS
#define SPARSE_AFTER  SEARCH_COUNTS "search_after:found " BY_IDS
#define DENSE         "find_after:found " BY_IDS SEARCH_COUNTS

static const struct {
	const char *name;
	struct page_params params;
	int64_t known; /* -1: nothing */
	const char *want;
} cases[] = {
	{ "the first page", { .page = 1, .limit = 20 }, -1, NEAR },
	{ "the first of a large user", { .page = 1, .limit = 20 }, 100000,
		NEAR },
	{ "the last near one", { .page = 12, .limit = 20 }, -1, NEAR },
	{ "the first far one", { .page = 13, .limit = 20 }, -1, FAR },
	{ "the last of all", { .page = PAGE_MAX, .limit = LIMIT_MAX }, -1,
		FAR },
	{ "behind a cursor",
		{ .page = 1,
			.limit = 20,
			.has_cursor = true,
			.cursor = { { .created_us = 0, .id = { "c", 1 } },
				false } },
		-1, AFTER },
	{ "a search for nothing", { .is_search = true, .page = 1, .limit = 20 },
		-1, NEAR },
	{ "a search",
		{ .is_search = true, .page = 1, .limit = 20, .q = { "x", 1 } },
		-1, SPARSE },
	{ "a search with few matches",
		{ .is_search = true, .page = 1, .limit = 20, .q = { "x", 1 } },
		999, SPARSE },
	{ "a search with many matches",
		{ .is_search = true, .page = 1, .limit = 20, .q = { "x", 1 } },
		1000, DENSE },
	{ "the last of their near pages",
		{ .is_search = true, .page = 2, .limit = 20, .q = { "x", 1 } },
		1000, DENSE },
	{ "the first of their far pages",
		{ .is_search = true, .page = 3, .limit = 20, .q = { "x", 1 } },
		1000, SPARSE },
	{ "behind a cursor of few matches",
		{ .is_search = true,
			.page = 1,
			.limit = 20,
			.q = { "x", 1 },
			.has_cursor = true,
			.cursor = { { .id = { "c", 1 } }, false } },
		100000, SPARSE_AFTER },
	{ "behind a cursor of many matches",
		{ .is_search = true,
			.page = 1,
			.limit = 20,
			.q = { "x", 1 },
			.has_cursor = true,
			.cursor = { { .id = { "c", 1 } }, true } },
		-1, DENSE },
};

static void
chooses_statements(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct page_params params = cases[i].params;
		struct total known = { .contacts = cases[i].known };
		struct page_plan plan;
		char got[300] = "";

		params.user_id = "u1";
		if (cases[i].known >= 0)
			known.snapshot = slice_of("s1");
		page_plan_make(&plan, &params, &known, arena);
		print_plan(&plan, got, sizeof(got));
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].name, got);
	}
	arena_close(&arena);
}

/* Every statement gets as many parameters as it takes: none is forgotten, but
 * for those that may be NULL, and none is left over. */
static void
fills_in_the_parameters(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct page_params params = cases[i].params;
		struct total known = { .snapshot = slice_of("s1"),
			.contacts = cases[i].known };
		struct page_plan plan;

		params.user_id = "u1";
		params.cursor.after = somewhere;
		params.cursor.after.has_last_contacted = true;
		page_plan_make(&plan, &params, &known, arena);
		for (int j = 0; j < plan.count; j++) {
			const struct query *q = &plan.queries[j];
			int n = statement_texts[q->statement].parameters;
			bool is_list_after = params.q.len == 0 &&
				q->statement == STATEMENT_find_after;

			for (int k = 0; k < STATEMENT_PARAMETERS_MAX; k++)
				if ((q->parameters[k] != NULL) !=
					(k < n && !(is_list_after && k == 7)))
					fail_msg("%s: %s, $%d", cases[i].name,
						statement_texts[q->statement]
							.name,
						k + 1);
		}
	}
	arena_close(&arena);
}

static void
escapes_what_is_special_in_a_pattern(void **state)
{
	static const struct {
		const char *q, *want;
	} patterns[] = {
		{ "a", "%a%" },
		{ "O'Brien", "%O'Brien%" },
		{ "100%", "%100\\%%" },
		{ "snake_case", "%snake\\_case%" },
		{ "back\\slash", "%back\\\\slash%" },
		{ "%_\\", "%\\%\\_\\\\%" },
		{ " ", "% %" },
		{ "Müller", "%Müller%" },
	};
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(patterns); i++) {
		const struct page_params params = { .user_id = "u1",
			.is_search = true,
			.page = 1,
			.limit = 20,
			.q = slice_of(patterns[i].q) };
		const struct total none = { .contacts = 0 };
		struct page_plan plan;

		page_plan_make(&plan, &params, &none, arena);
		assert_string_equal(plan.queries[plan.total].parameters[1],
			patterns[i].want);
	}
	arena_close(&arena);
}

static void
starts_where_the_cursor_is_or_in_front_of_all(void **state)
{
	static const char *const after[] = { "u1", "f", "-7", "c1" };
	static const char *const first[] = { "u1", "t", "-2147483648", "" };
	struct arena *arena = arena_open();
	struct page_params params = { .user_id = "u1",
		.is_search = true,
		.page = 2,
		.limit = 20,
		.q = { "x", 1 } };
	const struct total known = { .snapshot = { "s1", 2 },
		.contacts = 5000 };
	const char *const *got;
	struct page_plan plan;

	(void)state;
	page_plan_make(&plan, &params, &known, arena);
	got = plan.queries[plan.found].parameters;
	assert_string_equal(got[0], first[0]);
	assert_string_equal(got[1], first[1]);
	assert_string_equal(got[2], first[2]);
	assert_string_equal(got[3], "-infinity");
	assert_string_equal(got[4], "infinity");
	assert_string_equal(got[5], first[3]);
	assert_string_equal(got[8], "20");

	params.page = 1;
	params.has_cursor = true;
	params.cursor = (struct cursor){ somewhere, true };
	params.cursor.after.warmness_score = -7;
	page_plan_make(&plan, &params, &known, arena);
	got = plan.queries[plan.found].parameters;
	assert_string_equal(got[0], after[0]);
	assert_string_equal(got[1], after[1]);
	assert_string_equal(got[2], after[2]);
	assert_null(got[3]);
	assert_string_equal(got[4], "2000-01-01 00:00:00.000000");
	assert_string_equal(got[5], after[3]);
	assert_string_equal(got[8], "0");
	arena_close(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chooses_statements),
		cmocka_unit_test(fills_in_the_parameters),
		cmocka_unit_test(escapes_what_is_special_in_a_pattern),
		cmocka_unit_test(starts_where_the_cursor_is_or_in_front_of_all),
	};

	return cmocka_run_group_tests_name("page_plan", tests, NULL, NULL);
}
