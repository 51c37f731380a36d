#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/un.h>

#include <cmocka.h>

#include "my500/socket_address.h"

#define LONGEST_PATH                                      \
	"/1234567890123456789012345678901234567890"       \
	"12345678901234567890123456789012345678901234567" \
	"8901234567890123456"

static void
reads_what_is_right(void **state)
{
	static const struct {
		const char *text, *path, *host, *port;
	} cases[] = {
		{ "unix:/run/my500.sock", "/run/my500.sock", "", "" },
		{ "unix:/with:8500", "/with:8500", "", "" },
		{ "unix:" LONGEST_PATH, LONGEST_PATH, "", "" },
		{ "127.0.0.1:8500", NULL, "127.0.0.1", "8500" },
		{ "localhost:1", NULL, "localhost", "1" },
		{ "[::1]:65535", NULL, "::1", "65535" },
		{ "::1:80", NULL, "::1", "80" },
		{ "host:0080", NULL, "host", "80" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct socket_address a;
		struct reason why;

		assert_int_equal(socket_address_parse(&a, cases[i].text,
					 "MY500_LISTEN", &why),
			STATUS_OK);
		if (cases[i].path == NULL)
			assert_null(a.path);
		else
			assert_string_equal(a.path, cases[i].path);
		assert_string_equal(a.host, cases[i].host);
		assert_string_equal(a.port, cases[i].port);
	}
}

static void
refuses_what_is_not(void **state)
{
	static const char *const cases[] = { "", "unix:", "unix:run/x", "host",
		":80", "[]:80", "host:", "host:0", "host:65536", "host:+1",
		"host:80 ", "/run/my500.sock" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct socket_address a;
		struct reason why;

		assert_int_equal(socket_address_parse(
					 &a, cases[i], "MY500_LISTEN", &why),
			STATUS_INVALID);
		assert_string_equal(why.field, "MY500_LISTEN");
		assert_non_null(strstr(why.text, "unix:/path"));
	}
}

static void
bounds_lengths(void **state)
{
	struct socket_address a;
	struct reason why;
	char text[300];

	(void)state;
	assert_int_equal(strlen(LONGEST_PATH),
		sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
	assert_int_equal(
		socket_address_parse(&a, "unix:" LONGEST_PATH "x", "X", &why),
		STATUS_INVALID);
	memset(text, 'h', sizeof(text));
	memcpy(text + sizeof(a.host) - 1, ":80", 4);
	assert_int_equal(socket_address_parse(&a, text, "X", &why), STATUS_OK);
	text[sizeof(a.host) - 1] = 'h';
	memcpy(text + sizeof(a.host), ":80", 4);
	assert_int_equal(
		socket_address_parse(&a, text, "X", &why), STATUS_INVALID);
}

static void
says_why_there_is_no_connection(void **state)
{
	struct socket_address a;
	struct reason why;
	int fd;

	(void)state;
	assert_int_equal(socket_address_parse(&a, "unix:/nowhere/at/all",
				 "MY500_LISTEN", &why),
		STATUS_OK);
	assert_int_equal(socket_address_connect(&a, "MY500_LISTEN", &fd, &why),
		STATUS_INVALID);
	assert_string_equal(why.field, "MY500_LISTEN");
	assert_non_null(strstr(why.text, "No such file"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_is_right),
		cmocka_unit_test(refuses_what_is_not),
		cmocka_unit_test(bounds_lengths),
		cmocka_unit_test(says_why_there_is_no_connection),
	};

	return cmocka_run_group_tests_name("socket_address", tests, NULL, NULL);
}
