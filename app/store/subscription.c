#include "config.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "my500/clock.h"
#include "my500/config.h"
#include "my500/connection.h"
#include "my500/database_url.h"
#include "my500/id_array.h"
#include "my500/log.h"
#include "my500/memory.h"
#include "my500/metrics.h"
#include "my500/subscription.h"

/* For each exchange; what leads must be quick, or not lead. */
#define PATIENCE_US CLOCK_US_PER_S

/* Of ids, which are looked up when there are so many. */
#define CONTACTS_BYTES_ENOUGH (64 * 1024)

/* Of memory, after a flood. */
#define HEARD_BYTES_KEPT (64 * 1024)

/* More of them are told as everybody, which takes less time. */
#define OWNERS_MAX 500

struct subscription {
	struct arena *arena; /* what `url` borrows from */
	struct database_url url;
	struct connection_options options;
	struct connection *connection; /* NULL: does not lead */
	struct buffer heard;    /* payloads, in their order, each with a NUL */
	size_t passed;          /* of `heard`: those before it are passed on */
	struct buffer contacts; /* whose owners are to be found: an array */
	PGresult *owners;       /* found; those before `owner` are passed on */
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
		.is_listener = true, /* so that its lock is free for another */
		.statement_timeout_ms = PATIENCE_US / CLOCK_US_PER_MS };
	return STATUS_OK;
}

void
subscription_close(struct subscription **s)
{
	if (*s == NULL)
		return;
	subscription_end(*s);
	buffer_close(&(*s)->heard);
	buffer_close(&(*s)->contacts);
	database_url_release(&(*s)->url);
	arena_close(&(*s)->arena);
	free(*s);
	*s = NULL;
}

static void
forget_heard(struct subscription *s)
{
	buffer_clear(&s->heard, HEARD_BYTES_KEPT);
	s->passed = 0;
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
	forget_heard(s);
	buffer_clear(&s->contacts, CONTACTS_BYTES_ENOUGH);
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

/* The role may look contacts up, or does not lead. */
static enum status
check_owners(struct subscription *s)
{
	PGresult *none = NULL;
	enum status st = ask(s, STATEMENT_owners, "{}", &none);

	PQclear(none);
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
	if (st == STATUS_OK)
		st = check_owners(s);
	if (st != STATUS_OK)
		subscription_end(s);
	return st;
}

/* Makes sure that there is something heard. */
static enum status
hear(struct subscription *s, int64_t deadline_us)
{
	if (s->passed < s->heard.len)
		return STATUS_OK;
	forget_heard(s);
	if (deadline_us == 0)
		return STATUS_NOT_FOUND;
	switch (connection_await_notifications(
		s->connection, deadline_us, &s->heard)) {
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

/* The next that was heard; there is one. */
static const char *
next_heard(const struct subscription *s)
{
	return s->heard.ptr + s->passed;
}

static void
pass_on(struct subscription *s)
{
	s->passed += strlen(next_heard(s)) + 1;
}

/* Contacts that were told one after the other, as by many statements of one
 * transaction, are looked up at once. */
static void
gather_contacts(struct subscription *s)
{
	while (s->passed < s->heard.len &&
		s->contacts.len < CONTACTS_BYTES_ENOUGH &&
		id_array_join(&s->contacts, next_heard(s)))
		pass_on(s);
}

static enum status
find_owners(struct subscription *s)
{
	enum status st;

	buffer_add_char(&s->contacts, '\0');
	st = ask(s, STATEMENT_owners, s->contacts.ptr, &s->owners);
	buffer_clear(&s->contacts, CONTACTS_BYTES_ENOUGH);
	return st;
}

static void
tell(struct buffer *payload, const char *word)
{
	buffer_clear(payload, payload->capacity);
	buffer_add_text(payload, word);
	buffer_add_char(payload, '\0');
}

/* False: all that were found have been told. */
static bool
tell_owner(struct subscription *s, struct buffer *payload)
{
	int owners = PQntuples(s->owners);

	if (s->owner < owners && owners <= OWNERS_MAX) {
		tell(payload, PQgetvalue(s->owners, s->owner++, 0));
		return true;
	}
	forget_owners(s);
	if (owners > OWNERS_MAX)
		tell(payload, "*");
	return owners > OWNERS_MAX;
}

enum status
subscription_next(
	struct subscription *s, int64_t deadline_us, struct buffer *payload)
{
	enum status st = STATUS_OK;

	while (st == STATUS_OK && !tell_owner(s, payload)) {
		st = hear(s, deadline_us);
		if (st != STATUS_OK)
			break;
		gather_contacts(s);
		if (s->contacts.len == 0) {
			tell(payload, next_heard(s));
			pass_on(s);
			return STATUS_OK;
		}
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

	if (st == STATUS_OK)
		(void)connection_take_notifications(s->connection, &s->heard);
	else
		subscription_end(s);
	return st;
}
