#ifndef MY500_CONNECTION_H
#define MY500_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "my500/buffer.h"
#include "my500/statement.h"
#include "my500/status.h"

struct database_url;
struct pg_result;

/*
 * One connection to PostgreSQL (libpq), with every wait bounded by a deadline
 * (clock_now_us()), and all statements prepared on it unless told not to.
 */
struct connection;

/* One statement of an exchange, its parameters in, its answer out. */
struct query {
	enum statement statement;
	const char *parameters[STATEMENT_PARAMETERS_MAX];
	struct pg_result *result; /* owned by the caller: PQclear() */
	int64_t duration_us;      /* from the answer before it, or the start */
};

#define EXCHANGE_QUERIES_MAX 5

/* How an attempt to connect or to exchange ended. */
enum attempt {
	ATTEMPT_DONE,
	ATTEMPT_LOST,    /* the connection is of no use: try on a new one */
	ATTEMPT_STALE,   /* likewise, if it is not for good */
	ATTEMPT_TIMEOUT, /* no answer until the deadline */
	ATTEMPT_INVALID, /* the database has not all characters of a text */
	ATTEMPT_REFUSED, /* the statement itself failed: our fault */
};

struct connection_options {
	const struct database_url *url;
	bool is_prepared; /* false: a session may last for one transaction */
	bool is_listener; /* PostgreSQL soon ends it when our host is away,
			     and hides no row from it */
	int first_host;   /* of several, the one to begin with */
	int64_t statement_timeout_ms;
};

/* On all but ATTEMPT_DONE `c` is NULL and the reason has been logged. */
CHECKED enum attempt connection_open(struct connection **c,
	const struct connection_options *options, int64_t deadline_us);
void connection_close(struct connection **c);

/*
 * Sends the queries in one pipeline, so in one round trip and one implicit
 * transaction, and gathers their results.  After anything but ATTEMPT_DONE the
 * connection is to be closed.
 */
CHECKED enum attempt connection_exchange(struct connection *c,
	struct query *queries, int count, int64_t deadline_us);

/* From now on the connection is told of what is notified on channel my500. */
CHECKED enum attempt
connection_listen(struct connection *c, int64_t deadline_us);

/* Adds the payloads of the notifications that have been read, as by an
 * exchange, each with a NUL behind it.  False: there are none. */
bool
connection_take_notifications(struct connection *c, struct buffer *payloads);

/* The same, but waits for the first, open to signals.  ATTEMPT_TIMEOUT: none
 * came until the deadline, or a signal did. */
CHECKED enum attempt connection_await_notifications(
	struct connection *c, int64_t deadline_us, struct buffer *payloads);

#endif
