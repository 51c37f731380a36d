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

/* Of ids: so many are looked up at once. */
#define CONTACTS_BYTES_MAX (64 * 1024)

struct subscription {
	struct arena *arena; /* what `url` borrows from */
	struct database_url url;
	struct connection_options options;
	struct connection *connection; /* NULL: does not lead */
	struct buffer contacts; /* whose activities changed: an array; empty */
	PGresult *owners;       /* of contacts; those before `owner` are told */
	int owner;
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
	buffer_close(&(*s)->contacts);
	database_url_release(&(*s)->url);
	arena_close(&(*s)->arena);
	free(*s);
	*s = NULL;
}

static void
forget_owners(struct subscription *s)
{
	PQclear(s->owners);
	s->owners = NULL;
	s->owner = 0;
}

void
subscription_end(struct subscription *s)
{
	connection_close(&s->connection);
	buffer_clear(&s->contacts, CONTACTS_BYTES_MAX);
	forget_owners(s);
}

/* Asks a statement that has one parameter or none. */
static enum status
ask(struct subscription *s, enum statement statement, const char *parameter,
	PGresult **answer)
{
	struct query query = { .statement = statement,
		.parameters = { parameter } };
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
	enum status st = ask(s, STATEMENT_lead, NULL, &answer);

	if (st == STATUS_OK && *PQgetvalue(answer, 0, 0) != 't')
		st = STATUS_NOT_FOUND;
	PQclear(answer);
	return st;
}

static enum status
check_triggers(struct subscription *s)
{
	PGresult *missing = NULL;
	enum status st = ask(s, STATEMENT_missing_triggers, NULL, &missing);

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

/*
 * An array of contacts, as PostgreSQL writes it (manual, section 8.15), joins
 * those that wait: what one transaction has told of many is looked up at once.
 */
static void
add_contacts(struct subscription *s, const char *array)
{
	if (s->contacts.len > 0) {
		s->contacts.len--; /* its closing brace */
		buffer_add_char(&s->contacts, ',');
		array++;
	}
	buffer_add_text(&s->contacts, array);
}

static enum status
find_owners(struct subscription *s)
{
	enum status st;

	buffer_add_char(&s->contacts, '\0');
	st = ask(s, STATEMENT_owners, s->contacts.ptr, &s->owners);
	buffer_clear(&s->contacts, CONTACTS_BYTES_MAX);
	return st;
}

/* The role may look contacts up, or does not lead. */
static enum status
check_owners(struct subscription *s)
{
	enum status st;

	add_contacts(s, "{}");
	st = find_owners(s);
	forget_owners(s);
	return st;
}

/* Replaces what is in `payload` by one that has been found, if there is. */
static bool
take_owner(struct subscription *s, struct buffer *payload)
{
	if (s->owner == PQntuples(s->owners)) {
		forget_owners(s);
		return false;
	}
	buffer_clear(payload, payload->len);
	buffer_add_text(payload, PQgetvalue(s->owners, s->owner++, 0));
	buffer_add_char(payload, '\0');
	return true;
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
	if (st == STATUS_OK)
		st = check_owners(s);
	if (st != STATUS_OK)
		subscription_end(s);
	return st;
}

/* As a notification came. */
static enum status
hear(struct subscription *s, int64_t deadline_us, struct buffer *payload)
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
	return STATUS_UNAVAILABLE;
}

/* Contacts wait until there is nothing more to hear for the moment. */
enum status
subscription_next(
	struct subscription *s, int64_t deadline_us, struct buffer *payload)
{
	enum status st = STATUS_OK;

	while (st == STATUS_OK && !take_owner(s, payload)) {
		bool is_waiting = s->contacts.len > 0;

		st = s->contacts.len > CONTACTS_BYTES_MAX
			? STATUS_NOT_FOUND
			: hear(s, is_waiting ? 0 : deadline_us, payload);
		if (st == STATUS_OK && *payload->ptr != '{')
			return st;
		if (st == STATUS_OK)
			add_contacts(s, payload->ptr);
		else if (st == STATUS_NOT_FOUND && is_waiting)
			st = find_owners(s);
	}
	if (st == STATUS_UNAVAILABLE)
		subscription_end(s);
	return st;
}

enum status
subscription_confirm(struct subscription *s)
{
	enum status st = check_triggers(s);

	if (st != STATUS_OK)
		subscription_end(s);
	return st;
}
