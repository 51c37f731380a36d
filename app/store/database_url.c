#include "config.h"

#include <libpq-fe.h>
#include <string.h>

#include "my500/database_url.h"
#include "my500/percent.h"

#define SETTING "MY500_DATABASE_URL"

/* Parameters of Prisma's that speak of its own pool and engine. */
static const char *const prisma_only[] = { "connection_limit", "pool_timeout",
	"socket_timeout", "statement_cache_size", "sslaccept", "sslidentity",
	"max_connection_lifetime", "max_idle_connection_lifetime" };

static bool
is_prisma_only(struct slice name)
{
	for (size_t i = 0; i < sizeof(prisma_only) / sizeof(*prisma_only); i++)
		if (slice_equals_text(name, prisma_only[i]))
			return true;
	return false;
}

static bool
is_libpq_keyword(struct slice name)
{
	PQconninfoOption *known = PQconndefaults();
	bool is_known = slice_equals_text(name, "ssl"); /* JDBC's, taken too */

	for (PQconninfoOption *o = known; o != NULL && o->keyword != NULL; o++)
		is_known = is_known || slice_equals_text(name, o->keyword);
	PQconninfoFree(known);
	return is_known;
}

/* Keeps `parameter` for libpq in `kept`, or notes what it means to us. */
static enum status
read_parameter(struct database_url *url, struct slice parameter,
	struct buffer *kept, struct arena *arena, struct reason *why)
{
	struct slice value = parameter, name, decoded;

	if (!slice_split(&value, '=', &name) || value.ptr == NULL)
		return status_refuse(why, SETTING,
			"has a query parameter without a value; expected "
			"?name=value&name=value");
	if (slice_equals_text(parameter, "sslaccept=strict"))
		return status_refuse(why, SETTING,
			"has Prisma's sslaccept=strict, which libpq does not "
			"know; write sslmode=verify-full and sslrootcert=FILE");
	if (slice_equals_text(name, "schema")) {
		if (percent_decode(value, PERCENT_PLUS_LITERAL, arena,
			    &decoded) != STATUS_OK)
			return status_refuse(why, SETTING,
				"has a schema that is not well encoded");
		url->schema = decoded.ptr;
	} else if (slice_equals_text(name, "pgbouncer")) {
		url->is_pgbouncer = slice_equals_text(value, "true");
	} else if (is_prisma_only(name)) {
		url->dropped = arena_printf(arena, "%s%s%.*s", url->dropped,
			*url->dropped == '\0' ? "" : ", ", (int)name.len,
			name.ptr);
	} else if (!is_libpq_keyword(name)) {
		return status_refuse(why, SETTING,
			"has an unknown parameter \"%.*s\"; expected those of "
			"libpq or Prisma",
			(int)(name.len < 40 ? name.len : 40), name.ptr);
	} else {
		buffer_add_char(kept, kept->len == 0 ? '?' : '&');
		buffer_add_slice(kept, parameter);
	}
	return STATUS_OK;
}

/*
 * Cuts "scheme://user:password@hosts/database" off the front; what is left is
 * the query part.  As libpq has it, a question mark within the password is
 * part of the password.
 */
static struct slice
cut_base(struct slice *rest)
{
	struct slice base = *rest, part;
	size_t scheme = (size_t)(strstr(rest->ptr, "//") - rest->ptr) + 2;
	size_t user = scheme + strcspn(rest->ptr + scheme, "@/");

	if (user < rest->len && rest->ptr[user] == '@')
		scheme = user;
	*rest = (struct slice){ rest->ptr + scheme, rest->len - scheme };
	(void)slice_split(rest, '?', &part);
	base.len = scheme + part.len;
	return base;
}

/* Writes `text` without what only Prisma understands. */
static enum status
filter_parameters(struct database_url *url, const char *text,
	struct arena *arena, const char **filtered, struct reason *why)
{
	struct slice rest = slice_of(text), base, parameter;
	struct buffer kept = { NULL, 0, 0 };
	enum status st = STATUS_OK;
	bool is_doubtful;

	*filtered = text;
	if (strncmp(text, "postgres://", 11) != 0 &&
		strncmp(text, "postgresql://", 13) != 0)
		return STATUS_OK;
	base = cut_base(&rest);
	is_doubtful = rest.ptr != NULL && memchr(rest.ptr, '@', rest.len);
	while (st == STATUS_OK && slice_split(&rest, '&', &parameter))
		if (parameter.len > 0)
			st = read_parameter(url, parameter, &kept, arena, why);
	if (st != STATUS_OK && is_doubtful) /* never quote what may be one */
		st = status_refuse(why, SETTING,
			"has an @ behind a question mark; in a password write "
			"@ as %%40 and ? as %%3F");
	*filtered = arena_printf(arena, "%.*s%.*s", (int)base.len, base.ptr,
		(int)kept.len, kept.len == 0 ? "" : kept.ptr);
	buffer_close(&kept);
	return st;
}

/* libpq would tell only when it connects. */
static bool
has_good_ports(const PQconninfoOption *options)
{
	struct slice rest = { NULL, 0 }, port;
	int64_t number;

	for (; options->keyword != NULL; options++)
		if (strcmp(options->keyword, "port") == 0)
			rest = slice_of(options->val);
	while (slice_split(&rest, ',', &port))
		if (port.len > 0 && !slice_parse_int(port, 1, 65535, &number))
			return false;
	return true;
}

enum status
database_url_parse(struct database_url *url, const char *text,
	struct arena *arena, struct reason *why)
{
	const char *filtered;
	char *error = NULL;
	enum status st;

	*url = (struct database_url){ NULL, "", false, "" };
	st = filter_parameters(url, text, arena, &filtered, why);
	if (st != STATUS_OK)
		return st;
	url->options = PQconninfoParse(filtered, &error);
	PQfreemem(error); /* may quote the password */
	if (url->options == NULL || !has_good_ports(url->options)) {
		database_url_release(url);
		return status_refuse(why, SETTING,
			"is no address of a PostgreSQL database; expected "
			"postgresql://user:password@host:5432/database or "
			"\"host=... dbname=...\"");
	}
	return STATUS_OK;
}

void
database_url_release(struct database_url *url)
{
	PQconninfoFree(url->options);
	url->options = NULL;
}

void
database_url_print(const struct database_url *url, struct buffer *out)
{
	const char *blank = "";

	for (const PQconninfoOption *o = url->options; o->keyword; o++) {
		if (o->val == NULL)
			continue;
		buffer_printf(out, "%s%s=%s", blank, o->keyword,
			o->dispchar[0] == '*' ? "***" : o->val);
		blank = " ";
	}
	if (*url->schema != '\0')
		buffer_printf(out, "%sschema=%s", blank, url->schema);
}
