#include "config.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "my500/json_text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TEXT_OF(literal)                     \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static void
strings(void **state)
{
	static const struct {
		const char *name;
		struct slice text;
		const char *want;
	} cases[] = {
		{ "absent", { NULL, 0 }, "null" },
		{ "empty", TEXT_OF(""), "\"\"" },
		{ "plain", TEXT_OF("abc"), "\"abc\"" },
		{ "the word null", TEXT_OF("null"), "\"null\"" },
		{ "quote", TEXT_OF("a\"b"), "\"a\\\"b\"" },
		{ "backslash", TEXT_OF("a\\b"), "\"a\\\\b\"" },
		{ "slash is not escaped", TEXT_OF("</a>"), "\"</a>\"" },
		{ "short forms", TEXT_OF("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"" },
		{ "NUL", TEXT_OF("a\0b"), "\"a\\u0000b\"" },
		{ "other controls", TEXT_OF("\x01\v\x1f"),
			"\"\\u0001\\u000b\\u001f\"" },
		{ "first that is none", TEXT_OF(" !"), "\" !\"" },
		{ "DEL is none", TEXT_OF("\x7f"), "\"\x7f\"" },
		{ "UTF-8 as it is", TEXT_OF("\xc3\xa9\xf0\x9f\x98\x80"),
			"\"\xc3\xa9\xf0\x9f\x98\x80\"" },
		{ "U+2028 as it is", TEXT_OF("\xe2\x80\xa8"),
			"\"\xe2\x80\xa8\"" },
		{ "bytes that look like controls but for the high bit",
			TEXT_OF("\xc2\x80\xc2\x9f\xc2\xa2\xc3\x9c"),
			"\"\xc2\x80\xc2\x9f\xc2\xa2\xc3\x9c\"" },
		{ "nothing but escapes", TEXT_OF("\"\"\"\"\"\"\"\"\"\""),
			"\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\"" },
		{ "several words", TEXT_OF("0123456789abcdef\n0123456789\\x"),
			"\"0123456789abcdef\\n0123456789\\\\x\"" },
	};
	struct buffer out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		buffer_clear(&out, 4096);
		json_add_string(&out, cases[i].text);
		if (!slice_equals_text(buffer_slice(&out), cases[i].want))
			fail_msg("%s: %.*s", cases[i].name, (int)out.len,
				out.ptr);
	}
	buffer_close(&out);
}

/* Each byte at each place of two machine words, as json-c reads it again. */
static void
every_byte_at_every_place(void **state)
{
	struct buffer out = { 0 };

	(void)state;
	for (int byte = 0; byte < 0x80; byte++)
		for (size_t place = 0; place < 19; place++) {
			char text[] = "abcdefghijklmnopqrs";
			const size_t len = sizeof(text) - 1;
			struct json_object *read;

			text[place] = (char)byte;
			buffer_clear(&out, 4096);
			json_add_string(&out, (struct slice){ text, len });
			buffer_add_char(&out, '\0');
			read = json_tokener_parse(out.ptr);
			if (!json_object_is_type(read, json_type_string) ||
				json_object_get_string_len(read) != (int)len ||
				memcmp(json_object_get_string(read), text,
					len) != 0)
				fail_msg("%d at %zu: %s", byte, place, out.ptr);
			json_object_put(read);
		}
	buffer_close(&out);
}

static void
keeps_within_the_slice(void **state)
{
	struct buffer out = { 0 };

	(void)state;
	json_add_string(&out, (struct slice){ "abcdefgh\"", 8 });
	assert_true(slice_equals_text(buffer_slice(&out), "\"abcdefgh\""));
	buffer_close(&out);
}

static void
milliseconds(void **state)
{
	static const struct {
		int64_t us;
		const char *want;
	} cases[] = {
		{ 0, "0.000" },
		{ 1, "0.001" },
		{ 412, "0.412" },
		{ 999, "0.999" },
		{ 1000, "1.000" },
		{ 12345678, "12345.678" },
		{ -1, "0.000" },
		{ INT64_MIN, "0.000" },
		{ INT64_MAX, "9223372036854775.807" },
	};
	struct buffer out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		buffer_clear(&out, 4096);
		json_add_ms(&out, cases[i].us);
		if (!slice_equals_text(buffer_slice(&out), cases[i].want))
			fail_msg("%s: %.*s", cases[i].want, (int)out.len,
				out.ptr);
	}
	buffer_close(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings),
		cmocka_unit_test(every_byte_at_every_place),
		cmocka_unit_test(keeps_within_the_slice),
		cmocka_unit_test(milliseconds),
	};

	return cmocka_run_group_tests_name("json_text", tests, NULL, NULL);
}
