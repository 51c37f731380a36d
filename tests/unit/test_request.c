#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "my500/request.h"

#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))
#define VARIABLES_MAX 12

/* Reads a request out of copies that are gone by the time it is looked at. */
static void
read_request(struct request *request, const char *const *variables,
	struct arena *arena)
{
	char *copies[VARIABLES_MAX + 1] = { NULL };

	for (size_t i = 0; i < VARIABLES_MAX && variables[i] != NULL; i++)
		copies[i] = strdup(variables[i]);
	memset(request, 0x55, sizeof(*request));
	request_read(request, copies, 4711, arena);
	for (size_t i = 0; i < VARIABLES_MAX && copies[i] != NULL; i++) {
		memset(copies[i], 'X', strlen(copies[i]));
		free(copies[i]);
	}
}

static bool
is_absent(struct slice s)
{
	return s.ptr == NULL && s.len == 0;
}

static void
everything(void **state)
{
	static const char *const variables[VARIABLES_MAX + 1] = {
		"REQUEST_METHOD=GET",
		"SCRIPT_NAME=/api",
		"PATH_INFO=/my-500",
		"QUERY_STRING=page=2&limit=3",
		"HTTP_AUTHORIZATION=Bearer a.b.c",
		"HTTP_IF_NONE_MATCH=W/\"x\"",
		"HTTP_ORIGIN=https://a.example",
		"REMOTE_ADDR=192.0.2.1",
		"HTTP_X_REQUEST_ID=me-1",
		"REQUEST_URI=/other?page=9",
		"HTTP_COOKIE=x=y",
	};
	struct arena *arena = arena_open();
	struct request r;

	(void)state;
	read_request(&r, variables, arena);
	assert_int_equal(r.method, METHOD_GET);
	assert_true(slice_equals_text(r.method_text, "GET"));
	assert_true(slice_equals_text(r.path, "/api/my-500"));
	assert_true(slice_equals_text(r.query, "page=2&limit=3"));
	assert_true(slice_equals_text(r.authorization, "Bearer a.b.c"));
	assert_true(slice_equals_text(r.if_none_match, "W/\"x\""));
	assert_true(slice_equals_text(r.origin, "https://a.example"));
	assert_true(slice_equals_text(r.remote_address, "192.0.2.1"));
	assert_string_equal(r.id, "me-1");
	assert_false(r.is_oversized);
	assert_int_equal(r.accepted_us, 4711);
	arena_close(&arena);
}

static void
nothing(void **state)
{
	static const char *const variables[VARIABLES_MAX + 1] = { NULL };
	struct arena *arena = arena_open();
	struct request r;

	(void)state;
	read_request(&r, variables, arena);
	assert_int_equal(r.method, METHOD_OTHER);
	assert_true(is_absent(r.method_text));
	assert_non_null(r.path.ptr);
	assert_int_equal(r.path.len, 0);
	assert_true(is_absent(r.query));
	assert_true(is_absent(r.authorization));
	assert_true(is_absent(r.if_none_match));
	assert_true(is_absent(r.origin));
	assert_true(is_absent(r.remote_address));
	assert_int_equal(strlen(r.id), 32);
	assert_false(r.is_oversized);
	arena_close(&arena);
}

static void
methods(void **state)
{
	static const struct {
		const char *variable;
		enum method want;
	} cases[] = {
		{ "REQUEST_METHOD=GET", METHOD_GET },
		{ "REQUEST_METHOD=HEAD", METHOD_HEAD },
		{ "REQUEST_METHOD=OPTIONS", METHOD_OPTIONS },
		{ "REQUEST_METHOD=POST", METHOD_OTHER },
		{ "REQUEST_METHOD=get", METHOD_OTHER },
		{ "REQUEST_METHOD=GETS", METHOD_OTHER },
		{ "REQUEST_METHOD=GE", METHOD_OTHER },
		{ "REQUEST_METHOD=GET ", METHOD_OTHER },
		{ "REQUEST_METHOD=", METHOD_OTHER },
		{ "REQUEST_METHODS=GET", METHOD_OTHER },
	};
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *variables[] = { cases[i].variable, NULL };
		struct request r;

		read_request(&r, variables, arena);
		if (r.method != cases[i].want)
			fail_msg("%s", cases[i].variable);
	}
	arena_close(&arena);
}

/* However the web server parts the path, it is the same. */
static void
paths(void **state)
{
	static const struct {
		const char *script, *info;
		const char *want;
	} cases[] = {
		{ "SCRIPT_NAME=/api/my-500", NULL, "/api/my-500" },
		{ "SCRIPT_NAME=/api/my-500", "PATH_INFO=", "/api/my-500" },
		{ "SCRIPT_NAME=/api", "PATH_INFO=/my-500", "/api/my-500" },
		{ "SCRIPT_NAME=", "PATH_INFO=/api/my-500", "/api/my-500" },
		{ "PATH_INFO=/api/my-500", NULL, "/api/my-500" },
		{ "PATH_INFO=/my-500", "SCRIPT_NAME=/api", "/api/my-500" },
		{ "SCRIPT_NAME=/api/my-500", "PATH_INFO=/", "/api/my-500/" },
		{ "SCRIPT_NAME=", "PATH_INFO=", "" },
		{ "REQUEST_URI=/api/my-500", "DOCUMENT_URI=/api/my-500", "" },
		{ "SCRIPT_NAME=/%61", "PATH_INFO=/%s%n", "/%61/%s%n" },
	};
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *variables[] = { cases[i].script, cases[i].info,
			NULL };
		struct request r;

		read_request(&r, variables, arena);
		if (!slice_equals_text(r.path, cases[i].want))
			fail_msg("%s %s: %.*s", cases[i].script,
				cases[i].info == NULL ? "" : cases[i].info,
				(int)r.path.len, r.path.ptr);
	}
	arena_close(&arena);
}

/* Empty is not the same as absent. */
static void
empty_values(void **state)
{
	const char *variables[] = {
		"QUERY_STRING=", "HTTP_AUTHORIZATION=", "REMOTE_ADDR=", NULL
	};
	struct arena *arena = arena_open();
	struct request r;

	(void)state;
	read_request(&r, variables, arena);
	assert_non_null(r.query.ptr);
	assert_int_equal(r.query.len, 0);
	assert_non_null(r.authorization.ptr);
	assert_non_null(r.remote_address.ptr);
	arena_close(&arena);
}

#define LETTERS_63 \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"

static void
ids(void **state)
{
	static const struct {
		const char *id;
		bool is_kept;
	} cases[] = {
		{ "a", true },
		{ "ABC.xyz_0-9", true },
		{ "...", true },
		{ LETTERS_63 "f", true },
		{ LETTERS_63 "ff", false },
		{ "", false },
		{ " a", false },
		{ "a b", false },
		{ "a\r\nSet-Cookie: x", false },
		{ "a\"b", false },
		{ "a/b", false },
		{ "a@b.org", false },
		{ "<a>", false },
		{ "J\xc3\xb6rg", false },
	};
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *variables[] = { NULL, NULL };
		struct request r;

		variables[0] = arena_printf(
			arena, "HTTP_X_REQUEST_ID=%s", cases[i].id);
		read_request(&r, variables, arena);
		if (cases[i].is_kept) {
			assert_string_equal(r.id, cases[i].id);
			continue;
		}
		if (strlen(r.id) != 32 ||
			strspn(r.id, "0123456789abcdef") != 32)
			fail_msg("%s: %s", cases[i].id, r.id);
	}
	arena_close(&arena);
}

static void
new_ids_differ(void **state)
{
	static const char *const variables[VARIABLES_MAX + 1] = { NULL };
	struct arena *arena = arena_open();
	struct request a, b;

	(void)state;
	read_request(&a, variables, arena);
	read_request(&b, variables, arena);
	assert_string_not_equal(a.id, b.id);
	arena_close(&arena);
}

/* All parameters count, with their names. */
static void
oversized(void **state)
{
	static const struct {
		size_t bytes;
		bool want;
	} cases[] = {
		{ REQUEST_PARAMETERS_MAX_BYTES - 1, false },
		{ REQUEST_PARAMETERS_MAX_BYTES, false },
		{ REQUEST_PARAMETERS_MAX_BYTES + 1, true },
		{ REQUEST_PARAMETERS_MAX_BYTES * 4, true },
	};
	static const char method[] = "REQUEST_METHOD=GET", name[] = "HTTP_X=";
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *filler = arena_alloc(arena, cases[i].bytes);
		const char *variables[] = { filler, method, NULL };
		size_t len = cases[i].bytes - (sizeof(method) - 1);
		struct request r;

		memset(filler, 'a', len);
		memcpy(filler, name, sizeof(name) - 1);
		read_request(&r, variables, arena);
		if (r.is_oversized != cases[i].want)
			fail_msg("%zu", cases[i].bytes);
		assert_int_equal(r.method, METHOD_GET);
		assert_int_equal(strlen(r.id), 32);
	}
	arena_close(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything),
		cmocka_unit_test(nothing),
		cmocka_unit_test(methods),
		cmocka_unit_test(paths),
		cmocka_unit_test(empty_values),
		cmocka_unit_test(ids),
		cmocka_unit_test(new_ids_differ),
		cmocka_unit_test(oversized),
	};

	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
