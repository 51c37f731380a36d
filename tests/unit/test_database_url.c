#include "config.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "my500/database_url.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OPTIONS_MAX  8

/* Nothing of this may stand in a message or in what is printed. */
#define CANARY "canary"

/* The option's value, "" when it has none. */
static const char *
option(const struct database_url *url, const char *keyword)
{
	for (const PQconninfoOption *o = url->options; o->keyword; o++)
		if (strcmp(o->keyword, keyword) == 0)
			return o->val == NULL ? "" : o->val;
	return "no such option";
}

static size_t
count_options(const struct database_url *url)
{
	size_t count = 0;

	for (const PQconninfoOption *o = url->options; o->keyword; o++)
		count += o->val != NULL;
	return count;
}

static const struct {
	const char *name;
	const char *text;
	const char *options[OPTIONS_MAX][2]; /* all that are set */
} addresses[] = {
	{ "URL", "postgresql://app:pw@db:5433/my",
		{ { "user", "app" }, { "password", "pw" }, { "host", "db" },
			{ "port", "5433" }, { "dbname", "my" } } },
	{ "short scheme", "postgres://db/my",
		{ { "host", "db" }, { "dbname", "my" } } },
	{ "nothing but the scheme", "postgresql://", { { NULL } } },
	{ "question mark and nothing", "postgresql://db/my?",
		{ { "host", "db" }, { "dbname", "my" } } },
	{ "libpq's parameters are kept",
		"postgresql://db/my?sslmode=require&connect_timeout=3"
		"&application_name=a%20b",
		{ { "host", "db" }, { "dbname", "my" },
			{ "sslmode", "require" }, { "connect_timeout", "3" },
			{ "application_name", "a b" } } },
	{ "kept between what is dropped",
		"postgresql://db/my?schema=s&sslmode=require&pool_timeout=1"
		"&connect_timeout=3&pgbouncer=true",
		{ { "host", "db" }, { "dbname", "my" },
			{ "sslmode", "require" },
			{ "connect_timeout", "3" } } },
	{ "nothing is left of the parameters",
		"postgresql://db/my?schema=s&connection_limit=5",
		{ { "host", "db" }, { "dbname", "my" } } },
	{ "empty parameters", "postgresql://db/my?&&sslmode=require&",
		{ { "host", "db" }, { "dbname", "my" },
			{ "sslmode", "require" } } },
	{ "several hosts",
		"postgresql://app@h1:1,h2:2,h3/my"
		"?target_session_attrs=prefer-standby&schema=s",
		{ { "user", "app" }, { "host", "h1,h2,h3" }, { "port", "1,2," },
			{ "dbname", "my" },
			{ "target_session_attrs", "prefer-standby" } } },
	{ "IPv6", "postgresql://[::1]:5432/my?schema=s",
		{ { "host", "::1" }, { "port", "5432" }, { "dbname", "my" } } },
	{ "socket as a parameter",
		"postgresql:///my?host=/run/postgresql&schema=s",
		{ { "host", "/run/postgresql" }, { "dbname", "my" } } },
	{ "socket as a host", "postgresql://%2Frun%2Fpostgresql/my",
		{ { "host", "/run/postgresql" }, { "dbname", "my" } } },
	{ "encoded password", "postgresql://a%40b:p%3Fw%2F%26@db/my?schema=s",
		{ { "user", "a@b" }, { "password", "p?w/&" }, { "host", "db" },
			{ "dbname", "my" } } },
	{ "question mark in the password", "postgresql://app:p?w@db/my",
		{ { "user", "app" }, { "password", "p?w" }, { "host", "db" },
			{ "dbname", "my" } } },
	{ "question marks in the password and behind it",
		"postgresql://app:p?a=b&c=d@db/my?schema=s&sslmode=prefer",
		{ { "user", "app" }, { "password", "p?a=b&c=d" },
			{ "host", "db" }, { "dbname", "my" },
			{ "sslmode", "prefer" } } },
	{ "question mark, no database", "postgresql://app:pw@db?schema=s",
		{ { "user", "app" }, { "password", "pw" }, { "host", "db" } } },
	{ "question mark, no host", "postgresql://?host=/run&schema=s",
		{ { "host", "/run" } } },
	{ "at sign behind the question mark",
		"postgresql://db/my?application_name=a@b",
		{ { "host", "db" }, { "dbname", "my" },
			{ "application_name", "a@b" } } },
	{ "JDBC's ssl", "postgresql://db/my?ssl=true",
		{ { "host", "db" }, { "dbname", "my" },
			{ "sslmode", "require" } } },
	{ "client certificate",
		"postgresql://db/my?sslcert=/c&sslkey=/k&sslpassword=pw",
		{ { "host", "db" }, { "dbname", "my" }, { "sslcert", "/c" },
			{ "sslkey", "/k" }, { "sslpassword", "pw" } } },
	{ "keywords", "host=db port=5433 user=app password='p w' dbname=my",
		{ { "host", "db" }, { "port", "5433" }, { "user", "app" },
			{ "password", "p w" }, { "dbname", "my" } } },
	{ "keywords, several hosts", "host=h1,h2 port=1,2 dbname=my",
		{ { "host", "h1,h2" }, { "port", "1,2" },
			{ "dbname", "my" } } },
	{ "question mark in keywords", "host=db password=a?schema=b",
		{ { "host", "db" }, { "password", "a?schema=b" } } },
};

static void
options_of_libpq(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(addresses); i++) {
		struct database_url url;
		struct reason why;
		size_t n = 0;

		if (database_url_parse(&url, addresses[i].text, arena, &why) !=
			STATUS_OK)
			fail_msg("%s: %s", addresses[i].name, why.text);
		for (; addresses[i].options[n][0] != NULL; n++) {
			const char *const *want = addresses[i].options[n];
			const char *got = option(&url, want[0]);

			if (strcmp(got, want[1]) != 0)
				fail_msg("%s: %s is %s", addresses[i].name,
					want[0], got);
		}
		if (count_options(&url) != n)
			fail_msg("%s: %zu options", addresses[i].name,
				count_options(&url));
		database_url_release(&url);
		assert_null(url.options);
	}
	arena_close(&arena);
}

/* Prisma documentation, "PostgreSQL connection URL", arguments. */
static const struct {
	const char *name;
	const char *text;
	const char *schema;
	bool is_pgbouncer;
	const char *dropped;
} prisma[] = {
	{ "none", "postgresql://db/my", "", false, "" },
	{ "keywords have none", "host=db", "", false, "" },
	{ "schema", "postgresql://db/my?schema=public", "public", false, "" },
	{ "encoded schema", "postgresql://db/my?schema=my%20%22s%22",
		"my \"s\"", false, "" },
	{ "UTF-8 in the schema", "postgresql://db/my?schema=sch%C3%B6n",
		"sch\xc3\xb6n", false, "" },
	{ "a plus in the schema", "postgresql://db/my?schema=a+b", "a+b", false,
		"" },
	{ "equals sign in the schema", "postgresql://db/my?schema=a=b", "a=b",
		false, "" },
	{ "empty schema", "postgresql://db/my?schema=", "", false, "" },
	{ "pgbouncer", "postgresql://db/my?pgbouncer=true", "", true, "" },
	{ "no pgbouncer", "postgresql://db/my?pgbouncer=false", "", false, "" },
	{ "one dropped", "postgresql://db/my?connection_limit=5", "", false,
		"connection_limit" },
	{ "all of them",
		"postgresql://app:pw@db:5432/my?schema=s&connection_limit=5"
		"&pool_timeout=10&connect_timeout=3&pgbouncer=true"
		"&socket_timeout=3&statement_cache_size=0&sslmode=prefer"
		"&sslaccept=accept_invalid_certs&sslidentity=/x"
		"&application_name=a"
		"&max_connection_lifetime=0&max_idle_connection_lifetime=9",
		"s", true,
		"connection_limit, pool_timeout, socket_timeout, "
		"statement_cache_size, sslaccept, sslidentity, "
		"max_connection_lifetime, max_idle_connection_lifetime" },
};

static void
words_of_prisma(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(prisma); i++) {
		struct database_url url;
		struct reason why;

		if (database_url_parse(&url, prisma[i].text, arena, &why) !=
			STATUS_OK)
			fail_msg("%s: %s", prisma[i].name, why.text);
		if (strcmp(url.schema, prisma[i].schema) != 0 ||
			url.is_pgbouncer != prisma[i].is_pgbouncer ||
			strcmp(url.dropped, prisma[i].dropped) != 0)
			fail_msg("%s: <%s> <%s>", prisma[i].name, url.schema,
				url.dropped);
		database_url_release(&url);
	}
	arena_close(&arena);
}

static const struct {
	const char *name;
	const char *text;
	const char *says;
} bad[] = {
	{ "another scheme", "mysql://app:" CANARY "@db/my",
		"no address of a PostgreSQL database" },
	{ "upper case", "POSTGRESQL://app:" CANARY "@db/my", "no address" },
	{ "just a word", CANARY, "no address" },
	{ "open bracket", "postgresql://app:" CANARY "@[::1/my", "no address" },
	{ "broken escape in the password",
		"postgresql://app:" CANARY "%zz@db/my", "no address" },
	{ "NUL in the password", "postgresql://app:" CANARY "%00@db/my",
		"no address" },
	{ "unknown parameter", "postgresql://app:" CANARY "@db/my?bogus=1",
		"unknown parameter \"bogus\"" },
	{ "what may be the end of a password",
		"postgresql://app:p@ss?" CANARY "=x@db/my", "write @ as %40" },
	{ "stricter than libpq would be", "postgresql://db/my?sslaccept=strict",
		"sslmode=verify-full" },
	{ "a port that is none", "postgresql://db:x/my", "no address" },
	{ "a port too large", "host=a,b port=5432,70000", "no address" },
	{ "another case", "postgresql://db/my?Schema=" CANARY,
		"unknown parameter \"Schema\"" },
	{ "parameter without a value",
		"postgresql://app:" CANARY "@db/my?schema", "without a value" },
	{ "schema with a broken escape",
		"postgresql://app:" CANARY "@db/my?schema=" CANARY "%zz",
		"schema" },
	{ "schema with a NUL", "postgresql://db/my?schema=" CANARY "%00",
		"schema" },
	{ "schema in Latin 1", "postgresql://db/my?schema=" CANARY "%f6",
		"schema" },
	{ "unknown keyword", "host=db password=" CANARY " bogus=1",
		"no address" },
	{ "Prisma's words in keywords", "host=db schema=" CANARY,
		"no address" },
	{ "open quote", "host=db password='" CANARY, "no address" },
	{ "keyword without a value", "host=db " CANARY, "no address" },
};

static void
refusals(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct database_url url;
		struct reason why = { "", "" };

		if (database_url_parse(&url, bad[i].text, arena, &why) !=
			STATUS_INVALID)
			fail_msg("%s: taken", bad[i].name);
		assert_string_equal(why.field, "MY500_DATABASE_URL");
		if (strstr(why.text, bad[i].says) == NULL ||
			strstr(why.text, CANARY) != NULL)
			fail_msg("%s: %s", bad[i].name, why.text);
		database_url_release(&url); /* does no harm */
	}
	arena_close(&arena);
}

static const struct {
	const char *name;
	const char *text;
	const char *words[4]; /* that are printed */
} printed[] = {
	{ "URL", "postgresql://app:" CANARY "@db:5433/my?schema=s",
		{ "user=app", "password=***", "host=db", "schema=s" } },
	{ "password as a parameter", "postgresql://db/my?password=" CANARY,
		{ "password=***", "host=db", "dbname=my" } },
	{ "password of a key", "postgresql://db/my?sslpassword=" CANARY,
		{ "sslpassword=***", "host=db" } },
	{ "keywords", "host=db password=" CANARY " sslpassword=" CANARY,
		{ "password=***", "sslpassword=***", "host=db" } },
	{ "encoded password", "postgresql://app:" CANARY "%40@h1,h2/my",
		{ "password=***", "host=h1,h2" } },
	{ "no password", "postgresql://app@db/my", { "user=app", "host=db" } },
};

static void
printing(void **state)
{
	struct arena *arena = arena_open();
	struct buffer out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(printed); i++) {
		struct database_url url;
		struct reason why;

		buffer_clear(&out, 4096);
		buffer_add_char(&out, ' ');
		assert_int_equal(
			database_url_parse(&url, printed[i].text, arena, &why),
			STATUS_OK);
		database_url_print(&url, &out);
		buffer_add(&out, " ", 2);
		for (size_t w = 0; w < 4 && printed[i].words[w] != NULL; w++)
			if (strstr(out.ptr,
				    arena_printf(arena, " %s ",
					    printed[i].words[w])) == NULL)
				fail_msg("%s:%s", printed[i].name, out.ptr);
		if (strstr(out.ptr, CANARY) != NULL ||
			strstr(out.ptr, "  ") != NULL)
			fail_msg("%s:%s", printed[i].name, out.ptr);
		database_url_release(&url);
	}
	buffer_close(&out);
	arena_close(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_of_libpq),
		cmocka_unit_test(words_of_prisma),
		cmocka_unit_test(refusals),
		cmocka_unit_test(printing),
	};

	return cmocka_run_group_tests_name("database_url", tests, NULL, NULL);
}
