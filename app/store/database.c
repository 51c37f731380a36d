#include "config.h"

#include <assert.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>

#include "my500/clock.h"
#include "my500/config.h"
#include "my500/database.h"
#include "my500/database_url.h"
#include "my500/log.h"
#include "my500/memory.h"
#include "my500/metrics.h"
#include "my500/scoreboard.h"

/* Attempts to connect are spaced from 10 ms on, doubling up to 100 ms: often
 * enough that the first request after an outage waits hardly at all, seldom
 * enough not to hold a starting server down. */
#define PAUSE_MIN_US (10 * CLOCK_US_PER_MS)
#define PAUSE_MAX_US (100 * CLOCK_US_PER_MS)

/* After a timeout a new connection gets this long, not the whole timeout: a
 * hung server would hold each worker for seconds on each request. */
#define PROBE_US CLOCK_US_PER_S

/* Where the turn of the hosts begins anew; a multiple of their usual number. */
#define HOSTS_MAX 60

struct database {
	struct arena *arena; /* what `url` borrows from */
	struct database_url url;
	struct connection_options options;
	int64_t timeout_us;
	int64_t slow_us;
	struct connection *connection; /* NULL: to be made */
	int64_t pause_us;              /* 0 while all is well */
	int64_t retry_at_us;
	bool was_connected;
	bool is_suspect; /* the last thing it did was to time out */
	PGresult *results[EXCHANGE_QUERIES_MAX];
};

/* How sessions are to be: prepared, but for PgBouncer's transaction mode. */
static void
choose_options(struct database *db, const struct config *config)
{
	db->timeout_us = config->database_timeout_ms * CLOCK_US_PER_MS;
	db->slow_us = config->slow_query_ms * CLOCK_US_PER_MS;
	db->options = (struct connection_options){
		.url = &db->url,
		.is_prepared = config_is_given(config, "MY500_PREPARE")
			? config->prepare == PREPARE_ON
			: !db->url.is_pgbouncer,
		.statement_timeout_ms = config->database_timeout_ms,
	};
}

enum status
database_open(
	struct database **db, const struct config *config, struct reason *why)
{
	struct database *d = memory_zeroed(1, sizeof(*d));
	enum status st;

	*db = d;
	d->arena = arena_open();
	st = database_url_parse(&d->url, config->database_url, d->arena, why);
	if (st != STATUS_OK) {
		database_close(db);
		return st;
	}
	choose_options(d, config);
	/* libpq sends them at the start of a session, also through PgBouncer */
	setenv("PGDATESTYLE", "ISO", 1);
	setenv("PGTZ", "UTC", 1);
	return STATUS_OK;
}

static void
clear_results(struct database *db)
{
	for (int i = 0; i < EXCHANGE_QUERIES_MAX; i++) {
		PQclear(db->results[i]);
		db->results[i] = NULL;
	}
}

void
database_close(struct database **db)
{
	if (*db == NULL)
		return;
	clear_results(*db);
	connection_close(&(*db)->connection);
	database_url_release(&(*db)->url);
	arena_close(&(*db)->arena);
	free(*db);
	*db = NULL;
}

/* Waits until the next attempt to connect is due. */
static void
pause_before_attempt(const struct database *db, int64_t deadline_us)
{
	int64_t until_us = db->retry_at_us < deadline_us ? db->retry_at_us
							 : deadline_us;

	while (clock_left_ms(until_us) > 0)
		(void)poll(NULL, 0, clock_left_ms(until_us));
}

/* Doubles the pause; half of it is random, so that workers spread out. */
static void
set_next_attempt(struct database *db)
{
	db->pause_us *= 2;
	if (db->pause_us < PAUSE_MIN_US)
		db->pause_us = PAUSE_MIN_US;
	if (db->pause_us > PAUSE_MAX_US)
		db->pause_us = PAUSE_MAX_US;
	db->retry_at_us = clock_now_us() + db->pause_us / 2 +
		random() % (db->pause_us / 2);
}

static void
count_one(enum metric metric)
{
	metrics_add(metric, METRICS_NONE, METRICS_NONE, 1);
}

static enum attempt
connect_database(struct database *db, int64_t deadline_us)
{
	enum attempt a;

	pause_before_attempt(db, deadline_us);
	if (db->is_suspect && deadline_us > clock_now_us() + PROBE_US)
		deadline_us = clock_now_us() + PROBE_US;
	a = connection_open(&db->connection, &db->options, deadline_us);
	if (a == ATTEMPT_DONE) {
		if (db->was_connected)
			count_one(METRIC_db_reconnects);
		db->was_connected = true;
		scoreboard_set_database(SCOREBOARD_DATABASE_idle);
		if (db->pause_us > 0)
			log_info("database_recovered");
		db->pause_us = db->retry_at_us = 0;
		db->is_suspect = false;
	} else {
		if (a == ATTEMPT_TIMEOUT)
			db->options.first_host = (db->options.first_host + 1) %
				HOSTS_MAX;
		set_next_attempt(db);
		count_one(METRIC_db_failures);
	}
	return a;
}

void
database_connect(struct database *db)
{
	if (db->connection == NULL)
		(void)!connect_database(db, clock_now_us() + PROBE_US);
}

static enum attempt
attempt_run(struct database *db, struct query *queries, int count,
	int64_t deadline_us)
{
	enum attempt a = ATTEMPT_DONE;

	if (db->connection == NULL)
		a = connect_database(db, deadline_us);
	if (a == ATTEMPT_DONE) {
		scoreboard_set_database(SCOREBOARD_DATABASE_busy);
		a = connection_exchange(
			db->connection, queries, count, deadline_us);
		scoreboard_set_database(a == ATTEMPT_DONE
				? SCOREBOARD_DATABASE_idle
				: SCOREBOARD_DATABASE_none);
	}
	for (int i = 0; i < count; i++) {
		db->results[i] = queries[i].result;
		queries[i].result = NULL;
	}
	if (a != ATTEMPT_DONE) {
		clear_results(db);
		connection_close(&db->connection);
	}
	db->is_suspect = a == ATTEMPT_TIMEOUT;
	return a;
}

/* Counts the statements; those that took too long are logged, too. */
static void
note_durations(
	const struct database *db, const struct query *queries, int count)
{
	for (int i = 0; i < count; i++) {
		const struct query *q = &queries[i];

		metrics_observe(METRIC_db_duration_seconds, (int)q->statement,
			q->duration_us);
		if (q->duration_us <= db->slow_us)
			continue;
		metrics_add(
			METRIC_slow, METRICS_SLOW_KIND_query, METRICS_NONE, 1);
		log_warning("slow_query",
			log_text("statement",
				statement_texts[q->statement].name),
			log_duration("durationMs", q->duration_us));
	}
}

enum status
database_run(struct database *db, struct query *queries, int count)
{
	int64_t deadline_us = clock_now_us() + db->timeout_us;
	bool is_reused = db->connection != NULL;
	enum attempt a;

	assert(count >= 1 && count <= EXCHANGE_QUERIES_MAX);
	clear_results(db);
	a = attempt_run(db, queries, count, deadline_us);
	if ((a == ATTEMPT_LOST || a == ATTEMPT_STALE) && is_reused)
		a = attempt_run(db, queries, count, deadline_us);
	if (a == ATTEMPT_DONE)
		note_durations(db, queries, count);
	switch (a) {
	case ATTEMPT_DONE:
		return STATUS_OK;
	case ATTEMPT_LOST:
	case ATTEMPT_TIMEOUT:
		count_one(METRIC_db_failures);
		return STATUS_UNAVAILABLE;
	case ATTEMPT_INVALID:
		return STATUS_INVALID;
	case ATTEMPT_STALE:
	case ATTEMPT_REFUSED:
		break;
	}
	return STATUS_INTERNAL;
}

static struct slice
cell_of(const PGresult *result, int row, int column)
{
	if (PQgetisnull(result, row, column))
		return (struct slice){ NULL, 0 };
	return (struct slice){ PQgetvalue(result, row, column),
		(size_t)PQgetlength(result, row, column) };
}

struct table
database_table(
	const struct database *db, int i, size_t columns, struct arena *arena)
{
	const PGresult *result = db->results[i];
	size_t rows = (size_t)PQntuples(result);
	struct slice *cell;
	struct table table;

	assert((size_t)PQnfields(result) == columns);
	cell = arena_alloc(arena, rows * columns * sizeof(*cell));
	table = (struct table){ cell, rows, columns };
	for (int row = 0; row < (int)rows; row++)
		for (int column = 0; column < (int)columns; column++)
			*cell++ = cell_of(result, row, column);
	return table;
}

const char *
database_dropped_parameters(const struct database *db)
{
	return db->url.dropped;
}

void
database_print(const struct database *db, struct buffer *out)
{
	database_url_print(&db->url, out);
}
