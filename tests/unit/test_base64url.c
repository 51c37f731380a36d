#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "my500/base64url.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TEXT_OF(literal)                     \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

/* RFC 4648, section 10, without padding; RFC 7515, appendix C; and the values
 * of Python's base64.urlsafe_b64encode(). */
static const struct {
	const char *name;
	struct slice bytes;
	const char *text;
} known[] = {
	{ "f", TEXT_OF("f"), "Zg" },
	{ "fo", TEXT_OF("fo"), "Zm8" },
	{ "foo", TEXT_OF("foo"), "Zm9v" },
	{ "foob", TEXT_OF("foob"), "Zm9vYg" },
	{ "fooba", TEXT_OF("fooba"), "Zm9vYmE" },
	{ "foobar", TEXT_OF("foobar"), "Zm9vYmFy" },
	{ "RFC 7515", TEXT_OF("\x03\xec\xff\xe0\xc1"), "A-z_4ME" },
	{ "one NUL", TEXT_OF("\0"), "AA" },
	{ "two NUL", TEXT_OF("\0\0"), "AAA" },
	{ "three NUL", TEXT_OF("\0\0\0"), "AAAA" },
	{ "NUL inside", TEXT_OF("a\0b"), "YQBi" },
	{ "ones", TEXT_OF("\xff\xff\xff"), "____" },
	{ "minus", TEXT_OF("\xfb\xef\xbe"), "----" },
	{ "the whole alphabet",
		TEXT_OF("\x00\x10\x83\x10\x51\x87\x20\x92\x8b\x30\xd3\x8f"
			"\x41\x14\x93\x51\x55\x97\x61\x96\x9b\x71\xd7\x9f"
			"\x82\x18\xa3\x92\x59\xa7\xa2\x9a\xab\xb2\xdb\xaf"
			"\xc3\x1c\xb3\xd3\x5d\xb7\xe3\x9e\xbb\xf3\xdf\xbf"),
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789-_" },
};

static void
adds_the_known_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		struct buffer out = { NULL, 0, 0 };

		base64url_add(&out, known[i].bytes);
		if (!slice_equals_text(buffer_slice(&out), known[i].text))
			fail_msg("%s: %.*s", known[i].name, (int)out.len,
				out.ptr);
		buffer_close(&out);
	}
}

static void
decodes_the_known_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		struct buffer out = { NULL, 0, 0 };

		if (!base64url_decode(slice_of(known[i].text), &out))
			fail_msg("%s: refused", known[i].name);
		if (!slice_equals(buffer_slice(&out), known[i].bytes))
			fail_msg("%s: %zu bytes", known[i].name, out.len);
		buffer_close(&out);
	}
}

static void
no_bytes_are_no_text(void **state)
{
	struct buffer out = { NULL, 0, 0 };

	(void)state;
	base64url_add(&out, slice_of(""));
	base64url_add(&out, slice_of(NULL));
	assert_int_equal(out.len, 0);
	buffer_close(&out);
}

/* Of each length that a cursor can have, and more. */
static void
round_trips(void **state)
{
	char bytes[300];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 151 + 7);
	for (size_t len = 1; len <= sizeof(bytes); len++) {
		struct slice want = { bytes, len };
		struct buffer text = { NULL, 0, 0 }, out = { NULL, 0, 0 };

		base64url_add(&text, want);
		assert_int_equal(text.len, (len * 4 + 2) / 3);
		if (!base64url_decode(buffer_slice(&text), &out) ||
			!slice_equals(buffer_slice(&out), want))
			fail_msg("%zu bytes", len);
		buffer_close(&text);
		buffer_close(&out);
	}
}

static void
adds_behind_what_is_there(void **state)
{
	struct buffer out = { NULL, 0, 0 };

	(void)state;
	buffer_add_text(&out, "a+/=");
	base64url_add(&out, slice_of("\xff\xfe"));
	assert_true(slice_equals_text(buffer_slice(&out), "a+/=__4"));
	assert_true(base64url_decode(slice_of("Zm8"), &out));
	assert_true(slice_equals_text(buffer_slice(&out), "a+/=__4fo"));
	buffer_add_char(&out, '!');
	assert_true(slice_equals_text(buffer_slice(&out), "a+/=__4fo!"));
	buffer_close(&out);
}

static void
keeps_within_the_slice(void **state)
{
	struct buffer out = { NULL, 0, 0 };

	(void)state;
	assert_true(base64url_decode((struct slice){ "Zm9v!", 4 }, &out));
	assert_true(slice_equals_text(buffer_slice(&out), "foo"));
	buffer_close(&out);
}

static const struct {
	const char *name;
	struct slice text;
} refused[] = {
	{ "absent", { NULL, 0 } },
	{ "empty", TEXT_OF("") },
	{ "one character", TEXT_OF("A") },
	{ "five characters", TEXT_OF("Zm9vY") },
	{ "nine characters", TEXT_OF("Zm9vYmFyA") },
	/* another alphabet */
	{ "plus", TEXT_OF("++++") },
	{ "slash", TEXT_OF("////") },
	{ "plus among others", TEXT_OF("A+z_") },
	{ "padded", TEXT_OF("Zg==") },
	{ "padded with one", TEXT_OF("Zm8=") },
	{ "padding alone", TEXT_OF("====") },
	{ "padding inside", TEXT_OF("Zg==Zg==") },
	{ "blank in front", TEXT_OF(" Zm9") },
	{ "blank behind", TEXT_OF("Zm9v ") },
	{ "blanks for padding", TEXT_OF("Zg  ") },
	{ "newline behind", TEXT_OF("Zm9v\n") },
	{ "newline inside", TEXT_OF("Zm\n9v") },
	{ "NUL", TEXT_OF("Zm9\0") },
	{ "NUL behind", TEXT_OF("Zm9v\0") },
	{ "beyond ASCII", TEXT_OF("Zm9\xc3") },
	{ "point", TEXT_OF("Zm9.") },
	{ "percent", TEXT_OF("Zm%39") },
	/* bits beyond the last byte */
	{ "lowest of four", TEXT_OF("Zh") },
	{ "highest of four", TEXT_OF("Zo") },
	{ "all four", TEXT_OF("Zv") },
	{ "lowest of two", TEXT_OF("Zm9") },
	{ "highest of two", TEXT_OF("Zm-") },
	{ "both of two", TEXT_OF("Zm_") },
	{ "behind whole groups", TEXT_OF("Zm9vYh") },
};

static void
refuses_all_else_and_adds_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct buffer out = { NULL, 0, 0 };

		buffer_add_text(&out, "before");
		if (base64url_decode(refused[i].text, &out))
			fail_msg("%s: taken", refused[i].name);
		if (!slice_equals_text(buffer_slice(&out), "before"))
			fail_msg("%s: added", refused[i].name);
		buffer_close(&out);
	}
}

/* Of all texts of two characters, one for each byte; no byte but those of the
 * alphabet in any place. */
static void
each_text_has_its_own_bytes(void **state)
{
	bool met[256] = { false };
	size_t taken = 0;

	(void)state;
	for (int first = 0; first < 256; first++)
		for (int second = 0; second < 256; second++) {
			char text[] = { (char)first, (char)second };
			struct buffer out = { NULL, 0, 0 };

			if (base64url_decode((struct slice){ text, 2 }, &out)) {
				assert_int_equal(out.len, 1);
				assert_false(met[(unsigned char)out.ptr[0]]);
				met[(unsigned char)out.ptr[0]] = true;
				taken++;
			}
			buffer_close(&out);
		}
	assert_int_equal(taken, 256);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_the_known_texts),
		cmocka_unit_test(decodes_the_known_texts),
		cmocka_unit_test(no_bytes_are_no_text),
		cmocka_unit_test(round_trips),
		cmocka_unit_test(adds_behind_what_is_there),
		cmocka_unit_test(keeps_within_the_slice),
		cmocka_unit_test(refuses_all_else_and_adds_nothing),
		cmocka_unit_test(each_text_has_its_own_bytes),
	};

	return cmocka_run_group_tests_name("base64url", tests, NULL, NULL);
}
