#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "my500/percent.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TEXT_OF(literal)                     \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static const struct {
	const char *name;
	struct slice text;
	const char *form;    /* + is a space; NULL: refused */
	const char *literal; /* + is a + */
} cases[] = {
	{ "plain", TEXT_OF("abc"), "abc", "abc" },
	{ "empty", TEXT_OF(""), "", "" },
	{ "absent", { NULL, 0 }, "", "" },
	{ "plus", TEXT_OF("a+b"), "a b", "a+b" },
	{ "encoded plus", TEXT_OF("a%2Bb"), "a+b", "a+b" },
	{ "encoded space", TEXT_OF("%20"), " ", " " },
	{ "encoded percent", TEXT_OF("%25"), "%", "%" },
	{ "decoded but once", TEXT_OF("%2541"), "%41", "%41" },
	{ "lower case", TEXT_OF("%2f%3d"), "/=", "/=" },
	{ "mixed case", TEXT_OF("%c3%A9"), "\xc3\xa9", "\xc3\xa9" },
	{ "one escape behind another", TEXT_OF("%41%42%43"), "ABC", "ABC" },
	{ "edges of the digits", TEXT_OF("%09%7F%4a%4F"), "\t\x7fJO",
		"\t\x7fJO" },
	{ "four bytes", TEXT_OF("%F0%9F%98%80"), "\xf0\x9f\x98\x80",
		"\xf0\x9f\x98\x80" },
	{ "UTF-8 as it is", TEXT_OF("\xc3\xa9"), "\xc3\xa9", "\xc3\xa9" },
	{ "half a character each way", TEXT_OF("\xc3%A9"), "\xc3\xa9",
		"\xc3\xa9" },
	{ "percent at the end", TEXT_OF("a%"), NULL, NULL },
	{ "one digit at the end", TEXT_OF("a%4"), NULL, NULL },
	{ "no digit", TEXT_OF("%zz"), NULL, NULL },
	{ "second is no digit", TEXT_OF("%4g"), NULL, NULL },
	{ "first is no digit", TEXT_OF("%g4"), NULL, NULL },
	{ "sign", TEXT_OF("%+1"), NULL, NULL },
	{ "blank", TEXT_OF("% 1"), NULL, NULL },
	{ "0x", TEXT_OF("%0x41"), NULL, NULL },
	{ "percent twice", TEXT_OF("%%41"), NULL, NULL },
	{ "%u form", TEXT_OF("%u0041"), NULL, NULL },
	{ "encoded NUL", TEXT_OF("a%00b"), NULL, NULL },
	{ "NUL", TEXT_OF("a\0b"), NULL, NULL },
	{ "continuation alone", TEXT_OF("%80"), NULL, NULL },
	{ "overlong", TEXT_OF("%C0%AF"), NULL, NULL },
	{ "surrogate", TEXT_OF("%ED%A0%80"), NULL, NULL },
	{ "Latin 1", TEXT_OF("J%F6rg"), NULL, NULL },
	{ "cut character", TEXT_OF("%E2%82"), NULL, NULL },
	{ "FF", TEXT_OF("%FF"), NULL, NULL },
};

static void
check(size_t i, enum percent_plus plus, const char *want, struct arena *arena)
{
	struct slice decoded = { NULL, 0 };
	enum status st;

	st = percent_decode(cases[i].text, plus, arena, &decoded);
	if (want == NULL && st != STATUS_INVALID)
		fail_msg("%s: taken", cases[i].name);
	if (want == NULL)
		return;
	if (st != STATUS_OK || !slice_equals_text(decoded, want))
		fail_msg("%s: %.*s", cases[i].name, (int)decoded.len,
			decoded.ptr);
	assert_int_equal(decoded.ptr[decoded.len], '\0');
}

static void
decodes(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		check(i, PERCENT_PLUS_IS_SPACE, cases[i].form, arena);
		check(i, PERCENT_PLUS_LITERAL, cases[i].literal, arena);
	}
	arena_close(&arena);
}

/* The digits of an escape that the slice cuts are not read. */
static void
keeps_within_the_slice(void **state)
{
	struct arena *arena = arena_open();
	struct slice decoded;

	(void)state;
	assert_int_equal(percent_decode((struct slice){ "a%41", 3 },
				 PERCENT_PLUS_LITERAL, arena, &decoded),
		STATUS_INVALID);
	assert_int_equal(percent_decode((struct slice){ "a%41", 1 },
				 PERCENT_PLUS_LITERAL, arena, &decoded),
		STATUS_OK);
	assert_true(slice_equals_text(decoded, "a"));
	arena_close(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes),
		cmocka_unit_test(keeps_within_the_slice),
	};

	return cmocka_run_group_tests_name("percent", tests, NULL, NULL);
}
