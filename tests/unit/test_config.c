#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "my500/config.h"
#include "my500/config_file.h"
#include "my500/log.h"
#include "my500/slice.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define STRINGS_MAX  6
#define URL          "MY500_DATABASE_URL=postgresql://db/app"
#define SECRET       "MY500_JWT_SECRET=0123456789abcdef0123456789abcdef"

/* Nothing of this may stand in a message or in what is printed. */
#define CANARY "canary"

static char file_path[] = "/tmp/my500-config-XXXXXX";

static void
write_file(const char *text, size_t len)
{
	FILE *f = fopen(file_path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static int
make_file(void **state)
{
	int fd = mkstemp(file_path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int
remove_file(void **state)
{
	(void)state;
	return unlink(file_path);
}

/* The settings of `environment`, which must be good. */
static void
open_good(struct config *config, const char *path, const char **environment,
	const char *const *overrides)
{
	char *strings[STRINGS_MAX + 1] = { NULL };
	struct reason why = { "", "" };

	for (size_t i = 0; i < STRINGS_MAX && environment[i] != NULL; i++)
		strings[i] = strdup(environment[i]);
	if (config_open(config, path, strings, overrides, &why) != STATUS_OK)
		fail_msg("%s: %s", why.field, why.text);
	/* It must not borrow from the environment. */
	for (size_t i = 0; i < STRINGS_MAX; i++)
		free(strings[i]);
}

static void
names_of_the_contract(void **state)
{
	static const char *const contract[] = { "DATABASE_URL", "MEMCACHED",
		"LISTEN", "WORKERS", "JWT_SECRET", "JWT_SECRET_FILE",
		"JWT_PUBLIC_KEY_FILE", "JWT_ALGORITHMS", "JWT_ISSUER",
		"JWT_AUDIENCE", "JWT_LEEWAY", "JWT_USER_CLAIM", "USER_TTL",
		"PAGE_TTL", "DATABASE_TIMEOUT", "CACHE_TIMEOUT", "SLOW_QUERY",
		"SLOW_REQUEST", "MAX_REQUESTS", "MAX_RSS", "STOP_TIMEOUT",
		"LOG", "LOG_LEVEL", "INVALIDATION", "PREPARE", "LISTEN_URL",
		"ADMIN_LISTEN", "ADMIN_ALLOW", "BASE_PATH", "CORS_ORIGINS" };
	static const char *const names[] = {
#define TEXT(name, field, shown, initial, help)      name,
#define NUMBER(name, field, initial, min, max, help) name,
#define CHOICE(name, field, words, initial, help)    name,
#include "my500/config.def"
	};

	(void)state;
	assert_int_equal(COUNT(names), COUNT(contract));
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_memory_equal(names[i], "MY500_", 6);
		assert_string_equal(names[i] + 6, contract[i]);
	}
}

static void
defaults(void **state)
{
	const char *environment[] = { URL, SECRET, NULL };
	struct config c;

	(void)state;
	open_good(&c, NULL, environment, NULL);
	assert_string_equal(c.database_url, "postgresql://db/app");
	assert_string_equal(c.memcached, "127.0.0.1:11211");
	assert_string_equal(c.listen, "");
	assert_int_equal(c.workers, CONFIG_WORKERS_UNSET);
	assert_string_equal(c.jwt_key, "0123456789abcdef0123456789abcdef");
	assert_string_equal(c.jwt_public_key, "");
	assert_string_equal(c.jwt_algorithms, "");
	assert_int_equal(c.jwt_leeway_s, 30);
	assert_string_equal(c.jwt_user_claim, "userId,sub,id");
	assert_int_equal(c.user_ttl_s, 600);
	assert_int_equal(c.page_ttl_s, 300);
	assert_int_equal(c.database_timeout_ms, 5000);
	assert_int_equal(c.cache_timeout_ms, 50);
	assert_int_equal(c.slow_query_ms, 100);
	assert_int_equal(c.slow_request_ms, 2000);
	assert_int_equal(c.max_requests, 0);
	assert_int_equal(c.log_target, LOG_TARGET_STDERR);
	assert_int_equal(c.log_level, LOG_LEVEL_INFO);
	assert_int_equal(c.invalidation, INVALIDATION_NOTIFY);
	assert_int_equal(c.prepare, PREPARE_ON);
	assert_string_equal(c.admin_allow, "127.0.0.0/8,::1");
	assert_string_equal(c.base_path, "");
	config_close(&c);
	config_close(&c); /* a second time does no harm */
}

/* Where MY500_BASE_PATH comes from when several layers set it. */
static void
precedence(void **state)
{
	static const struct {
		const char *name;
		const char *file, *environment, *override;
		const char *want;
		bool given;
	} cases[] = {
		{ "nobody", "", "", NULL, "", false },
		{ "file", "MY500_BASE_PATH=/f", "", NULL, "/f", true },
		{ "environment over file", "MY500_BASE_PATH=/f",
			"MY500_BASE_PATH=/e", NULL, "/e", true },
		{ "command line over environment", "", "MY500_BASE_PATH=/e",
			"MY500_BASE_PATH=/c", "/c", true },
		{ "command line over file", "MY500_BASE_PATH=/f", "",
			"MY500_BASE_PATH=/c", "/c", true },
		{ "empty unsets what the file set", "MY500_BASE_PATH=/f",
			"MY500_BASE_PATH=", NULL, "", false },
		{ "no equals sign: not a setting", "", "MY500_BASE_PATHS", NULL,
			"", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *environment[] = { URL, SECRET, cases[i].environment,
			NULL };
		const char *overrides[] = { cases[i].override, NULL };
		struct config c;

		write_file(cases[i].file, strlen(cases[i].file));
		open_good(&c, file_path, environment, overrides);
		if (strcmp(c.base_path, cases[i].want) != 0 ||
			config_is_given(&c, "MY500_BASE_PATH") !=
				cases[i].given)
			fail_msg("%s: got \"%s\"", cases[i].name, c.base_path);
		config_close(&c);
	}
}

static void
address_of_the_database(void **state)
{
	static const struct {
		const char *name;
		const char *file, *first, *second;
		const char *want;
	} cases[] = {
		{ "the app's", "", "DATABASE_URL=app", "OTHER=x", "app" },
		{ "ours before the app's", "", "DATABASE_URL=app",
			"MY500_DATABASE_URL=ours", "ours" },
		{ "ours in the file before the app's in the environment",
			"MY500_DATABASE_URL=ours", "DATABASE_URL=app",
			"OTHER=x", "ours" },
		{ "the app's from the file", "DATABASE_URL='app'", "OTHER=x",
			"", "app" },
		{ "environment over file", "DATABASE_URL=file",
			"DATABASE_URL=app", "", "app" },
		{ "ours empty", "", "MY500_DATABASE_URL=", "DATABASE_URL=app",
			"app" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *environment[] = { SECRET, cases[i].first,
			cases[i].second, NULL };
		struct config c;

		write_file(cases[i].file, strlen(cases[i].file));
		open_good(&c, file_path, environment, NULL);
		if (strcmp(c.database_url, cases[i].want) != 0)
			fail_msg("%s: got %s", cases[i].name, c.database_url);
		assert_true(config_is_given(&c, "MY500_DATABASE_URL"));
		config_close(&c);
	}
}

static void
syntax_of_the_file(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *want; /* of MY500_JWT_ISSUER */
	} cases[] = {
		{ "plain", "MY500_JWT_ISSUER=me\n", "me" },
		{ "no newline at the end", "MY500_JWT_ISSUER=me", "me" },
		{ "CRLF", "\r\nMY500_JWT_ISSUER=me\r\n", "me" },
		{ "comments and blank lines",
			"# a\n\n  # b\nMY500_JWT_ISSUER=me", "me" },
		{ "a comment that looks like a setting",
			"#MY500_JWT_ISSUER=me\n", "" },
		{ "blanks around both", "\t MY500_JWT_ISSUER =  me \t\n",
			"me" },
		{ "equals signs in the value",
			"MY500_JWT_ISSUER=a=b=", "a=b=" },
		{ "a # in the value", "MY500_JWT_ISSUER=a #b", "a #b" },
		{ "double quotes", "MY500_JWT_ISSUER=\" me \"", " me " },
		{ "single quotes", "MY500_JWT_ISSUER=' me '", " me " },
		{ "quotes in quotes", "MY500_JWT_ISSUER='\"me\"'", "\"me\"" },
		{ "a quote inside", "MY500_JWT_ISSUER=it's", "it's" },
		{ "nothing in quotes", "MY500_JWT_ISSUER=\"\"", "" },
		{ "nothing", "MY500_JWT_ISSUER=", "" },
		{ "UTF-8", "MY500_JWT_ISSUER=J\xc3\xb6rg", "J\xc3\xb6rg" },
	};
	const char *environment[] = { URL, SECRET, NULL };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config c;

		write_file(cases[i].text, strlen(cases[i].text));
		open_good(&c, file_path, environment, NULL);
		if (strcmp(c.jwt_issuer, cases[i].want) != 0)
			fail_msg("%s: got <%s>", cases[i].name, c.jwt_issuer);
		config_close(&c);
	}
}

/* A refusal names its setting and says where it stands, without the value. */
static const struct {
	const char *setting;
	const char *field, *says;
} bad_environments[] = {
	{ "MY500_BASE_PAHT=" CANARY, "configuration",
		"MY500_BASE_PAHT is no setting; did you mean "
		"MY500_BASE_PATH? (environment)" },
	{ "MY500_PAGE_TTL_S=1", "configuration",
		"did you mean MY500_PAGE_TTL?" },
	{ "MY500_FASTER=" CANARY, "configuration",
		"MY500_FASTER is no setting (environment)" },
	{ "MY500_=x", "configuration", "MY500_ is no setting" },
	{ "MY500_LOG\n=x", "configuration", "have a place here" },
	{ "MY500_WORKERS=-1", "MY500_WORKERS",
		"must be a whole number from 0 to 1024 (environment)" },
	{ "MY500_WORKERS=1025", "MY500_WORKERS", "0 to 1024" },
	{ "MY500_WORKERS=" CANARY, "MY500_WORKERS", "0 to 1024" },
	{ "MY500_WORKERS=1 ", "MY500_WORKERS", "0 to 1024" },
	{ "MY500_WORKERS=1.5", "MY500_WORKERS", "0 to 1024" },
	{ "MY500_USER_TTL=0", "MY500_USER_TTL", "1 to 2592000" },
	{ "MY500_USER_TTL=2592001", "MY500_USER_TTL", "1 to 2592000" },
	{ "MY500_SLOW_QUERY=99999999999999999999", "MY500_SLOW_QUERY",
		"0 to 600000" },
	{ "MY500_PREPARE=yes", "MY500_PREPARE", "one of off|on" },
	{ "MY500_PREPARE=ON", "MY500_PREPARE", "one of off|on" },
	{ "MY500_LOG_LEVEL=warn", "MY500_LOG_LEVEL",
		"debug|info|warning|error" },
	{ "MY500_LOG=stderr|syslog", "MY500_LOG", "must be one of" },
	{ "MY500_BASE_PATH=/" CANARY "\n", "MY500_BASE_PATH",
		"control character (environment)" },
	{ "MY500_JWT_ISSUER=\x7f", "MY500_JWT_ISSUER", "control" },
	{ "MY500_BASE_PATH=/twice", "MY500_BASE_PATH", "set twice" },
	{ "MY500_JWT_SECRET_FILE=/" CANARY, "MY500_JWT_SECRET_FILE",
		"together with MY500_JWT_SECRET" },
};

static void
refusals_in_the_environment(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad_environments); i++) {
		char url[] = URL, secret[] = SECRET,
		     base[] = "MY500_BASE_PATH=";
		char *setting = strdup(bad_environments[i].setting);
		char *environment[] = { url, secret, setting, base, NULL };
		struct config c;
		struct reason why;

		if (strstr(setting, "twice") == NULL)
			environment[3] = NULL;
		if (config_open(&c, NULL, environment, NULL, &why) !=
			STATUS_INVALID)
			fail_msg("%s: taken", bad_environments[i].setting);
		if (strcmp(why.field, bad_environments[i].field) != 0 ||
			strstr(why.text, bad_environments[i].says) == NULL ||
			strstr(why.text, CANARY) != NULL)
			fail_msg("%s: got %s: %s", bad_environments[i].setting,
				why.field, why.text);
		free(setting);
	}
}

static void
refusals_in_the_file(void **state)
{
	static const struct {
		const char *text;
		const char *field, *says;
	} cases[] = {
		{ "\n\nMY500_WORKERS=many", "MY500_WORKERS", "line 3)" },
		{ "MY500_WORKER=2", "configuration",
			"did you mean MY500_WORKERS?" },
		{ CANARY "=x", "configuration", "have a place here" },
		{ "export MY500_WORKERS=2", "configuration", "place here" },
		{ "=x", "configuration", "line 1)" },
		{ "\n" CANARY, "configuration", "neither NAME=value" },
		{ "MY500_BASE_PATH=\"" CANARY, "configuration",
			"quote without its end" },
		{ "MY500_BASE_PATH='", "configuration", "quote" },
		{ "MY500_LOG=stderr\n#\nMY500_LOG=stderr", "MY500_LOG",
			"is set twice (" },
		{ "MY500_LOG=\nMY500_LOG=", "MY500_LOG", "line 2)" },
		{ "DATABASE_URL=a\nDATABASE_URL=b", "DATABASE_URL", "twice" },
		{ "MY500_BASE_PATH=a\tb", "MY500_BASE_PATH", "line 1)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char url[] = URL, secret[] = SECRET;
		char *environment[] = { url, secret, NULL };
		struct config c;
		struct reason why;

		write_file(cases[i].text, strlen(cases[i].text));
		if (config_open(&c, file_path, environment, NULL, &why) !=
			STATUS_INVALID)
			fail_msg("%s: taken", cases[i].text);
		if (strcmp(why.field, cases[i].field) != 0 ||
			strstr(why.text, cases[i].says) == NULL ||
			strstr(why.text, file_path) == NULL ||
			strstr(why.text, CANARY) != NULL)
			fail_msg("%s: got %s: %s", cases[i].text, why.field,
				why.text);
	}
}

static void
what_is_required(void **state)
{
	static const struct {
		const char *first, *second;
		const char *field, *says;
	} cases[] = {
		{ SECRET, "OTHER=x", "MY500_DATABASE_URL", "or DATABASE_URL" },
		{ SECRET, "DATABASE_URL=", "MY500_DATABASE_URL", "set it" },
		{ URL, "OTHER=x", "MY500_JWT_SECRET",
			"MY500_JWT_SECRET_FILE, or MY500_JWT_PUBLIC_KEY_FILE" },
		{ URL, "MY500_JWT_SECRET=", "MY500_JWT_SECRET", "set it" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *overrides[] = { cases[i].first, cases[i].second,
			NULL };
		struct config c;
		struct reason why;

		assert_int_equal(config_open(&c, NULL, NULL, overrides, &why),
			STATUS_INVALID);
		assert_string_equal(why.field, cases[i].field);
		assert_non_null(strstr(why.text, cases[i].says));
	}
}

static void
edges_of_the_ranges(void **state)
{
	static const struct {
		const char *name;
		int64_t min, max;
	} numbers[] = {
#define NUMBER(name, field, initial, min, max, help) { name, min, max },
#include "my500/config.def"
	};

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++)
		for (int64_t d = -1; d <= 1; d++) {
			bool in_low = d >= 0, in_high = d <= 0;
			char low[80], high[80];
			const char *with_low[] = { URL, SECRET, low, NULL };
			const char *with_high[] = { URL, SECRET, high, NULL };
			struct config c;
			struct reason why;

			snprintf(low, sizeof(low), "%s=%lld", numbers[i].name,
				(long long)(numbers[i].min + d));
			snprintf(high, sizeof(high), "%s=%lld", numbers[i].name,
				(long long)(numbers[i].max + d));
			assert_int_equal(config_open(&c, NULL, NULL, with_low,
						 &why) == STATUS_OK,
				in_low);
			config_close(&c);
			assert_int_equal(config_open(&c, NULL, NULL, with_high,
						 &why) == STATUS_OK,
				in_high);
			config_close(&c);
		}
}

/* The words must stand in the order of the enums that name them. */
static void
choices_in_the_order_of_their_enums(void **state)
{
	const char *environment[] = { URL, SECRET, "MY500_LOG=syslog",
		"MY500_LOG_LEVEL=error", "MY500_PREPARE=off",
		"MY500_INVALIDATION=ttl", NULL };
	const char *overrides[] = { "MY500_LOG_LEVEL=debug", NULL };
	struct config c;

	(void)state;
	open_good(&c, NULL, environment, NULL);
	assert_int_equal(c.log_target, LOG_TARGET_SYSLOG);
	assert_int_equal(c.log_level, LOG_LEVEL_ERROR);
	assert_int_equal(c.prepare, PREPARE_OFF);
	assert_int_equal(c.invalidation, INVALIDATION_TTL);
	config_close(&c);
	open_good(&c, NULL, environment, overrides);
	assert_int_equal(c.log_level, LOG_LEVEL_DEBUG);
	config_close(&c);
}

/* Empty is unset, but where "none" is a value of its own. */
static void
empty_values(void **state)
{
	const char *environment[] = { URL, SECRET,
		"MY500_MEMCACHED=", "MY500_ADMIN_ALLOW=",
		"MY500_JWT_USER_CLAIM=", "MY500_WORKERS=", NULL };
	const char *overrides[] = { "MY500_LOG=", NULL };
	struct config c;

	(void)state;
	open_good(&c, NULL, environment, overrides);
	assert_string_equal(c.memcached, "");
	assert_true(config_is_given(&c, "MY500_MEMCACHED"));
	assert_string_equal(c.admin_allow, "");
	assert_string_equal(c.jwt_user_claim, "userId,sub,id");
	assert_false(config_is_given(&c, "MY500_JWT_USER_CLAIM"));
	assert_int_equal(c.workers, CONFIG_WORKERS_UNSET);
	assert_false(config_is_given(&c, "MY500_WORKERS"));
	assert_int_equal(c.log_target, LOG_TARGET_STDERR);
	assert_false(config_is_given(&c, "MY500_NONSENSE"));
	config_close(&c);
}

static void
key_files(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		size_t len;
		const char *want; /* NULL: refused */
	} cases[] = {
		{ "plain", CANARY, 6, CANARY },
		{ "one newline is dropped", CANARY "\n", 7, CANARY },
		{ "CRLF is dropped", CANARY "\r\n", 8, CANARY },
		{ "only one is dropped", CANARY "\n\n", 8, CANARY "\n" },
		{ "blanks stay", " " CANARY " ", 8, " " CANARY " " },
		{ "empty", "", 0, NULL },
		{ "only a newline", "\n", 1, NULL },
		{ "a NUL", CANARY "\0x", 8, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char setting[80];
		const char *overrides[] = { URL, setting, NULL };
		struct config c;
		struct reason why;
		enum status st;

		write_file(cases[i].text, cases[i].len);
		snprintf(setting, sizeof(setting), "MY500_JWT_SECRET_FILE=%s",
			file_path);
		st = config_open(&c, NULL, NULL, overrides, &why);
		if ((st == STATUS_OK) != (cases[i].want != NULL))
			fail_msg("%s: status %d", cases[i].name, (int)st);
		if (st == STATUS_OK) {
			assert_string_equal(c.jwt_key, cases[i].want);
			assert_string_equal(c.jwt_secret, "");
		} else {
			assert_string_equal(why.field, "MY500_JWT_SECRET_FILE");
			assert_null(strstr(why.text, CANARY));
		}
		config_close(&c);
	}
}

static void
public_key_with_and_without_a_secret(void **state)
{
	char setting[80];
	const char *environment[] = { URL, setting, NULL };
	const char *overrides[] = { SECRET, NULL };
	struct config c;

	(void)state;
	write_file("-----BEGIN\nx\n-----END\n", 22);
	snprintf(setting, sizeof(setting), "MY500_JWT_PUBLIC_KEY_FILE=%s",
		file_path);
	open_good(&c, NULL, environment, NULL);
	assert_string_equal(c.jwt_public_key, "-----BEGIN\nx\n-----END");
	assert_string_equal(c.jwt_key, "");
	config_close(&c);
	open_good(&c, NULL, environment, overrides);
	assert_int_equal(strlen(c.jwt_key), 32);
	assert_int_not_equal(strlen(c.jwt_public_key), 0);
	config_close(&c);
}

/* The reason why `path` can not be read: as configuration, and as a secret. */
static void
assert_unreadable(const char *path, const char *says)
{
	char setting[120];
	const char *overrides[] = { URL, setting, NULL };
	struct config c;
	struct reason why;

	assert_int_equal(
		config_open(&c, path, NULL, NULL, &why), STATUS_INVALID);
	assert_string_equal(why.field, "--config");
	if (strstr(why.text, says) == NULL || strstr(why.text, path) == NULL)
		fail_msg("%s: got %s", path, why.text);
	snprintf(setting, sizeof(setting), "MY500_JWT_SECRET_FILE=%s", path);
	assert_int_equal(
		config_open(&c, NULL, NULL, overrides, &why), STATUS_INVALID);
	assert_string_equal(why.field, "MY500_JWT_SECRET_FILE");
	if (strstr(why.text, says) == NULL)
		fail_msg("%s: got %s", path, why.text);
	/* A relative path may be the secret itself, put there by mistake. */
	assert_int_equal(strstr(why.text, path) != NULL, path[0] == '/');
}

static void
unreadable_files(void **state)
{
	static char huge[CONFIG_FILE_BYTES_MAX + 1];
	uid_t user = geteuid();

	(void)state;
	assert_unreadable("/nonexistent/my500.conf", "there is no such file");
	assert_unreadable(CANARY, "there is no such file");
	assert_unreadable("/tmp", "is a directory");
	memset(huge, '#', sizeof(huge));
	write_file(huge, sizeof(huge));
	assert_unreadable(file_path, "is larger than 65536 bytes");
	assert_unreadable("/dev/zero", "is larger than 65536 bytes");
	assert_int_equal(chmod(file_path, 0), 0);
	if (user == 0) /* root may read all files; nobody may not */
		assert_int_equal(seteuid(65534), 0);
	assert_unreadable(file_path, "may not read it");
	if (user == 0)
		assert_int_equal(seteuid(user), 0);
	assert_int_equal(chmod(file_path, 0600), 0);
}

static void
largest_file(void **state)
{
	static char text[CONFIG_FILE_BYTES_MAX];
	const char *environment[] = { URL, SECRET, NULL };
	struct config c;

	(void)state;
	memset(text, '#', sizeof(text));
	write_file(text, sizeof(text));
	open_good(&c, file_path, environment, NULL);
	config_close(&c);
}

/* What is printed, read again as a file, is printed the same. */
static void
printing(void **state)
{
	static const char *const lines[] = { "MY500_MEMCACHED=",
		"MY500_WORKERS=", "MY500_JWT_SECRET=***",
		"MY500_JWT_ISSUER=\" a \"", "MY500_JWT_AUDIENCE='\"b\"'",
		"MY500_JWT_LEEWAY=30", "MY500_LOG=stderr",
		"MY500_LOG_LEVEL=info", "MY500_PREPARE=on" };
	const char *environment[] = { "DATABASE_URL=" CANARY,
		"MY500_LISTEN_URL=" CANARY, "MY500_JWT_SECRET=" CANARY,
		"MY500_MEMCACHED=", "MY500_JWT_ISSUER= a ",
		"MY500_JWT_AUDIENCE=\"b\"", NULL };
	const char *again[] = { "DATABASE_URL=x", NULL };
	struct buffer out = { 0 }, second = { 0 };
	struct config c;

	(void)state;
	open_good(&c, NULL, environment, NULL);
	config_print(&c, &out);
	config_close(&c);
	write_file(out.ptr, out.len);
	buffer_add_char(&out, '\0');
	assert_null(strstr(out.ptr, CANARY));
	assert_null(strstr(out.ptr, "_URL"));
	for (size_t i = 0; i < COUNT(lines); i++)
		if (strstr(out.ptr, lines[i]) == NULL)
			fail_msg("%s is not in:\n%s", lines[i], out.ptr);
	open_good(&c, file_path, again, NULL);
	config_print(&c, &second);
	buffer_add_char(&second, '\0');
	assert_string_equal(out.ptr, second.ptr);
	config_close(&c);
	buffer_close(&out);
	buffer_close(&second);
}

static void
an_unset_secret_is_printed_as_nothing(void **state)
{
	char setting[80];
	const char *overrides[] = { URL, setting, NULL };
	struct buffer out = { 0 };
	struct config c;
	struct reason why;

	(void)state;
	write_file(CANARY, 6);
	snprintf(setting, sizeof(setting), "MY500_JWT_SECRET_FILE=%s",
		file_path);
	assert_int_equal(
		config_open(&c, NULL, NULL, overrides, &why), STATUS_OK);
	config_print(&c, &out);
	buffer_add_char(&out, '\0');
	assert_non_null(strstr(out.ptr, "MY500_JWT_SECRET=\n"));
	assert_non_null(strstr(out.ptr, setting));
	assert_null(strstr(out.ptr, CANARY));
	buffer_close(&out);
	config_close(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_the_contract),
		cmocka_unit_test(defaults),
		cmocka_unit_test(precedence),
		cmocka_unit_test(address_of_the_database),
		cmocka_unit_test(syntax_of_the_file),
		cmocka_unit_test(refusals_in_the_environment),
		cmocka_unit_test(refusals_in_the_file),
		cmocka_unit_test(what_is_required),
		cmocka_unit_test(edges_of_the_ranges),
		cmocka_unit_test(choices_in_the_order_of_their_enums),
		cmocka_unit_test(empty_values),
		cmocka_unit_test(key_files),
		cmocka_unit_test(public_key_with_and_without_a_secret),
		cmocka_unit_test(unreadable_files),
		cmocka_unit_test(largest_file),
		cmocka_unit_test(printing),
		cmocka_unit_test(an_unset_secret_is_printed_as_nothing),
	};

	return cmocka_run_group_tests_name(
		"config", tests, make_file, remove_file);
}
