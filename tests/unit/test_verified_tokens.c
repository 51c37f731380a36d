#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "my500/verified_tokens.h"

static const char longest_id[USER_ID_MAX + 1] =
	"1234567890123456789012345678901234567890123456789012345678901234";

static void
finds_what_was_added_while_it_is_good(void **state)
{
	static const struct {
		const char *token;
		int64_t now_s;
		bool is_found;
	} cases[] = {
		{ "a.b.c", 100, true },
		{ "a.b.c", 199, true },
		{ "a.b.c", 99, false },
		{ "a.b.c", 200, false },
		{ "a.b.c", INT64_MAX, false },
		{ "a.b.d", 150, false },
		{ "a.b.c ", 150, false },
		{ "a.b.", 150, false },
		{ "", 150, false },
	};
	struct verified_tokens *tokens = verified_tokens_open();
	(void)state;
	verified_tokens_add(tokens, slice_of("a.b.c"), 100, 200, longest_id);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char user_id[USER_ID_MAX + 1] = "nobody";

		assert_int_equal(
			verified_tokens_find(tokens, slice_of(cases[i].token),
				cases[i].now_s, user_id),
			cases[i].is_found);
		assert_string_equal(
			user_id, cases[i].is_found ? longest_id : "nobody");
	}
	verified_tokens_close(&tokens);
	assert_null(tokens);
}

static void
is_empty_at_first(void **state)
{
	struct verified_tokens *tokens = verified_tokens_open();
	char user_id[USER_ID_MAX + 1];

	(void)state;
	assert_false(
		verified_tokens_find(tokens, slice_of("a.b.c"), 0, user_id));
	verified_tokens_close(&tokens);
}

/* Many more than there is room for: each names its own user or none. */
static void
never_mixes_users_up(void **state)
{
	struct verified_tokens *tokens = verified_tokens_open();
	char text[32], user_id[USER_ID_MAX + 1];
	int found = 0;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "user%d", i);
		verified_tokens_add(tokens, slice_of(text), 0, 9, text);
	}
	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "user%d", i);
		if (!verified_tokens_find(tokens, slice_of(text), 1, user_id))
			continue;
		assert_string_equal(user_id, text);
		found++;
	}
	assert_in_range(found, 900, 1024);
	verified_tokens_close(&tokens);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_added_while_it_is_good),
		cmocka_unit_test(is_empty_at_first),
		cmocka_unit_test(never_mixes_users_up),
	};

	return cmocka_run_group_tests_name(
		"verified_tokens", tests, NULL, NULL);
}
