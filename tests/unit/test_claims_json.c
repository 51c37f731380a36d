#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "my500/claims_json.h"

#define UNTOUCHED INT64_C(-7)

#define TEXT_OF(literal)                     \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static struct claims *
open_text(const char *json)
{
	struct claims *claims;

	assert_int_equal(claims_open(&claims, slice_of(json)), STATUS_OK);
	assert_non_null(claims);
	return claims;
}

static void
opens_one_object_and_nothing_else(void **state)
{
	static const struct {
		const char *name;
		struct slice json;
		enum status want;
	} cases[] = {
		{ "empty object", TEXT_OF("{}"), STATUS_OK },
		{ "blanks inside", TEXT_OF("{ \"a\" : 1 }"), STATUS_OK },
		{ "UTF-8", TEXT_OF("{\"a\":\"\xc3\xa9\"}"), STATUS_OK },
		{ "absent", { NULL, 0 }, STATUS_INVALID },
		{ "empty", TEXT_OF(""), STATUS_INVALID },
		{ "null", TEXT_OF("null"), STATUS_INVALID },
		{ "number", TEXT_OF("1"), STATUS_INVALID },
		{ "text", TEXT_OF("\"a\""), STATUS_INVALID },
		{ "array", TEXT_OF("[{}]"), STATUS_INVALID },
		{ "unfinished", TEXT_OF("{\"a\":1"), STATUS_INVALID },
		{ "trailing text", TEXT_OF("{}x"), STATUS_INVALID },
		{ "second value", TEXT_OF("{}{}"), STATUS_INVALID },
		{ "trailing NUL", TEXT_OF("{}\0"), STATUS_INVALID },
		{ "NUL inside", TEXT_OF("{\"a\":\0 1}"), STATUS_INVALID },
		{ "escaped NUL in a name", TEXT_OF("{\"a\\u0000b\":1}"),
			STATUS_INVALID },
		{ "broken UTF-8", TEXT_OF("{\"a\":\"\xc3\"}"), STATUS_INVALID },
	};
	struct claims *claims;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (claims_open(&claims, cases[i].json) != cases[i].want)
			fail_msg("%s", cases[i].name);
		if ((claims != NULL) != (cases[i].want == STATUS_OK))
			fail_msg("%s: claims", cases[i].name);
		claims_close(&claims);
		assert_null(claims);
	}
}

static void
refuses_a_deep_nest(void **state)
{
	char json[10100];
	size_t depth = 5000;
	struct claims *claims;

	(void)state;
	memcpy(json, "{\"a\":", 5);
	memset(json + 5, '[', depth);
	memset(json + 5 + depth, ']', depth);
	json[5 + 2 * depth] = '}';
	assert_int_equal(
		claims_open(&claims, (struct slice){ json, 6 + 2 * depth }),
		STATUS_INVALID);
	assert_null(claims);
}

static void
reads_text_only_from_strings(void **state)
{
	static const struct {
		const char *name;
		const char *json;
		struct slice want;
	} cases[] = {
		{ "string", "{\"a\":\"x\"}", TEXT_OF("x") },
		{ "empty string", "{\"a\":\"\"}", TEXT_OF("") },
		{ "escapes", "{\"a\":\"\\u00e9\\n\"}", TEXT_OF("\xc3\xa9\n") },
		{ "twice: the last", "{\"a\":\"x\",\"a\":\"y\"}",
			TEXT_OF("y") },
		{ "missing", "{\"b\":\"x\"}", { NULL, 0 } },
		{ "another case", "{\"A\":\"x\"}", { NULL, 0 } },
		{ "null", "{\"a\":null}", { NULL, 0 } },
		{ "number", "{\"a\":1}", { NULL, 0 } },
		{ "true", "{\"a\":true}", { NULL, 0 } },
		{ "array", "{\"a\":[\"x\"]}", { NULL, 0 } },
		{ "object", "{\"a\":{\"a\":\"x\"}}", { NULL, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct claims *claims = open_text(cases[i].json);
		struct slice text = claims_text(claims, "a");

		if (!slice_equals(text, cases[i].want) ||
			(text.ptr == NULL) != (cases[i].want.ptr == NULL))
			fail_msg("%s", cases[i].name);
		claims_close(&claims);
	}
}

static void
knows_what_is_there(void **state)
{
	struct claims *claims = open_text("{\"a\":null,\"b\":0}");

	(void)state;
	assert_true(claims_has(claims, "a"));
	assert_true(claims_has(claims, "b"));
	assert_false(claims_has(claims, "c"));
	claims_close(&claims);
}

static void
reads_numbers_within_their_range(void **state)
{
	static const struct {
		const char *name;
		const char *json;
		enum claim_state want;
		int64_t number;
	} cases[] = {
		{ "missing", "{}", CLAIM_ABSENT, UNTOUCHED },
		{ "integer", "{\"n\":1700000000}", CLAIM_OK, 1700000000 },
		{ "zero", "{\"n\":0}", CLAIM_OK, 0 },
		{ "negative", "{\"n\":-5}", CLAIM_OK, -5 },
		{ "whole real", "{\"n\":5.0}", CLAIM_OK, 5 },
		{ "fraction", "{\"n\":5.25}", CLAIM_OK, 6 },
		{ "negative fraction", "{\"n\":-5.25}", CLAIM_OK, -5 },
		{ "exponent", "{\"n\":1.7e9}", CLAIM_OK, 1700000000 },
		{ "largest", "{\"n\":9007199254740992}", CLAIM_OK,
			CLAIMS_NUMBER_MAX },
		{ "smallest", "{\"n\":-9007199254740992}", CLAIM_OK,
			-CLAIMS_NUMBER_MAX },
		{ "too large", "{\"n\":9007199254740993}", CLAIM_WRONG_TYPE,
			UNTOUCHED },
		{ "too small", "{\"n\":-9007199254740993}", CLAIM_WRONG_TYPE,
			UNTOUCHED },
		{ "64 bits", "{\"n\":18446744073709551615}", CLAIM_WRONG_TYPE,
			UNTOUCHED },
		{ "30 digits", "{\"n\":100000000000000000000000000000}",
			CLAIM_WRONG_TYPE, UNTOUCHED },
		{ "1e300", "{\"n\":1e300}", CLAIM_WRONG_TYPE, UNTOUCHED },
		{ "-1e300", "{\"n\":-1e300}", CLAIM_WRONG_TYPE, UNTOUCHED },
		{ "1e400", "{\"n\":1e400}", CLAIM_WRONG_TYPE, UNTOUCHED },
		{ "string", "{\"n\":\"5\"}", CLAIM_WRONG_TYPE, UNTOUCHED },
		{ "null", "{\"n\":null}", CLAIM_WRONG_TYPE, UNTOUCHED },
		{ "true", "{\"n\":true}", CLAIM_WRONG_TYPE, UNTOUCHED },
		{ "array", "{\"n\":[5]}", CLAIM_WRONG_TYPE, UNTOUCHED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct claims *claims = open_text(cases[i].json);
		int64_t number = UNTOUCHED;
		enum claim_state got = claims_number(claims, "n", &number);

		if (got != cases[i].want || number != cases[i].number)
			fail_msg("%s: %d, %lld", cases[i].name, (int)got,
				(long long)number);
		claims_close(&claims);
	}
}

static void
finds_a_text_in_a_list(void **state)
{
	static const struct {
		const char *name;
		const char *json;
		bool want;
	} cases[] = {
		{ "string", "{\"aud\":\"us\"}", true },
		{ "only one", "{\"aud\":[\"us\"]}", true },
		{ "among others", "{\"aud\":[\"a\",\"us\",\"b\"]}", true },
		{ "missing", "{}", false },
		{ "null", "{\"aud\":null}", false },
		{ "another string", "{\"aud\":\"usa\"}", false },
		{ "a part of it", "{\"aud\":\"u\"}", false },
		{ "empty list", "{\"aud\":[]}", false },
		{ "others", "{\"aud\":[\"a\",\"b\"]}", false },
		{ "number", "{\"aud\":5}", false },
		{ "number after it", "{\"aud\":[\"us\",5]}", false },
		{ "null before it", "{\"aud\":[null,\"us\"]}", false },
		{ "list in the list", "{\"aud\":[[\"us\"]]}", false },
		{ "object", "{\"aud\":{\"us\":\"us\"}}", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct claims *claims = open_text(cases[i].json);

		if (claims_list_contains(claims, "aud", slice_of("us")) !=
			cases[i].want)
			fail_msg("%s", cases[i].name);
		claims_close(&claims);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_one_object_and_nothing_else),
		cmocka_unit_test(refuses_a_deep_nest),
		cmocka_unit_test(reads_text_only_from_strings),
		cmocka_unit_test(knows_what_is_there),
		cmocka_unit_test(reads_numbers_within_their_range),
		cmocka_unit_test(finds_a_text_in_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
