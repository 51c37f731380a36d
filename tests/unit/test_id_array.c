#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "my500/id_array.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const arrays[] = {
	"{a}",
	"{a,b}",
	"{NULL,NULL}",
	"{00000000-0000-0000-0000-000000000042,7}",
	"{\"\"}",
	"{\"a,b\",\"{}\",\" \"}",
	"{\"\\\"\"}",
	"{\"\\\\\",\"}\"}",
	"{\xc3\xa9}",
};

static const char *const others[] = {
	"",
	"*",
	"a",
	"a}",
	"{",
	"{}",
	"{ }",
	"}",
	"{a",
	"{a,",
	"{a,}",
	"{,a}",
	"{a,,b}",
	"{a}b",
	"{a} ",
	" {a}",
	"{a b}",
	"{a}{b}",
	"{{a}}",
	"{a,{b}}",
	"[1:1]={a}",
	"{\"}",
	"{\"a}",
	"{\"a\\",
	"{\"a\\\"}",
	"{\"a\"b}",
	"{a\"b\"}",
	"{\"a\"\"b\"}",
	"{a\\b}",
	"{\"a\",",
};

static void
check(const struct buffer *joined, const char *text)
{
	assert_int_equal(joined->len, strlen(text));
	assert_memory_equal(joined->ptr, text, joined->len);
}

static void
joins_arrays(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(arrays); i++) {
		struct buffer joined = { NULL, 0, 0 }, wanted = joined;

		assert_true(id_array_join(&joined, arrays[i]));
		check(&joined, arrays[i]);
		assert_true(id_array_join(&joined, "{z,\"y y\"}"));
		assert_true(id_array_join(&joined, arrays[i]));
		buffer_add(&wanted, arrays[i], strlen(arrays[i]) - 1);
		buffer_add_text(&wanted, ",z,\"y y\",");
		buffer_add_text(&wanted, arrays[i] + 1);
		buffer_add_char(&wanted, '\0');
		check(&joined, wanted.ptr);
		buffer_close(&joined);
		buffer_close(&wanted);
	}
}

static void
refuses_others(void **state)
{
	struct buffer joined = { NULL, 0, 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		assert_false(id_array_join(&joined, others[i]));
		assert_int_equal(joined.len, 0);
	}
	assert_true(id_array_join(&joined, "{a}"));
	for (size_t i = 0; i < COUNT(others); i++) {
		assert_false(id_array_join(&joined, others[i]));
		check(&joined, "{a}");
	}
	buffer_close(&joined);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joins_arrays),
		cmocka_unit_test(refuses_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
