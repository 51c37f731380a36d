#include "config.h"

#include <libpq-fe.h>
#include <stdlib.h>

#include "my500/clock.h"
#include "my500/config.h"
#include "my500/connection.h"
#include "my500/database_url.h"
#include "my500/log.h"
#include "my500/memory.h"
#include "my500/metrics.h"
#include "my500/subscription.h"

/* For each exchange; what leads must be quick, or not lead. */
#define PATIENCE_US CLOCK_US_PER_S

struct subscription {
	struct arena *arena; /* what `url` borrows from */
	struct database_url url;
	struct connection_options options;
	struct connection *connection; /* NULL: does not lead */
};

/* Behind PgBouncer, by transaction, LISTEN seems to succeed, and nothing ever
 * comes. */
static enum status
check_url(const struct database_url *url, const struct config *config,
	struct reason *why)
{
	bool is_own = *config->listen_url != '\0';

	if (!url->is_pgbouncer && (is_own || config->prepare == PREPARE_ON))
		return STATUS_OK;
	(void)!status_refuse(why, "MY500_LISTEN_URL",
		"must be a direct address of PostgreSQL, past PgBouncer, for "
		"pages to be cached; or set MY500_INVALIDATION=ttl");
	return STATUS_NOT_FOUND;
}

enum status
subscription_open(struct subscription **s, const struct config *config,
	struct reason *why)
{
	struct subscription *opened = memory_zeroed(1, sizeof(*opened));
	bool is_own = *config->listen_url != '\0';
	enum status st;

	*s = opened;
	opened->arena = arena_open();
	st = database_url_parse(&opened->url,
		is_own ? config->listen_url : config->database_url,
		opened->arena, why);
	if (st != STATUS_OK && is_own)
		why->field = "MY500_LISTEN_URL";
	if (st == STATUS_OK)
		st = check_url(&opened->url, config, why);
	if (st != STATUS_OK) {
		subscription_close(s);
		return st;
	}
	opened->options = (struct connection_options){ .url = &opened->url,
		.is_prepared = true,
		.is_watched = true, /* so that its lock is free for another */
		.statement_timeout_ms = PATIENCE_US / CLOCK_US_PER_MS };
	return STATUS_OK;
}

void
subscription_close(struct subscription **s)
{
	if (*s == NULL)
		return;
	subscription_end(*s);
	database_url_release(&(*s)->url);
	arena_close(&(*s)->arena);
	free(*s);
	*s = NULL;
}

void
subscription_end(struct subscription *s)
{
	connection_close(&s->connection);
}

/* Asks a statement that answers one row or none, of one column. */
static enum status
ask(struct subscription *s, enum statement statement, PGresult **answer)
{
	struct query query = { .statement = statement };
	int64_t deadline_us = clock_now_us() + PATIENCE_US;

	if (connection_exchange(s->connection, &query, 1, deadline_us) !=
		ATTEMPT_DONE) {
		PQclear(query.result);
		return STATUS_UNAVAILABLE;
	}
	*answer = query.result;
	return STATUS_OK;
}

static enum status
lead(struct subscription *s)
{
	PGresult *answer = NULL;
	enum status st = ask(s, STATEMENT_lead, &answer);

	if (st == STATUS_OK && *PQgetvalue(answer, 0, 0) != 't')
		st = STATUS_NOT_FOUND;
	PQclear(answer);
	return st;
}

static enum status
check_triggers(struct subscription *s)
{
	PGresult *missing = NULL;
	enum status st = ask(s, STATEMENT_missing_triggers, &missing);

	if (st == STATUS_OK && PQntuples(missing) > 0) {
		log_repeated(LOG_LEVEL_ERROR, "trigger_missing",
			log_text("trigger", PQgetvalue(missing, 0, 0)),
			log_int("missing", PQntuples(missing)),
			log_text("remedy",
				"run schema/notify.sql, or set "
				"MY500_INVALIDATION=ttl"));
		st = STATUS_UNAVAILABLE;
	}
	PQclear(missing);
	return st;
}

static enum status
listen_to(struct subscription *s)
{
	return connection_listen(s->connection, clock_now_us() + PATIENCE_US) ==
			ATTEMPT_DONE
		? STATUS_OK
		: STATUS_UNAVAILABLE;
}

enum status
subscription_begin(struct subscription *s)
{
	enum status st = STATUS_OK;

	if (s->connection == NULL &&
		connection_open(&s->connection, &s->options,
			clock_now_us() + PATIENCE_US) != ATTEMPT_DONE) {
		metrics_add(METRIC_db_failures, METRICS_NONE, METRICS_NONE, 1);
		st = STATUS_UNAVAILABLE;
	}
	if (st == STATUS_OK)
		st = lead(s);
	if (st == STATUS_NOT_FOUND) /* asked again on this connection */
		return st;
	if (st == STATUS_OK)
		st = listen_to(s);
	if (st == STATUS_OK)
		st = check_triggers(s);
	if (st != STATUS_OK)
		subscription_end(s);
	return st;
}

enum status
subscription_next(
	struct subscription *s, int64_t deadline_us, struct buffer *payload)
{
	switch (connection_await_notification(
		s->connection, deadline_us, payload)) {
	case ATTEMPT_DONE:
		return STATUS_OK;
	case ATTEMPT_TIMEOUT:
		return STATUS_NOT_FOUND;
	case ATTEMPT_LOST:
	case ATTEMPT_STALE:
	case ATTEMPT_INVALID:
	case ATTEMPT_REFUSED:
		break;
	}
	subscription_end(s);
	return STATUS_UNAVAILABLE;
}

enum status
subscription_confirm(struct subscription *s)
{
	enum status st = check_triggers(s);

	if (st != STATUS_OK)
		subscription_end(s);
	return st;
}
