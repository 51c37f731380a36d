#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "my500/cors.h"
#include "my500/request.h"
#include "my500/response.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BOTH         "https://a.example,https://b.example:8443"
#define ALLOWED      "Access-Control-Allow-Origin: "
#define MAX          200

static const struct {
	const char *name;
	const char *origins, *origin;
	const char *allowed; /* NULL: nothing is */
	bool varies;
} cases[] = {
	{ "nothing configured", "", "https://a.example", NULL, false },
	{ "nothing configured, nothing asked", "", NULL, NULL, false },
	{ "nothing asked", BOTH, NULL, NULL, true },
	{ "empty origin", BOTH, "", NULL, true },
	{ "empty origin, empty element", "https://a.example,", "", NULL, true },
	{ "first", BOTH, "https://a.example", "https://a.example", true },
	{ "second", BOTH, "https://b.example:8443", "https://b.example:8443",
		true },
	{ "blanks in the list", " https://a.example ,\thttps://b.example ",
		"https://b.example", "https://b.example", true },
	{ "another port", BOTH, "https://b.example", NULL, true },
	{ "another scheme", BOTH, "http://a.example", NULL, true },
	{ "another host", BOTH, "https://c.example", NULL, true },
	{ "beginning of one", BOTH, "https://a.exampl", NULL, true },
	{ "one and more", BOTH, "https://a.example.evil.example", NULL, true },
	{ "one in front", BOTH, "https://evil.example/https://a.example", NULL,
		true },
	{ "slash at the end", BOTH, "https://a.example/", NULL, true },
	{ "the whole list", BOTH, BOTH, NULL, true },
	{ "null", BOTH, "null", NULL, true },
	{ "upper case", BOTH, "HTTPS://A.EXAMPLE", NULL, true },
	{ "blank in front", BOTH, " https://a.example", NULL, true },
	{ "no wildcard", "*", "https://a.example", NULL, true },
	{ "no pattern", "https://*.example", "https://a.example", NULL, true },
};

static void
add(size_t i, enum method method, struct response *response)
{
	const struct request request = { .method = method,
		.origin = slice_of(cases[i].origin) };

	response_reset(response);
	cors_add_headers(response, &request, cases[i].origins);
	buffer_add_char(&response->head, '\0');
}

static void
allows_the_origins_of_the_list(void **state)
{
	static const enum method methods[] = { METHOD_GET, METHOD_HEAD,
		METHOD_OPTIONS, METHOD_OTHER };
	struct response response = { 0 };
	struct buffer want = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t m = 0; m < COUNT(methods); m++) {
			const char *head, *found;

			add(i, methods[m], &response);
			head = response.head.ptr;
			found = strstr(head, ALLOWED);
			if ((found != NULL) != (cases[i].allowed != NULL) ||
				(strstr(head, "Vary: Origin\r\n") != NULL) !=
					cases[i].varies)
				fail_msg("%s: %s", cases[i].name, head);
			if (found == NULL) {
				assert_null(strstr(head, "Access-Control"));
				continue;
			}
			buffer_clear(&want, MAX);
			buffer_printf(
				&want, ALLOWED "%s\r\n", cases[i].allowed);
			assert_memory_equal(found, want.ptr, want.len);
		}
	response_close(&response);
	buffer_close(&want);
}

/* A preflight tells what may be asked, an answer what may be read. */
static void
preflights_and_answers(void **state)
{
	static const struct {
		enum method method;
		const char *has, *lacks;
	} rows[] = {
		{ METHOD_OPTIONS,
			"Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n",
			"Access-Control-Expose-Headers" },
		{ METHOD_OPTIONS, "Access-Control-Allow-Headers: Authorization",
			"Access-Control-Allow-Credentials" },
		{ METHOD_OPTIONS, "If-None-Match", "*" },
		{ METHOD_OPTIONS, "Access-Control-Max-Age: ", "*" },
		{ METHOD_GET, "Access-Control-Expose-Headers: ",
			"Access-Control-Allow-Methods" },
		{ METHOD_GET, "ETag", "Access-Control-Max-Age" },
		{ METHOD_HEAD, "X-Request-Id", "Access-Control-Allow-Headers" },
	};
	struct response response = { 0 };
	size_t listed = 0;

	(void)state;
	while (cases[listed].allowed == NULL)
		listed++;
	for (size_t i = 0; i < COUNT(rows); i++) {
		add(listed, rows[i].method, &response);
		if (strstr(response.head.ptr, rows[i].has) == NULL ||
			strstr(response.head.ptr, rows[i].lacks) != NULL)
			fail_msg("%zu: %s", i, response.head.ptr);
	}
	response_close(&response);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allows_the_origins_of_the_list),
		cmocka_unit_test(preflights_and_answers),
	};

	return cmocka_run_group_tests_name("cors", tests, NULL, NULL);
}
