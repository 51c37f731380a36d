#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "my500/user_json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TEXT_OF(literal)                     \
	{                                    \
		literal, sizeof(literal) - 1 \
	}
#define ABSENT          \
	{               \
		NULL, 0 \
	}

static const struct {
	const char *name;
	struct user user;
	const char *want;
} cases[] = {
	{ "all there",
		{ { TEXT_OF("u1"), TEXT_OF("J\xc3\xb6rg"), TEXT_OF("j@x.org"),
			TEXT_OF("CONSULTANT"), TEXT_OF("SYNCED"),
			TEXT_OF("2024-01-15 09:00:00.5") } },
		"{\"id\":\"u1\",\"name\":\"J\xc3\xb6rg\",\"email\":\"j@x.org\","
		"\"role\":\"CONSULTANT\",\"syncStatus\":\"SYNCED\","
		"\"lastSyncTimestamp\":\"2024-01-15 09:00:00.5\"}" },
	{ "nothing but the id",
		{ { TEXT_OF("u2"), ABSENT, ABSENT, ABSENT, ABSENT, ABSENT } },
		"{\"id\":\"u2\",\"name\":null,\"email\":null,\"role\":null,"
		"\"syncStatus\":null,\"lastSyncTimestamp\":null}" },
	{ "empty is not null",
		{ { TEXT_OF("u3"), TEXT_OF(""), ABSENT, ABSENT, TEXT_OF(""),
			ABSENT } },
		"{\"id\":\"u3\",\"name\":\"\",\"email\":null,\"role\":null,"
		"\"syncStatus\":\"\",\"lastSyncTimestamp\":null}" },
	{ "escapes",
		{ { TEXT_OF("u4"), TEXT_OF("a \"b\" \\c/\n"), ABSENT, ABSENT,
			ABSENT, ABSENT } },
		"{\"id\":\"u4\",\"name\":\"a \\\"b\\\" \\\\c/\\n\","
		"\"email\":null,\"role\":null,\"syncStatus\":null,"
		"\"lastSyncTimestamp\":null}" },
};

static void
writes(void **state)
{
	struct buffer out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		buffer_clear(&out, 4096);
		user_json_add(&out, &cases[i].user);
		if (!slice_equals_text(buffer_slice(&out), cases[i].want))
			fail_msg("%s: %.*s", cases[i].name, (int)out.len,
				out.ptr);
	}
	buffer_close(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes),
	};

	return cmocka_run_group_tests_name("user_json", tests, NULL, NULL);
}
