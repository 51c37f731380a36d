#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "my500/etag.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Of "abc", from coreutils' sha256sum. */
#define DIGEST "ba7816bf8f01cfea414140de5dae2223"
#define OURS   "\"" DIGEST "\""
#define WEAK   "W/" OURS

static void
makes(void **state)
{
	char a[ETAG_BYTES], again[ETAG_BYTES], b[ETAG_BYTES];

	(void)state;
	etag_make(slice_of("abc"), a);
	assert_string_equal(a, WEAK);
	etag_make((struct slice){ "abcd", 3 }, again);
	assert_string_equal(a, again);
	etag_make(slice_of("abd"), b);
	assert_string_not_equal(a, b);
	etag_make(slice_of(""), b);
	assert_int_equal(strlen(b), ETAG_BYTES - 1);
}

/* RFC 9110, sections 8.8.3.2 and 13.1.2. */
static void
is_in(void **state)
{
	static const struct {
		const char *name;
		const char *if_none_match;
		bool want;
	} cases[] = {
		{ "no header", NULL, false },
		{ "empty", "", false },
		{ "the same", WEAK, true },
		{ "strong", OURS, true },
		{ "any", "*", true },
		{ "any, with blanks", " *\t", true },
		{ "another", "W/\"ba7816bf8f01cfea414140de5dae2224\"", false },
		{ "beginning of it", "W/\"ba7816bf\"", false },
		{ "longer", "W/\"" DIGEST "0\"", false },
		{ "no quotes", DIGEST, false },
		{ "no quotes, weak", "W/" DIGEST, false },
		{ "one quote", "\"" DIGEST, false },
		{ "single quotes", "'" DIGEST "'", false },
		{ "quotes twice", "\"" OURS "\"", false },
		{ "upper case", "\"BA7816BF8F01CFEA414140DE5DAE2223\"", false },
		{ "w/", "w/" OURS, false },
		{ "W/ twice", "W/W/" OURS, false },
		{ "W/ alone", "W/", false },
		{ "a blank behind W/", "W/ " OURS, false },
		{ "empty tag", "\"\"", false },
		{ "first of a list", WEAK ", \"x\"", true },
		{ "last of a list", "\"x\", W/\"y\"," WEAK, true },
		{ "middle of a list", "\"x\"," OURS ",\"y\"", true },
		{ "list without it", "\"x\", W/\"y\", \"z\"", false },
		{ "blanks around", " \t" WEAK " ", true },
		{ "empty elements", ",, " WEAK ",", true },
		{ "nothing but commas", ",,,", false },
		{ "a star in a tag", "\"*\"", false },
		{ "a star between commas in a tag", "\"a,*,b\"", false },
		{ "a star in a list", "\"a\", *", false },
		{ "behind a tag with a comma", "\"a,b\", " WEAK, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (etag_is_in(slice_of(cases[i].if_none_match),
			    slice_of(WEAK)) != cases[i].want)
			fail_msg("%s", cases[i].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes),
		cmocka_unit_test(is_in),
	};

	return cmocka_run_group_tests_name("etag", tests, NULL, NULL);
}
