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
#define SEARCH        SEARCH_COUNTS "search_contacts:found " BY_IDS
#define SEARCH_AFTER  "find_after:found " BY_IDS SEARCH_COUNTS

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
		-1, SEARCH },
	{ "a search with many matches",
		{ .is_search = true, .page = 1, .limit = 20, .q = { "x", 1 } },
		100000, SEARCH },
	{ "behind a cursor of few matches",
		{ .is_search = true,
			.page = 1,
			.limit = 20,
			.q = { "x", 1 },
			.has_cursor = true,
			.cursor = { { .id = { "c", 1 } }, false } },
		100000, SEARCH },
	{ "behind a cursor of many matches",
		{ .is_search = true,
			.page = 1,
			.limit = 20,
			.q = { "x", 1 },
			.has_cursor = true,
			.cursor = { { .id = { "c", 1 } }, true } },
		-1, SEARCH_AFTER },
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

/* Which parameters there are, a letter each: - is NULL. */
static void
print_parameters(const struct query *q, char out[STATEMENT_PARAMETERS_MAX + 1])
{
	int n = statement_texts[q->statement].parameters;

	for (int i = 0; i < STATEMENT_PARAMETERS_MAX; i++) {
		out[i] = q->parameters[i] == NULL ? '-' : 'x';
		if (i >= n && out[i] == '-')
			out[i] = '.';
	}
	out[STATEMENT_PARAMETERS_MAX] = '\0';
}

/* Every statement gets as many parameters as it takes; NULL are those that
 * have a meaning as NULL: no place, no pattern, nothing known. */
static void
fills_in_the_parameters(void **state)
{
	static const struct {
		enum statement statement;
		const char *search, *after, *list_after;
	} wanted[] = {
		{ STATEMENT_find_after, NULL, "xxxxxxxx.", "xxxxxxx-." },
		{ STATEMENT_search_user, "x-.......", "x-.......", NULL },
		{ STATEMENT_search_count, "xx---x...", "xx---x...", NULL },
		{ STATEMENT_search_contacts, "xxxx-----", NULL, NULL },
		{ STATEMENT_found_contacts, "x........", "x........",
			"x........" },
		{ STATEMENT_found_activities, "x........", "x........",
			"x........" },
		{ STATEMENT_page_summary, NULL, NULL, "x-......." },
	};
	struct arena *arena = arena_open();

	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		const struct page_params params = {
			.user_id = "u1",
			.page = 1,
			.limit = 20,
			.is_search = kind<2, .q = { "x", kind < 2 ? 1 : 0 },
				.has_cursor = kind> 0,
			.cursor = { { .has_last_contacted = true,
					    .id = { "c1", 2 } },
				true },
		};
		const struct total none = { .contacts = 0 };
		struct page_plan plan;

		page_plan_make(&plan, &params, &none, arena);
		for (int j = 0; j < plan.count; j++) {
			char got[STATEMENT_PARAMETERS_MAX + 1];
			const char *want = NULL;

			for (size_t k = 0; k < COUNT(wanted); k++)
				if (wanted[k].statement ==
					plan.queries[j].statement)
					want = kind == 0 ? wanted[k].search
						: kind == 1
						? wanted[k].after
						: wanted[k].list_after;
			print_parameters(&plan.queries[j], got);
			assert_non_null(want);
			assert_string_equal(got, want);
		}
	}
	arena_close(&arena);
}

/* What is known goes to the statement that counts, unless only counting again
 * finds the ids that a page far away needs. */
static void
passes_on_what_is_known(void **state)
{
	static const struct {
		const char *name;
		struct total known;
		int64_t page;
		enum {
			NO_CURSOR,
			SPARSE,
			DENSE
		} cursor;
		const char *want[4]; /* $3 to $6 of search_count */
	} knowns[] = {
		{ "nothing", { .contacts = 0 }, 1, NO_CURSOR,
			{ NULL, NULL, NULL, "2000" } },
		{ "few, with their ids",
			{ { "s1", 2 }, 3, 0, { "{a,b,c}", 7 } }, 50, NO_CURSOR,
			{ "s1", "3", "{a,b,c}", "25000" } },
		{ "none", { { "s1", 2 }, 0, 0, { "{}", 2 } }, 1, NO_CURSOR,
			{ "s1", "0", "{}", "2000" } },
		{ "many, near", { { "s1", 2 }, 1000, 0, { NULL, 0 } }, 2,
			NO_CURSOR, { "s1", "1000", NULL, "2000" } },
		{ "not so many", { { "s1", 2 }, 999, 0, { NULL, 0 } }, 2,
			NO_CURSOR, { NULL, NULL, NULL, "2000" } },
		{ "many, far", { { "s1", 2 }, 2000, 0, { NULL, 0 } }, 5,
			NO_CURSOR, { NULL, NULL, NULL, "2500" } },
		{ "very many, far", { { "s1", 2 }, 2500, 0, { NULL, 0 } }, 5,
			NO_CURSOR, { "s1", "2500", NULL, "2500" } },
		{ "ids behind a cursor that does without",
			{ { "s1", 2 }, 3, 0, { "{a,b,c}", 7 } }, 1, DENSE,
			{ "s1", "3", NULL, "0" } },
		{ "many, behind a cursor of very many",
			{ { "s1", 2 }, 6000, 0, { NULL, 0 } }, 1, DENSE,
			{ "s1", "6000", NULL, "0" } },
		{ "few, behind a cursor of few",
			{ { "s1", 2 }, 3, 0, { "{a,b,c}", 7 } }, 1, SPARSE,
			{ "s1", "3", "{a,b,c}", "10000" } },
		{ "many, behind a cursor of few",
			{ { "s1", 2 }, 1000, 0, { NULL, 0 } }, 1, SPARSE,
			{ NULL, NULL, NULL, "10000" } },
	};
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(knowns); i++) {
		const struct page_params params = {
			.user_id = "u1",
			.is_search = true,
			.page = knowns[i].page,
			.limit = 20,
			.q = { "x", 1 },
			.has_cursor = knowns[i].cursor != NO_CURSOR,
			.cursor = { { .id = { "c1", 2 } },
				knowns[i].cursor == DENSE },
		};
		struct page_plan plan;

		page_plan_make(&plan, &params, &knowns[i].known, arena);
		for (int j = 0; j < 4; j++) {
			const char *got = plan.queries[plan.total]
						  .parameters[2 + j];
			const char *want = knowns[i].want[j];

			if ((got == NULL) != (want == NULL) ||
				(got != NULL && strcmp(got, want) != 0))
				fail_msg("%s: $%d is %s", knowns[i].name, 3 + j,
					got == NULL ? "NULL" : got);
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
goes_on_where_the_cursor_is(void **state)
{
	static const char *const want[] = { "u1", "f", "-7", NULL,
		"2000-01-01 00:00:00.000000", "c1", "20", "%x%" };
	struct arena *arena = arena_open();
	const struct page_params params = { .user_id = "u1",
		.is_search = true,
		.page = 1,
		.limit = 20,
		.q = { "x", 1 },
		.has_cursor = true,
		.cursor = {
			{ .warmness_score = -7, .id = { "c1", 2 } }, true } };
	const struct total none = { .contacts = 0 };
	struct page_plan plan;

	(void)state;
	page_plan_make(&plan, &params, &none, arena);
	for (size_t i = 0; i < COUNT(want); i++) {
		const char *got = plan.queries[plan.found].parameters[i];

		if (want[i] == NULL)
			assert_null(got);
		else
			assert_string_equal(got, want[i]);
	}
	arena_close(&arena);
}

static void
a_cursor_does_without_ids_when_matches_are_many(void **state)
{
	const struct page_params list = { .page = 1 };
	const struct page_params search = { .page = 1, .q = { "x", 1 } };
	const struct total many = { .contacts = 1000 };
	const struct total few = { .contacts = 999 };

	(void)state;
	assert_true(page_plan_has_many_matches(&search, &many));
	assert_false(page_plan_has_many_matches(&search, &few));
	assert_false(page_plan_has_many_matches(&list, &many));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_cursor_does_without_ids_when_matches_are_many),
		cmocka_unit_test(chooses_statements),
		cmocka_unit_test(fills_in_the_parameters),
		cmocka_unit_test(passes_on_what_is_known),
		cmocka_unit_test(escapes_what_is_special_in_a_pattern),
		cmocka_unit_test(goes_on_where_the_cursor_is),
	};

	return cmocka_run_group_tests_name("page_plan", tests, NULL, NULL);
}
