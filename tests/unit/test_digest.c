#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "my500/digest.h"

/* From coreutils' sha256sum, the first 32 digits. */
static const struct {
	const char *name;
	struct slice data;
	const char *want;
} cases[] = {
	{ "empty", { "", 0 }, "e3b0c44298fc1c149afbf4c8996fb924" },
	{ "absent", { NULL, 0 }, "e3b0c44298fc1c149afbf4c8996fb924" },
	{ "text", { "abc", 3 }, "ba7816bf8f01cfea414140de5dae2223" },
	{ "with a NUL", { "a\0b", 3 }, "59b271ae1bbcb1d31d41929817f4b16f" },
	{ "text again", { "abc", 3 }, "ba7816bf8f01cfea414140de5dae2223" },
};

static void
gives_the_known_digests(void **state)
{
	char text[DIGEST_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(text, 'x', sizeof(text));
		digest_text(cases[i].data, text);
		if (strcmp(text, cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].name, text);
	}
}

static void
gives_them_as_bytes(void **state)
{
	unsigned char bytes[DIGEST_BYTES + 1];
	char text[DIGEST_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(bytes, 'x', sizeof(bytes));
		digest_bytes(cases[i].data, bytes);
		for (size_t j = 0; j < DIGEST_BYTES; j++)
			snprintf(text + 2 * j, 3, "%02x", bytes[j]);
		if (strcmp(text, cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].name, text);
		assert_int_equal(bytes[DIGEST_BYTES], 'x');
	}
}

static void
takes_more_than_one_block(void **state)
{
	static char data[100000];
	char text[DIGEST_TEXT_BYTES];

	(void)state;
	memset(data, 'a', sizeof(data));
	digest_text((struct slice){ data, sizeof(data) }, text);
	assert_string_equal(text, "6d1cf22d7cc09b085dfc25ee1a1f3ae0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_known_digests),
		cmocka_unit_test(gives_them_as_bytes),
		cmocka_unit_test(takes_more_than_one_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
