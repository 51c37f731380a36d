#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "my500/request.h"
#include "my500/response.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define JSON         "Content-Type: application/json; charset=utf-8\r\n"

static const struct {
	const char *name;
	int http_status;
	enum method method;
	const char *header; /* "" for none */
	const char *parts[RESPONSE_PARTS_MAX];
	const char *want_head;
	const char *want_body;
} cases[] = {
	{ "page", 200, METHOD_GET, "v", { "{", "abc", "}" },
		"Status: 200 OK\r\n" JSON "Content-Length: 5\r\n"
		"X-H: v\r\n\r\n",
		"{abc}" },
	{ "no header of its own", 200, METHOD_GET, "", { "{}" },
		"Status: 200 OK\r\n" JSON "Content-Length: 2\r\n\r\n", "{}" },
	{ "all parts", 200, METHOD_GET, "", { "a", "", "bc", "d" },
		"Status: 200 OK\r\n" JSON "Content-Length: 4\r\n\r\n", "abcd" },
	{ "no body", 200, METHOD_GET, "", { NULL },
		"Status: 200 OK\r\n" JSON "Content-Length: 0\r\n\r\n", "" },
	{ "HEAD: the length of what GET would give", 200, METHOD_HEAD, "v",
		{ "{", "abc", "}" },
		"Status: 200 OK\r\n" JSON "Content-Length: 5\r\n"
		"X-H: v\r\n\r\n",
		"" },
	{ "HEAD of a failure", 401, METHOD_HEAD, "", { "{\"a\":1}" },
		"Status: 401 Unauthorized\r\n" JSON "Content-Length: 7\r\n\r\n",
		"" },
	{ "204", 204, METHOD_OPTIONS, "v", { NULL },
		"Status: 204 No Content\r\nX-H: v\r\n\r\n", "" },
	{ "204 never has a body", 204, METHOD_OPTIONS, "", { "x" },
		"Status: 204 No Content\r\n\r\n", "" },
	{ "304", 304, METHOD_GET, "v", { NULL },
		"Status: 304 Not Modified\r\nX-H: v\r\n\r\n", "" },
	{ "304 never has a body", 304, METHOD_GET, "", { "x" },
		"Status: 304 Not Modified\r\n\r\n", "" },
	{ "304 for HEAD", 304, METHOD_HEAD, "", { NULL },
		"Status: 304 Not Modified\r\n\r\n", "" },
	{ "400", 400, METHOD_GET, "", { "{}" },
		"Status: 400 Bad Request\r\n" JSON "Content-Length: 2\r\n\r\n",
		"{}" },
	{ "404", 404, METHOD_GET, "", { "{}" },
		"Status: 404 Not Found\r\n" JSON "Content-Length: 2\r\n\r\n",
		"{}" },
	{ "405", 405, METHOD_OTHER, "", { "{}" },
		"Status: 405 Method Not Allowed\r\n" JSON
		"Content-Length: 2\r\n\r\n",
		"{}" },
	{ "500", 500, METHOD_GET, "", { "{}" },
		"Status: 500 Internal Server Error\r\n" JSON
		"Content-Length: 2\r\n\r\n",
		"{}" },
	{ "503", 503, METHOD_GET, "", { "{}" },
		"Status: 503 Service Unavailable\r\n" JSON
		"Content-Length: 2\r\n\r\n",
		"{}" },
};

static void
check(size_t i, struct response *response, struct buffer *head)
{
	const struct request request = { .method = cases[i].method };
	struct buffer body = { 0 };

	response_reset(response);
	assert_int_equal(response->http_status, 200);
	response->http_status = cases[i].http_status;
	if (*cases[i].header != '\0')
		response_add_header(response, "X-H", cases[i].header);
	for (int p = 0; p < RESPONSE_PARTS_MAX && cases[i].parts[p]; p++)
		response_add_body(response, slice_of(cases[i].parts[p]));
	response_finish(response, &request, head);
	for (int p = 0; p < response->part_count; p++)
		buffer_add_slice(&body, response->parts[p]);
	if (!slice_equals_text(buffer_slice(head), cases[i].want_head))
		fail_msg("%s: %.*s", cases[i].name, (int)head->len, head->ptr);
	if (!slice_equals_text(buffer_slice(&body), cases[i].want_body))
		fail_msg("%s: %.*s", cases[i].name, (int)body.len, body.ptr);
	assert_int_equal(
		response_body_bytes(response), strlen(cases[i].want_body));
	buffer_close(&body);
}

/* One response and one head for all, as a worker has it. */
static void
finishes(void **state)
{
	struct response response = { 0 };
	struct buffer head = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		check(i, &response, &head);
	response_close(&response);
	buffer_close(&head);
}

static void
counts_the_bytes_of_a_large_body(void **state)
{
	static char part[300000];
	const struct request request = { .method = METHOD_GET };
	struct response response = { 0 };
	struct buffer head = { 0 };

	(void)state;
	response_reset(&response);
	for (int i = 0; i < RESPONSE_PARTS_MAX; i++)
		response_add_body(
			&response, (struct slice){ part, sizeof(part) });
	response_finish(&response, &request, &head);
	buffer_add_char(&head, '\0');
	assert_non_null(strstr(head.ptr, "Content-Length: 1200000\r\n"));
	assert_int_equal(response_body_bytes(&response), 1200000);
	response_close(&response);
	buffer_close(&head);
}

static void
headers_keep_their_order(void **state)
{
	const struct request request = { .method = METHOD_GET };
	struct response response = { 0 };
	struct buffer head = { 0 };

	(void)state;
	response_reset(&response);
	response_add_header(&response, "Vary", "Origin");
	response_add_header(&response, "Vary", "Authorization, Cookie");
	response_add_header(&response, "Empty", "");
	response_finish(&response, &request, &head);
	buffer_add_char(&head, '\0');
	assert_non_null(strstr(head.ptr,
		"\r\nVary: Origin\r\nVary: Authorization, Cookie\r\n"
		"Empty: \r\n\r\n"));
	response_close(&response);
	buffer_close(&head);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finishes),
		cmocka_unit_test(counts_the_bytes_of_a_large_body),
		cmocka_unit_test(headers_keep_their_order),
	};

	return cmocka_run_group_tests_name("response", tests, NULL, NULL);
}
