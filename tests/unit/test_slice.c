#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "my500/slice.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define UNTOUCHED    INT64_C(-7)

#define TEXT_OF(literal)                     \
	{                                    \
		literal, sizeof(literal) - 1 \
	}
#define ABSENT          \
	{               \
		NULL, 0 \
	}

static void
equals(void **state)
{
	static const struct {
		const char *name;
		struct slice a, b;
		bool want;
	} cases[] = {
		{ "same", TEXT_OF("abc"), TEXT_OF("abc"), true },
		{ "case", TEXT_OF("abc"), TEXT_OF("abC"), false },
		{ "prefix", TEXT_OF("abc"), TEXT_OF("ab"), false },
		{ "longer", TEXT_OF("ab"), TEXT_OF("abc"), false },
		{ "empty", TEXT_OF(""), TEXT_OF(""), true },
		{ "empty and text", TEXT_OF(""), TEXT_OF("a"), false },
		{ "absent and text", ABSENT, TEXT_OF("a"), false },
		{ "absent twice", ABSENT, ABSENT, true },
		{ "behind a NUL", TEXT_OF("a\0b"), TEXT_OF("a\0c"), false },
		{ "NUL and end", TEXT_OF("a\0"), TEXT_OF("a"), false },
		{ "bytes beyond ASCII", TEXT_OF("\xff"), TEXT_OF("\xff"),
			true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (slice_equals(cases[i].a, cases[i].b) != cases[i].want ||
			slice_equals(cases[i].b, cases[i].a) != cases[i].want)
			fail_msg("%s", cases[i].name);
}

static void
equals_text(void **state)
{
	static const struct {
		const char *name;
		struct slice s;
		const char *text;
		bool want, want_nocase;
	} cases[] = {
		{ "same", TEXT_OF("Bearer"), "Bearer", true, true },
		{ "case", TEXT_OF("bEARER"), "Bearer", false, true },
		{ "shorter", TEXT_OF("Beare"), "Bearer", false, false },
		{ "longer", TEXT_OF("Bearer "), "Bearer", false, false },
		{ "NUL inside", TEXT_OF("Bear\0r"), "Bearer", false, false },
		{ "empty", TEXT_OF(""), "", true, true },
		{ "absent", ABSENT, "Bearer", false, false },
		{ "@ is no lower case `", TEXT_OF("@"), "`", false, false },
		{ "[ is no lower case {", TEXT_OF("["), "{", false, false },
		{ "only ASCII has case", TEXT_OF("\xc3\x84"), "\xc3\xa4", false,
			false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (slice_equals_text(cases[i].s, cases[i].text) !=
			cases[i].want)
			fail_msg("%s", cases[i].name);
		if (slice_equals_nocase(cases[i].s, cases[i].text) !=
			cases[i].want_nocase)
			fail_msg("%s, without case", cases[i].name);
	}
}

static void
of_text(void **state)
{
	const char *text = "abc";
	struct slice s = slice_of(text);

	(void)state;
	assert_ptr_equal(s.ptr, text);
	assert_int_equal(s.len, 3);
	s = slice_of("");
	assert_non_null(s.ptr);
	assert_int_equal(s.len, 0);
	s = slice_of(NULL);
	assert_null(s.ptr);
	assert_int_equal(s.len, 0);
}

static void
trim(void **state)
{
	static const struct {
		const char *name;
		struct slice s;
		const char *want;
	} cases[] = {
		{ "nothing to do", TEXT_OF("a b"), "a b" },
		{ "both ends", TEXT_OF(" \t\r\na b\n\r\t "), "a b" },
		{ "front", TEXT_OF("  a"), "a" },
		{ "back", TEXT_OF("a  "), "a" },
		{ "nothing but blanks", TEXT_OF(" \t "), "" },
		{ "empty", TEXT_OF(""), "" },
		{ "absent", ABSENT, "" },
		{ "no-break space stays", TEXT_OF("\xc2\xa0"), "\xc2\xa0" },
		{ "vertical tab stays", TEXT_OF("\va\f"), "\va\f" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (!slice_equals_text(slice_trim(cases[i].s), cases[i].want))
			fail_msg("%s", cases[i].name);
}

static void
split(void **state)
{
	static const struct {
		const char *name;
		struct slice s;
		const char *want; /* each part with a bar behind it */
	} cases[] = {
		{ "one", TEXT_OF("a"), "a|" },
		{ "two", TEXT_OF("a,b"), "a|b|" },
		{ "an empty one between", TEXT_OF("a,,b"), "a||b|" },
		{ "an empty one in front", TEXT_OF(",a"), "|a|" },
		{ "an empty one at the end", TEXT_OF("a,"), "a||" },
		{ "nothing but the delimiter", TEXT_OF(","), "||" },
		{ "empty", TEXT_OF(""), "|" },
		{ "absent", ABSENT, "" },
		{ "another delimiter", TEXT_OF("a;b"), "a;b|" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice rest = cases[i].s, part;
		char got[32] = "";
		int len = 0;

		while (slice_split(&rest, ',', &part))
			len += snprintf(got + len, sizeof(got) - (size_t)len,
				"%.*s|", (int)part.len, part.ptr);
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].name, got);
		assert_null(rest.ptr);
	}
}

static void
split_keeps_within_the_slice(void **state)
{
	struct slice rest = { "ab,c", 2 }, part;

	(void)state;
	assert_true(slice_split(&rest, ',', &part));
	assert_true(slice_equals_text(part, "ab"));
	assert_false(slice_split(&rest, ',', &part));
}

static void
cut_end(void **state)
{
	static const struct {
		const char *name;
		struct slice s;
		const char *end;
		bool want;
		const char *left;
	} cases[] = {
		{ "at the end", TEXT_OF("year BC"), " BC", true, "year" },
		{ "all of it", TEXT_OF(" BC"), " BC", true, "" },
		{ "twice", TEXT_OF("a BC BC"), " BC", true, "a BC" },
		{ "nothing of text", TEXT_OF("abc"), "", true, "abc" },
		{ "nothing of nothing", TEXT_OF(""), "", true, "" },
		{ "in front", TEXT_OF(" BC year"), " BC", false, " BC year" },
		{ "inside", TEXT_OF("a BC "), " BC", false, "a BC " },
		{ "another case", TEXT_OF("a bc"), " BC", false, "a bc" },
		{ "the rest of it", TEXT_OF("BC"), " BC", false, "BC" },
		{ "its front", TEXT_OF("a B"), " BC", false, "a B" },
		{ "another first byte", TEXT_OF("a-BC"), " BC", false, "a-BC" },
		{ "beyond the slice", { "a BC", 3 }, " BC", false, "a B" },
		{ "before the end of the slice", { "a BC", 2 }, " ", true,
			"a" },
		{ "beyond ASCII", TEXT_OF("\xc3\xa9"), "\xa9", true, "\xc3" },
		{ "empty", TEXT_OF(""), " BC", false, "" },
		{ "absent", ABSENT, " BC", false, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice s = cases[i].s;

		if (slice_cut_end(&s, cases[i].end) != cases[i].want ||
			!slice_equals_text(s, cases[i].left) ||
			s.ptr != cases[i].s.ptr)
			fail_msg("%s: %.*s", cases[i].name, (int)s.len, s.ptr);
	}
}

static void
parse_int(void **state)
{
	static const struct {
		const char *name;
		struct slice s;
		int64_t min, max;
		bool want;
		int64_t value;
	} cases[] = {
		{ "zero", TEXT_OF("0"), 0, 9, true, 0 },
		{ "lower edge", TEXT_OF("1"), 1, 100, true, 1 },
		{ "upper edge", TEXT_OF("100"), 1, 100, true, 100 },
		{ "below", TEXT_OF("0"), 1, 100, false, 0 },
		{ "above", TEXT_OF("101"), 1, 100, false, 0 },
		{ "largest", TEXT_OF("9223372036854775807"), 0, INT64_MAX, true,
			INT64_MAX },
		{ "one more than the largest", TEXT_OF("9223372036854775808"),
			0, INT64_MAX, false, 0 },
		{ "overflows in the last factor",
			TEXT_OF("92233720368547758070"), 0, INT64_MAX, false,
			0 },
		{ "2^64 + 1", TEXT_OF("18446744073709551617"), 0, INT64_MAX,
			false, 0 },
		{ "empty", TEXT_OF(""), 0, 9, false, 0 },
		{ "absent", ABSENT, 0, 9, false, 0 },
		{ "minus", TEXT_OF("-1"), -9, 9, false, 0 },
		{ "minus zero", TEXT_OF("-0"), -9, 9, false, 0 },
		{ "plus", TEXT_OF("+1"), 0, 9, false, 0 },
		{ "blank in front", TEXT_OF(" 1"), 0, 9, false, 0 },
		{ "blank behind", TEXT_OF("1 "), 0, 9, false, 0 },
		{ "newline behind", TEXT_OF("1\n"), 0, 9, false, 0 },
		{ "NUL behind", TEXT_OF("1\0"), 0, 9, false, 0 },
		{ "hex", TEXT_OF("0x1"), 0, 9, false, 0 },
		{ "exponent", TEXT_OF("1e0"), 0, 9, false, 0 },
		{ "fraction", TEXT_OF("1.0"), 0, 9, false, 0 },
		{ "slash, before 0", TEXT_OF("/"), 0, 99, false, 0 },
		{ "colon, behind 9", TEXT_OF(":"), 0, 99, false, 0 },
		{ "digits of another script", TEXT_OF("\xd9\xa3"), 0, 999,
			false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t want = cases[i].want ? cases[i].value : UNTOUCHED;
		int64_t value = UNTOUCHED;

		if (slice_parse_int(cases[i].s, cases[i].min, cases[i].max,
			    &value) != cases[i].want ||
			value != want)
			fail_msg("%s: %lld", cases[i].name, (long long)value);
	}
}

/* RFC 3629, section 4, by its edges. */
static void
is_utf8(void **state)
{
	static const struct {
		const char *name;
		struct slice s;
		bool want;
	} cases[] = {
		{ "empty", TEXT_OF(""), true },
		{ "absent", ABSENT, true },
		{ "ASCII", TEXT_OF("a\x7f"), true },
		{ "NUL", TEXT_OF("a\0b"), true },
		{ "U+0080", TEXT_OF("\xc2\x80"), true },
		{ "U+07FF", TEXT_OF("\xdf\xbf"), true },
		{ "U+0800", TEXT_OF("\xe0\xa0\x80"), true },
		{ "U+D7FF", TEXT_OF("\xed\x9f\xbf"), true },
		{ "U+E000", TEXT_OF("\xee\x80\x80"), true },
		{ "U+FFFF", TEXT_OF("\xef\xbf\xbf"), true },
		{ "U+10000", TEXT_OF("\xf0\x90\x80\x80"), true },
		{ "U+10FFFF", TEXT_OF("\xf4\x8f\xbf\xbf"), true },
		{ "mixed", TEXT_OF("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z"),
			true },
		{ "continuation alone", TEXT_OF("\x80"), false },
		{ "continuation behind text", TEXT_OF("a\xbf"), false },
		{ "overlong of two", TEXT_OF("\xc0\x80"), false },
		{ "overlong of two, the last", TEXT_OF("\xc1\xbf"), false },
		{ "overlong of three", TEXT_OF("\xe0\x9f\xbf"), false },
		{ "overlong of four", TEXT_OF("\xf0\x8f\xbf\xbf"), false },
		{ "first surrogate", TEXT_OF("\xed\xa0\x80"), false },
		{ "last surrogate", TEXT_OF("\xed\xbf\xbf"), false },
		{ "beyond U+10FFFF", TEXT_OF("\xf4\x90\x80\x80"), false },
		{ "F5", TEXT_OF("\xf5\x80\x80\x80"), false },
		{ "FE", TEXT_OF("\xfe"), false },
		{ "FF", TEXT_OF("\xff"), false },
		{ "cut after one of two", TEXT_OF("a\xc3"), false },
		{ "cut after two of three", TEXT_OF("\xe2\x82"), false },
		{ "cut after three of four", TEXT_OF("\xf0\x9f\x98"), false },
		{ "text instead of a second", TEXT_OF("\xc3z"), false },
		{ "text instead of a third", TEXT_OF("\xe2\x82z"), false },
		{ "text instead of a fourth", TEXT_OF("\xf0\x9f\x98z"), false },
		{ "a lead instead of a second", TEXT_OF("\xc3\xc3"), false },
		{ "Latin 1", TEXT_OF("J\xf6rg"), false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (slice_is_utf8(cases[i].s) != cases[i].want)
			fail_msg("%s", cases[i].name);
}

static void
consists_of(void **state)
{
	static const struct {
		const char *name;
		struct slice s;
		bool want;
	} cases[] = {
		{ "all", TEXT_OF("cab"), true },
		{ "one is not", TEXT_OF("abd"), false },
		{ "NUL is in no set", TEXT_OF("a\0b"), false },
		{ "empty", TEXT_OF(""), true },
		{ "absent", ABSENT, true },
		{ "beyond ASCII", TEXT_OF("\xe1"), false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (slice_consists_of(cases[i].s, "abc") != cases[i].want)
			fail_msg("%s", cases[i].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals),
		cmocka_unit_test(equals_text),
		cmocka_unit_test(of_text),
		cmocka_unit_test(trim),
		cmocka_unit_test(split),
		cmocka_unit_test(split_keeps_within_the_slice),
		cmocka_unit_test(cut_end),
		cmocka_unit_test(parse_int),
		cmocka_unit_test(is_utf8),
		cmocka_unit_test(consists_of),
	};

	return cmocka_run_group_tests_name("slice", tests, NULL, NULL);
}
