#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "my500/place.h"
#include "my500/timestamp.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define CREATED    "2024-01-15 09:00:00.123"
#define CREATED_US INT64_C(758624400123000)
#define EARLIER    "1999-12-31 23:59:59.5"
#define EARLIER_US INT64_C(-500000)

/* A contact's cells, of which only these five count: NULL is NULL. */
struct contact {
	const char *added, *score, *contacted, *created, *id;
};

static bool
reads(struct place *place, const struct contact *contact)
{
	struct slice cells[CONTACT_COLUMNS];

	for (size_t i = 0; i < CONTACT_COLUMNS; i++)
		cells[i] = slice_of("of another column");
	cells[CONTACT_addedToCampaign] = slice_of(contact->added);
	cells[CONTACT_warmnessScore] = slice_of(contact->score);
	cells[CONTACT_lastContacted] = slice_of(contact->contacted);
	cells[CONTACT_createdAt] = slice_of(contact->created);
	cells[CONTACT_id] = slice_of(contact->id);
	memset(place, 0x55, sizeof(*place));
	return place_read(place, cells);
}

/* What is read, and with which parameters it goes back. */
static const struct {
	const char *name;
	struct contact contact;
	struct place place; /* without its id */
	const char *parameters[PLACE_PARAMETERS - 1];
} good[] = {
	{ "usual", { "t", "42", EARLIER, CREATED, "c1" },
		{ true, 42, true, EARLIER_US, CREATED_US, { NULL, 0 } },
		{ "t", "42", "1999-12-31 23:59:59.500000",
			"2024-01-15 09:00:00.123000" } },
	{ "in no campaign", { "f", "42", EARLIER, CREATED, "c1" },
		{ false, 42, true, EARLIER_US, CREATED_US, { NULL, 0 } },
		{ "f", "42", "1999-12-31 23:59:59.500000",
			"2024-01-15 09:00:00.123000" } },
	{ "never contacted", { "t", "0", NULL, CREATED, "c1" },
		{ true, 0, false, 0, CREATED_US, { NULL, 0 } },
		{ "t", "0", NULL, "2024-01-15 09:00:00.123000" } },
	{ "contacted in infinity", { "t", "0", "infinity", "-infinity", "c1" },
		{ true, 0, true, TIMESTAMP_INFINITY, TIMESTAMP_MINUS_INFINITY,
			{ NULL, 0 } },
		{ "t", "0", "infinity", "-infinity" } },
	{ "before Christ",
		{ "t", "0", "0044-03-15 12:00:00.5 BC", CREATED, "c1" },
		{ true, 0, true, INT64_C(-64464465599500000), CREATED_US,
			{ NULL, 0 } },
		{ "t", "0", "0044-03-15 12:00:00.500000 BC",
			"2024-01-15 09:00:00.123000" } },
	{ "negative score", { "f", "-1", NULL, CREATED, "c1" },
		{ false, -1, false, 0, CREATED_US, { NULL, 0 } },
		{ "f", "-1", NULL, "2024-01-15 09:00:00.123000" } },
	{ "largest score", { "f", "2147483647", NULL, CREATED, "c1" },
		{ false, INT32_MAX, false, 0, CREATED_US, { NULL, 0 } },
		{ "f", "2147483647", NULL, "2024-01-15 09:00:00.123000" } },
	{ "smallest score", { "f", "-2147483648", NULL, CREATED, "c1" },
		{ false, INT32_MIN, false, 0, CREATED_US, { NULL, 0 } },
		{ "f", "-2147483648", NULL, "2024-01-15 09:00:00.123000" } },
	{ "id of any characters",
		{ "f", "1", NULL, CREATED, "'\"\\%_ \n\xe2\x82\xac" },
		{ false, 1, false, 0, CREATED_US, { NULL, 0 } },
		{ "f", "1", NULL, "2024-01-15 09:00:00.123000" } },
};

static void
reads_and_prints(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		const struct place *want = &good[i].place;
		const char *got[PLACE_PARAMETERS] = { "", "", "", "", "" };
		struct place place;

		if (!reads(&place, &good[i].contact))
			fail_msg("%s: refused", good[i].name);
		if (place.added_to_campaign != want->added_to_campaign ||
			place.warmness_score != want->warmness_score ||
			place.has_last_contacted != want->has_last_contacted ||
			place.last_contacted_us != want->last_contacted_us ||
			place.created_us != want->created_us ||
			!slice_equals_text(place.id, good[i].contact.id))
			fail_msg("%s: read otherwise", good[i].name);
		place_print(&place, arena, got);
		for (size_t p = 0; p < PLACE_PARAMETERS; p++) {
			const char *parameter = p == PLACE_PARAMETERS - 1
				? good[i].contact.id
				: good[i].parameters[p];

			if ((got[p] == NULL) != (parameter == NULL) ||
				(parameter != NULL &&
					strcmp(got[p], parameter) != 0))
				fail_msg("%s: parameter %zu: %s", good[i].name,
					p, got[p]);
		}
	}
	arena_close(&arena);
}

static const struct {
	const char *name;
	struct contact contact;
} refused[] = {
	{ "no score", { "t", NULL, EARLIER, CREATED, "c1" } },
	{ "empty score", { "t", "", EARLIER, CREATED, "c1" } },
	{ "minus alone", { "t", "-", EARLIER, CREATED, "c1" } },
	{ "two minus", { "t", "--1", EARLIER, CREATED, "c1" } },
	{ "plus", { "t", "+1", EARLIER, CREATED, "c1" } },
	{ "score too large", { "t", "2147483648", EARLIER, CREATED, "c1" } },
	{ "score too small", { "t", "-2147483649", EARLIER, CREATED, "c1" } },
	{ "score of 2^64 + 1",
		{ "t", "18446744073709551617", EARLIER, CREATED, "c1" } },
	{ "score of another type", { "t", "1.5", EARLIER, CREATED, "c1" } },
	{ "score in words", { "t", "warm", EARLIER, CREATED, "c1" } },
	{ "not created", { "t", "1", EARLIER, NULL, "c1" } },
	{ "created on a day", { "t", "1", EARLIER, "2024-01-15", "c1" } },
	{ "created in another style",
		{ "t", "1", EARLIER, "01/15/2024 09:00:00", "c1" } },
	{ "created in another zone",
		{ "t", "1", EARLIER, "2024-01-15 09:00:00+01", "c1" } },
	{ "not created, nor contacted", { "t", "1", NULL, NULL, "c1" } },
	{ "contacted, but empty", { "t", "1", "", CREATED, "c1" } },
	{ "contacted on a day", { "t", "1", "2024-01-15", CREATED, "c1" } },
	{ "contacted in another zone",
		{ "t", "1", "2024-01-15 09:00:00-05", CREATED, "c1" } },
};

static void
refuses_what_is_not_of_the_schema(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct place place;

		if (reads(&place, &refused[i].contact))
			fail_msg("%s", refused[i].name);
	}
}

/* The id of a slice, which no NUL follows. */
static void
the_last_parameter_is_a_copy(void **state)
{
	struct arena *arena = arena_open();
	const char *parameters[PLACE_PARAMETERS];
	char text[] = "c1234";
	const struct place place = { .id = { text, 3 } };

	(void)state;
	place_print(&place, arena, parameters);
	text[0] = 'x';
	assert_string_equal(parameters[4], "c12");
	arena_close(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_prints),
		cmocka_unit_test(refuses_what_is_not_of_the_schema),
		cmocka_unit_test(the_last_parameter_is_a_copy),
	};

	return cmocka_run_group_tests_name("place", tests, NULL, NULL);
}
