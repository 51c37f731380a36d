#include "config.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "my500/clock.h"
#include "my500/connection.h"
#include "my500/database_url.h"
#include "my500/log.h"
#include "my500/memory.h"
#include "my500/session.h"
#include "my500/signals.h"

struct connection {
	PGconn *pg;
	const struct connection_options *options; /* outlive it */
};

/* Waits for the socket; true when it is ready before the deadline. */
static bool
wait_for(PGconn *pg, short events, int64_t deadline_us)
{
	struct pollfd set = { .fd = PQsocket(pg), .events = events };
	int ready;

	do
		ready = poll(&set, 1, clock_left_ms(deadline_us));
	while (ready < 0 && errno == EINTR);
	return ready > 0;
}

/* The first line of libpq's message, which may have several. */
static struct slice
first_line(const char *message)
{
	struct slice rest = slice_of(message), line = rest;

	(void)slice_split(&rest, '\n', &line);
	return line;
}

static enum attempt
lost(const char *event, const char *message)
{
	log_repeated(LOG_LEVEL_WARNING, event,
		log_slice("error", first_line(message)));
	return ATTEMPT_LOST;
}

static enum attempt
timed_out(const char *doing)
{
	log_repeated(LOG_LEVEL_WARNING, "database_timeout",
		log_text("doing", doing));
	return ATTEMPT_TIMEOUT;
}

/* Sends what libpq holds back, reading meanwhile so that neither side blocks
 * (PQflush in the manual, 34.4). */
static enum attempt
flush(PGconn *pg, int64_t deadline_us)
{
	int left;

	while ((left = PQflush(pg)) > 0) {
		if (!wait_for(pg, POLLIN | POLLOUT, deadline_us))
			return timed_out("send");
		if (!PQconsumeInput(pg))
			return lost("database_lost", PQerrorMessage(pg));
	}
	return left < 0 ? lost("database_lost", PQerrorMessage(pg))
			: ATTEMPT_DONE;
}

static enum attempt
next_result(PGconn *pg, int64_t deadline_us, PGresult **result)
{
	while (PQisBusy(pg)) {
		if (!wait_for(pg, POLLIN, deadline_us))
			return timed_out("wait");
		/* PQstatus() may still say OK: this is the truth */
		if (!PQconsumeInput(pg))
			return lost("database_lost", PQerrorMessage(pg));
	}
	*result = PQgetResult(pg);
	return ATTEMPT_DONE;
}

/*
 * What an error of the server means, by its SQLSTATE (manual, appendix A):
 * whether a new connection may do better, or time ran out, or it is for good.
 */
static enum attempt
judge(const char *sqlstate)
{
	static const struct {
		const char *prefix;
		enum attempt attempt;
	} rows[] = {
		{ "08", ATTEMPT_LOST },       /* connection exception */
		{ "57P", ATTEMPT_LOST },      /* shutdown, crash, starting up */
		{ "40", ATTEMPT_LOST },       /* serialization, on a standby */
		{ "26000", ATTEMPT_LOST },    /* prepared statement vanished */
		{ "0A000", ATTEMPT_STALE },   /* plan's result type changed,
						 or not supported at all */
		{ "53", ATTEMPT_LOST },       /* out of memory, connections */
		{ "57014", ATTEMPT_TIMEOUT }, /* statement_timeout */
		{ "22P05", ATTEMPT_INVALID }, /* untranslatable character */
	};

	if (sqlstate == NULL)
		return ATTEMPT_LOST;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncmp(sqlstate, rows[i].prefix, strlen(rows[i].prefix)) ==
			0)
			return rows[i].attempt;
	return ATTEMPT_REFUSED;
}

static enum attempt
refused(const PGresult *result, const char *statement)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (judge(sqlstate) != ATTEMPT_INVALID) /* its words quote a user's */
		log_repeated(LOG_LEVEL_WARNING, "database_error",
			log_text("statement", statement),
			log_text("sqlstate", sqlstate == NULL ? "" : sqlstate),
			log_slice("error",
				first_line(PQresultErrorMessage(result))));
	return judge(sqlstate);
}

/* Takes one statement's results off the pipeline: its answer and the NULL that
 * ends it. */
static enum attempt
take_answer(PGconn *pg, ExecStatusType wanted, const char *statement,
	int64_t deadline_us, PGresult **answer)
{
	PGresult *result = NULL;
	enum attempt a = next_result(pg, deadline_us, &result);

	*answer = NULL;
	if (a != ATTEMPT_DONE)
		return a;
	if (result == NULL)
		return lost("database_lost", PQerrorMessage(pg));
	if (PQresultStatus(result) != wanted) {
		a = refused(result, statement);
		PQclear(result);
		return a;
	}
	*answer = result;
	a = next_result(pg, deadline_us, &result);
	PQclear(result); /* NULL, but for a server that breaks the protocol */
	return a;
}

/* Ends a pipeline: the sync's own result. */
static enum attempt
take_sync(PGconn *pg, int64_t deadline_us)
{
	PGresult *result = NULL;
	enum attempt a = next_result(pg, deadline_us, &result);

	if (a == ATTEMPT_DONE && PQresultStatus(result) != PGRES_PIPELINE_SYNC)
		a = lost("database_lost", PQerrorMessage(pg));
	PQclear(result);
	return a;
}

static enum attempt
prepare_all(PGconn *pg, int64_t deadline_us)
{
	enum attempt a;

	for (int i = 0; i < STATEMENTS; i++)
		if (statement_texts[i].is_prepared &&
			!PQsendPrepare(pg, statement_texts[i].name,
				statement_texts[i].sql, 0, NULL))
			return lost("database_lost", PQerrorMessage(pg));
	if (!PQpipelineSync(pg))
		return lost("database_lost", PQerrorMessage(pg));
	a = flush(pg, deadline_us);
	for (int i = 0; a == ATTEMPT_DONE && i < STATEMENTS; i++) {
		PGresult *answer;

		if (!statement_texts[i].is_prepared)
			continue;
		a = take_answer(pg, PGRES_COMMAND_OK, statement_texts[i].name,
			deadline_us, &answer);
		PQclear(answer);
	}
	return a == ATTEMPT_DONE ? take_sync(pg, deadline_us) : a;
}

static enum attempt
connect_to(PGconn *pg, int64_t deadline_us)
{
	PostgresPollingStatusType poll_for = PGRES_POLLING_WRITING;

	if (PQstatus(pg) == CONNECTION_BAD)
		return lost("database_connect", PQerrorMessage(pg));
	while (poll_for != PGRES_POLLING_OK) {
		if (poll_for == PGRES_POLLING_FAILED)
			return lost("database_connect", PQerrorMessage(pg));
		if (!wait_for(pg,
			    poll_for == PGRES_POLLING_READING ? POLLIN
							      : POLLOUT,
			    deadline_us))
			return timed_out("connect");
		poll_for = PQconnectPoll(pg);
	}
	return ATTEMPT_DONE;
}

/* libpq writes notices to stderr otherwise, between our log's lines. */
static void
ignore_notice(void *unused, const PGresult *notice)
{
	(void)unused;
	(void)notice;
}

enum attempt
connection_open(struct connection **c, const struct connection_options *options,
	int64_t deadline_us)
{
	struct connection *opened = memory_zeroed(1, sizeof(*opened));
	enum attempt a;

	*c = opened;
	opened->options = options;
	opened->pg = session_start(options);
	if (opened->pg == NULL)
		a = lost("database_connect", "out of memory");
	else
		a = connect_to(opened->pg, deadline_us);
	if (a == ATTEMPT_DONE) {
		PQsetNoticeReceiver(opened->pg, ignore_notice, NULL);
		PQsetnonblocking(opened->pg, 1);
		PQenterPipelineMode(opened->pg);
		if (options->is_prepared)
			a = prepare_all(opened->pg, deadline_us);
	}
	if (a != ATTEMPT_DONE)
		connection_close(c);
	return a;
}

void
connection_close(struct connection **c)
{
	if (*c == NULL)
		return;
	PQfinish((*c)->pg);
	free(*c);
	*c = NULL;
}

static bool
send_text(PGconn *pg, const char *sql, int count, const char *const *parameters)
{
	return PQsendQueryParams(
		       pg, sql, count, NULL, parameters, NULL, NULL, 0) == 1;
}

/* Behind PgBouncer a session lasts for one transaction, and may be another's
 * after it: what session.c says once is said at the head of each pipeline, in
 * the same round trip. */
static bool
send_opening(const struct connection *c)
{
	char timeout[24];
	const char *const parameters[] = { timeout, c->options->url->schema };

	snprintf(timeout, sizeof(timeout), "%lld",
		(long long)c->options->statement_timeout_ms);
	return send_text(c->pg,
		       "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", 0,
		       NULL) &&
		send_text(c->pg,
			"SELECT set_config('statement_timeout', $1, true),"
			" set_config('plan_cache_mode',"
			" 'force_generic_plan', true),"
			" set_config('max_parallel_workers_per_gather',"
			" '0', true),"
			" set_config('jit', 'off', true),"
			" set_config('search_path', CASE $2 WHEN ''"
			" THEN current_setting('search_path')"
			" ELSE quote_ident($2) END, true)",
			2, parameters);
}

/* With each goes a request to send its answer at once: else small answers wait
 * for the last one, and nobody could tell which statement was slow. */
static bool
send_query(const struct connection *c, const struct query *query)
{
	const struct statement_text *s = &statement_texts[query->statement];
	bool is_sent;

	if (c->options->is_prepared && s->is_prepared)
		is_sent = PQsendQueryPrepared(c->pg, s->name, s->parameters,
				  query->parameters, NULL, NULL, 0) == 1;
	else
		is_sent = send_text(
			c->pg, s->sql, s->parameters, query->parameters);
	return is_sent && PQsendFlushRequest(c->pg) == 1;
}

static bool
send_pipeline(
	const struct connection *c, const struct query *queries, int count)
{
	bool is_pooled = !c->options->is_prepared;

	if (is_pooled && !send_opening(c))
		return false;
	for (int i = 0; i < count; i++)
		if (!send_query(c, &queries[i]))
			return false;
	if (is_pooled && !send_text(c->pg, "COMMIT", 0, NULL))
		return false;
	return PQpipelineSync(c->pg) == 1;
}

static enum attempt
skip_answer(PGconn *pg, ExecStatusType wanted, int64_t deadline_us)
{
	PGresult *answer = NULL;
	enum attempt a = take_answer(
		pg, wanted, "transaction", deadline_us, &answer);

	PQclear(answer);
	return a;
}

enum attempt
connection_exchange(struct connection *c, struct query *queries, int count,
	int64_t deadline_us)
{
	bool is_pooled = !c->options->is_prepared;
	int64_t before_us = clock_now_us();
	enum attempt a;

	if (!send_pipeline(c, queries, count))
		return lost("database_lost", PQerrorMessage(c->pg));
	a = flush(c->pg, deadline_us);
	if (a == ATTEMPT_DONE && is_pooled)
		a = skip_answer(c->pg, PGRES_COMMAND_OK, deadline_us);
	if (a == ATTEMPT_DONE && is_pooled)
		a = skip_answer(c->pg, PGRES_TUPLES_OK, deadline_us);
	for (int i = 0; a == ATTEMPT_DONE && i < count; i++) {
		a = take_answer(c->pg, PGRES_TUPLES_OK,
			statement_texts[queries[i].statement].name, deadline_us,
			&queries[i].result);
		queries[i].duration_us = clock_now_us() - before_us;
		before_us += queries[i].duration_us;
	}
	if (a == ATTEMPT_DONE && is_pooled)
		a = skip_answer(c->pg, PGRES_COMMAND_OK, deadline_us);
	return a == ATTEMPT_DONE ? take_sync(c->pg, deadline_us) : a;
}

enum attempt
connection_listen(struct connection *c, int64_t deadline_us)
{
	enum attempt a;

	if (!send_text(c->pg, "LISTEN my500", 0, NULL) ||
		!PQpipelineSync(c->pg))
		return lost("database_lost", PQerrorMessage(c->pg));
	a = flush(c->pg, deadline_us);
	if (a == ATTEMPT_DONE)
		a = skip_answer(c->pg, PGRES_COMMAND_OK, deadline_us);
	return a == ATTEMPT_DONE ? take_sync(c->pg, deadline_us) : a;
}

bool
connection_take_notifications(struct connection *c, struct buffer *payloads)
{
	size_t len = payloads->len;
	PGnotify *notification;

	while ((notification = PQnotifies(c->pg)) != NULL) {
		buffer_add_text(payloads, notification->extra);
		buffer_add_char(payloads, '\0');
		PQfreemem(notification);
	}
	return payloads->len > len;
}

enum attempt
connection_await_notifications(
	struct connection *c, int64_t deadline_us, struct buffer *payloads)
{
	struct pollfd set = { .fd = PQsocket(c->pg), .events = POLLIN };

	while (!connection_take_notifications(c, payloads)) {
		if (signals_poll(&set, 1, clock_left_ms(deadline_us)) <= 0)
			return ATTEMPT_TIMEOUT;
		if (!PQconsumeInput(c->pg))
			return lost("database_lost", PQerrorMessage(c->pg));
	}
	return ATTEMPT_DONE;
}
