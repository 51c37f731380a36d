#include "config.h"

#include <assert.h>
#include <libpq-fe.h>
#include <string.h>

#include "my500/buffer.h"
#include "my500/connection.h"
#include "my500/database_url.h"
#include "my500/session.h"

#define KEYWORDS_MAX 80

/*
 * The session that our statements count on: read only; one snapshot for a
 * whole pipeline, for its statements share one implicit transaction; generic
 * plans, since the planner would weigh LIMIT and OFFSET anew each time
 * (200 us).  PgBouncer refuses `options`: there connection.c opens each
 * transaction with the same.
 */
static void
add_session_options(struct buffer *out,
	const struct connection_options *options, const char *given)
{
	if (given != NULL)
		buffer_printf(out, "%s ", given);
	if (!options->is_prepared)
		return;
	buffer_printf(out,
		"-c statement_timeout=%lld"
		" -c default_transaction_read_only=on"
		" -c default_transaction_isolation=repeatable\\ read"
		" -c plan_cache_mode=force_generic_plan"
		" -c jit=off -c max_parallel_workers_per_gather=0",
		(long long)options->statement_timeout_ms);
	/* Keepalives have no effect on a unix socket.  Rows that are hidden are
	 * an error: who listens must miss nothing. */
	if (options->is_listener)
		buffer_add_text(out,
			" -c row_security=off -c tcp_keepalives_idle=1"
			" -c tcp_keepalives_interval=1"
			" -c tcp_keepalives_count=2 -c tcp_user_timeout=3000");
	if (*options->url->schema == '\0')
		return;
	buffer_add_text(out, " -c search_path=\"");
	for (const char *c = options->url->schema; *c != '\0'; c++) {
		if (*c == '"') /* doubled in an SQL identifier */
			buffer_add_char(out, '"');
		if (*c == ' ' || *c == '\\')
			buffer_add_char(out, '\\');
		buffer_add_char(out, *c);
	}
	buffer_add_char(out, '"');
}

/*
 * Adds a list with its first `places` entries put last, and a NUL.
 * PQconnectPoll() goes on to the next host when one refuses, never when it is
 * silent (that is connect_timeout, which only PQconnectdb() minds): so the next
 * attempt begins with the next host.
 */
static const char *
rotate(struct buffer *out, const char *list, int places)
{
	struct slice rest = slice_of(list), part;

	for (int i = 0; i < places; i++) {
		(void)slice_split(&rest, ',', &part);
		if (rest.ptr == NULL)
			rest = slice_of(list);
	}
	buffer_add_slice(out, rest);
	if (rest.ptr != list) {
		buffer_add_char(out, ',');
		buffer_add(out, list, (size_t)(rest.ptr - list) - 1);
	}
	buffer_add_char(out, '\0');
	return out->ptr;
}

static bool
is_list(const char *keyword)
{
	return strcmp(keyword, "host") == 0 ||
		strcmp(keyword, "hostaddr") == 0 ||
		strcmp(keyword, "port") == 0;
}

PGconn *
session_start(const struct connection_options *options)
{
	const char *keywords[KEYWORDS_MAX], *values[KEYWORDS_MAX];
	struct buffer session = { NULL, 0, 0 }, lists[3] = { { NULL, 0, 0 } };
	const char *given = NULL;
	PGconn *pg;
	int n = 0, lists_used = 0;

	for (PQconninfoOption *o = options->url->options; o->keyword; o++) {
		assert(n < KEYWORDS_MAX - 4);
		if (strcmp(o->keyword, "options") == 0) {
			given = o->val;
		} else if (o->val != NULL) {
			keywords[n] = o->keyword;
			values[n++] = is_list(o->keyword)
				? rotate(&lists[lists_used++], o->val,
					  options->first_host)
				: o->val;
		}
	}
	add_session_options(&session, options, given);
	buffer_add_char(&session, '\0');
	keywords[n] = "options";
	values[n++] = session.ptr;
	keywords[n] = "fallback_application_name";
	values[n++] = "my500";
	keywords[n] = "client_encoding";
	values[n++] = "UTF8";
	keywords[n] = values[n] = NULL;
	pg = PQconnectStartParams(keywords, values, 0);
	buffer_close(&session);
	while (lists_used > 0)
		buffer_close(&lists[--lists_used]);
	return pg;
}
