#include "config.h"

#include <stdio.h>
#include <sysexits.h>

#include "my500/check.h"
#include "my500/clock.h"
#include "my500/config.h"
#include "my500/database.h"
#include "my500/invalidator.h"
#include "my500/listener.h"
#include "my500/log.h"
#include "my500/memcached.h"
#include "my500/schema_check.h"
#include "my500/services.h"
#include "my500/stamp.h"

static void
print_settings(const struct services *s)
{
	struct buffer out = { NULL, 0, 0 };

	config_print(s->config, &out);
	buffer_add_text(&out, "MY500_DATABASE_URL=");
	database_print(s->database, &out);
	buffer_add_char(&out, '\n');
	fwrite(out.ptr, 1, out.len, stdout);
	buffer_close(&out);
}

static void
print_missing_index(const struct slice *row)
{
	printf("database: lacks the index %.*s: ", (int)row[0].len, row[0].ptr);
	if (slice_equals_text(row[1], "t"))
		puts("searches of users with many thousands of contacts are "
		     "slow without it; run schema/indexes.sql "
		     "(my500_contacts_search needs the extensions pg_trgm and "
		     "btree_gin)");
	else
		puts("run schema/indexes.sql, pages are slow without it");
}

/* No failure: without them the pages are right, but none is cached. */
static void
check_triggers(struct services *s)
{
	struct table missing = { NULL, 0, 0 };

	if (s->config->invalidation != INVALIDATION_NOTIFY ||
		!memcached_is_on(s->memcached) ||
		schema_check_triggers(s->database, s->arena, &missing) !=
			STATUS_OK)
		return;
	for (size_t i = 0; i < missing.rows; i++)
		printf("database: lacks the trigger %.*s: run "
		       "schema/notify.sql, no page is cached without it (or "
		       "set MY500_INVALIDATION=ttl)\n",
			(int)missing.cells[i].len, missing.cells[i].ptr);
}

static bool
check_database(struct services *s)
{
	enum status st = schema_check_statements(s->database, s->arena);
	struct table missing = { NULL, 0, 0 };

	if (st != STATUS_OK) {
		printf("database: %s (the reason is in the log line above)\n",
			st == STATUS_UNAVAILABLE
				? "can not be reached"
				: "is reached, but refuses our statements");
		return false;
	}
	if (schema_check_indexes(s->database, s->arena, &missing) != STATUS_OK)
		return false;
	for (size_t i = 0; i < missing.rows; i++)
		print_missing_index(&missing.cells[i * missing.columns]);
	check_triggers(s);
	puts("database: ok");
	return true;
}

/* Whether somebody makes cached pages count no more; the web server may have
 * been told to start nobody. */
static void
check_invalidator(const struct services *s, const struct memcached_item *epoch)
{
	const struct memcached_item none = { .is_hit = false };
	struct reason why;
	bool is_wanted;

	if (invalidator_check(s->config, &is_wanted, &why) != STATUS_OK)
		printf("cache: no page is cached: %s %s\n", why.field,
			why.text);
	else if (is_wanted && !epoch->is_hit)
		puts("cache: no invalidator is at work now; until one is "
		     "(--workers or --invalidator starts it), no page is "
		     "cached");
	else if (is_wanted &&
		*stamp_read(epoch, &none, clock_wall_us()).epoch == '\0')
		puts("cache: no page is cached: this host's clock is ahead of "
		     "that of the invalidator's host, or it has just stopped");
}

static bool
check_cache(struct services *s)
{
	struct memcached_item epoch;

	if (!memcached_is_on(s->memcached)) {
		puts("cache: off (MY500_MEMCACHED is empty)");
		return true;
	}
	stamp_ask_epoch(&epoch);
	if (memcached_read(s->memcached, slice_of(""), &epoch, 1) !=
		STATUS_OK) {
		puts("cache: can not be reached (see MY500_MEMCACHED)");
		return false;
	}
	check_invalidator(s, &epoch);
	puts("cache: ok");
	return true;
}

enum status
check_settings(const struct config *config, struct reason *why)
{
	struct services services;
	const char *dropped;
	bool is_wanted;
	enum status st;

	st = listener_check(config->listen, "MY500_LISTEN", why);
	if (st == STATUS_OK)
		st = listener_check(
			config->admin_listen, "MY500_ADMIN_LISTEN", why);
	if (st == STATUS_OK)
		st = invalidator_check(config, &is_wanted, why);
	if (st != STATUS_INVALID) /* else pages are served, but not cached */
		st = services_open(&services, config, why);
	if (st != STATUS_OK)
		return st;
	dropped = database_dropped_parameters(services.database);
	if (*dropped != '\0')
		log_info("url_parameters_dropped",
			log_text("parameters", dropped));
	services_close(&services);
	return STATUS_OK;
}

int
check_run(const struct config *config)
{
	struct services services;
	struct reason why;
	bool is_good;

	if (check_settings(config, &why) != STATUS_OK ||
		services_open(&services, config, &why) != STATUS_OK) {
		fprintf(stderr, "my500.fcgi: %s %s\n", why.field, why.text);
		return EX_CONFIG;
	}
	print_settings(&services);
	is_good = check_database(&services);
	is_good = check_cache(&services) && is_good;
	services_close(&services);
	return is_good ? EX_OK : EX_CONFIG;
}
