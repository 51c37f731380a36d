#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "my500/contacts.h"
#include "my500/health.h"
#include "my500/route.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *base, *path;
	const char *want; /* NULL: no route */
} cases[] = {
	{ "", "/api/my-500", "/api/my-500" },
	{ "", "/api/my-500/search", "/api/my-500/search" },
	{ "", "/healthz", "/healthz" },
	{ "", "/readyz", "/readyz" },
	/* near misses; web servers hand over /api/my-500xyz, too */
	{ "", "/api/my-500x", NULL },
	{ "", "/api/my-500xyz", NULL },
	{ "", "/api/my-500/", NULL },
	{ "", "/api/my-500/x", NULL },
	{ "", "/api/my-500/search/", NULL },
	{ "", "/api/my-500/searching", NULL },
	{ "", "/api/my-500/searc", NULL },
	{ "", "/api/my-500/Search", NULL },
	{ "", "/api/my-500//search", NULL },
	{ "", "/api/my-500/search?q=a", NULL },
	{ "", "/api/my-500/search/search", NULL },
	{ "", "/api/my-500search", NULL },
	{ "", "/search", NULL },
	{ "", "/api/my-50", NULL },
	{ "", "/api/my-5000", NULL },
	{ "", "/api/my-500?page=2", NULL },
	{ "", "/api/my-500%20", NULL },
	{ "", "/api/my-500 ", NULL },
	{ "", " /api/my-500", NULL },
	{ "", "//api/my-500", NULL },
	{ "", "/api//my-500", NULL },
	{ "", "/x/../api/my-500", NULL },
	{ "", "api/my-500", NULL },
	{ "", "/API/MY-500", NULL },
	{ "", "/x/api/my-500", NULL },
	{ "", "/healthz/", NULL },
	{ "", "/healthzz", NULL },
	{ "", "/", NULL },
	{ "", "", NULL },
	/* a base path, with its slash and without */
	{ "/app", "/app/api/my-500", "/api/my-500" },
	{ "/app", "/app/api/my-500/search", "/api/my-500/search" },
	{ "/app/", "/app/api/my-500", "/api/my-500" },
	{ "/app//", "/app/api/my-500", "/api/my-500" },
	{ "/a/b", "/a/b/healthz", "/healthz" },
	{ "/app", "/api/my-500", NULL },
	{ "/app", "/healthz", NULL },
	{ "/app", "/app", NULL },
	{ "/app", "/app/", NULL },
	{ "/app", "/ap", NULL },
	{ "/app", "", NULL },
	{ "/app", "/apple/api/my-500", NULL },
	{ "/app", "/app2/api/my-500", NULL },
	{ "/app", "/appapi/my-500", NULL },
	{ "/app", "/app//api/my-500", NULL },
	{ "/app", "/app/app/api/my-500", NULL },
	{ "/app", "/APP/api/my-500", NULL },
	{ "/app", "/x/app/api/my-500", NULL },
	{ "/app", "/app/api/my-500x", NULL },
	{ "/api", "/api/my-500", NULL },
	{ "/api", "/api/api/my-500", "/api/my-500" },
	{ "/api/my-500", "/api/my-500", NULL },
	{ "/api/my-500", "/api/my-500/search", NULL },
	/* nothing but slashes is no base */
	{ "/", "/api/my-500", "/api/my-500" },
	{ "//", "/api/my-500", "/api/my-500" },
	{ "/", "", NULL },
};

static void
finds(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct route *route = route_find(
			slice_of(cases[i].path), cases[i].base);
		const char *got = route == NULL ? "none" : route->path;
		const char *want = cases[i].want == NULL ? "none"
							 : cases[i].want;

		if (strcmp(got, want) != 0)
			fail_msg("%s below \"%s\": %s", cases[i].path,
				cases[i].base, got);
	}
}

static void
keeps_within_the_slice(void **state)
{
	static const char text[] = "/app/api/my-500/more";

	(void)state;
	assert_non_null(route_find((struct slice){ text, 15 }, "/app"));
	assert_null(route_find((struct slice){ text, 14 }, "/app"));
	assert_null(route_find((struct slice){ text, 3 }, "/app"));
	assert_null(route_find((struct slice){ text, 4 }, "/app/api"));
	assert_null(route_find((struct slice){ "/api/my-500/search", 17 }, ""));
}

static void
what_the_routes_are(void **state)
{
	const struct route *data = route_find(slice_of("/api/my-500"), "");
	const struct route *search = route_find(
		slice_of("/api/my-500/search"), "");
	const struct route *live = route_find(slice_of("/healthz"), "");
	const struct route *ready = route_find(slice_of("/readyz"), "");

	(void)state;
	assert_non_null(data);
	assert_non_null(search);
	assert_non_null(live);
	assert_non_null(ready);
	assert_true(data->is_data);
	assert_true(search->is_data);
	assert_false(live->is_data);
	assert_false(ready->is_data);
	assert_true(data->answer == contacts_answer);
	assert_true(search->answer == contacts_answer_search);
	assert_true(live->answer == health_answer_live);
	assert_true(ready->answer == health_answer_ready);
	assert_string_equal(data->failure, "Failed to fetch contacts");
	assert_string_equal(search->failure, "Failed to search contacts");
	assert_non_null(live->failure);
	assert_non_null(ready->failure);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds),
		cmocka_unit_test(keeps_within_the_slice),
		cmocka_unit_test(what_the_routes_are),
	};

	return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
