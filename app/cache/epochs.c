#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "my500/clock.h"
#include "my500/epochs.h"
#include "my500/memory.h"
#include "my500/stamp.h"

/* Kept once a second: two may be late, and memcached's seconds are coarse. */
#define LIFE_S 3

#define GROUP_BYTES 8
#define GROUPS_MAX  1000000

struct server {
	char group[GROUP_BYTES]; /* a text that is kept there; "" if there is
				    none: no user is, either */
	char epoch[STAMP_NUMBER_BYTES];
	bool is_behind; /* missed a change or an epoch */
};

struct epochs {
	struct memcached *memcached;
	struct server *servers;
	int count;
};

/* Finds a group for each server, by trying. */
static void
find_groups(struct epochs *e)
{
	int missing = e->count;

	for (int i = 0; missing > 0 && i < GROUPS_MAX; i++) {
		struct server *server;
		char group[GROUP_BYTES];

		snprintf(group, sizeof(group), "%d", i);
		server = &e->servers[memcached_server_of(
			e->memcached, slice_of(group))];
		if (server->group[0] != '\0')
			continue;
		snprintf(server->group, sizeof(server->group), "%d", i);
		missing--;
	}
}

struct epochs *
epochs_open(struct memcached *m)
{
	struct epochs *e = memory_zeroed(1, sizeof(*e));

	memcached_insist(m);
	e->memcached = m;
	e->count = memcached_servers(m);
	e->servers = memory_zeroed((size_t)e->count, sizeof(*e->servers));
	find_groups(e);
	return e;
}

void
epochs_close(struct epochs **e)
{
	if (*e == NULL)
		return;
	free((*e)->servers);
	free(*e);
	*e = NULL;
}

/* As it is to be written now. */
static void
print_epoch(const struct server *server, char value[STAMP_EPOCH_BYTES])
{
	stamp_print_epoch(value, server->epoch,
		clock_wall_us() + LIFE_S * CLOCK_US_PER_S);
}

bool
epochs_mend(struct epochs *e)
{
	char value[STAMP_EPOCH_BYTES];
	struct memcached_item item;
	bool is_mended = true;

	stamp_ask_epoch(&item);
	for (int i = 0; i < e->count; i++) {
		struct server *server = &e->servers[i];

		if (!server->is_behind || server->group[0] == '\0')
			continue;
		/* a new one each time: one that is late must not count */
		stamp_make_number(server->epoch);
		print_epoch(server, value);
		server->is_behind = memcached_write(e->memcached,
					    slice_of(server->group), item.key,
					    slice_of(value),
					    LIFE_S) != STATUS_OK;
		is_mended = is_mended && !server->is_behind;
	}
	return is_mended;
}

void
epochs_renew(struct epochs *e)
{
	for (int i = 0; i < e->count; i++)
		e->servers[i].is_behind = true;
	(void)epochs_mend(e);
}

void
epochs_end(struct epochs *e)
{
	struct memcached_item item;

	stamp_ask_epoch(&item);
	for (int i = 0; i < e->count; i++)
		if (e->servers[i].group[0] != '\0')
			(void)!memcached_forget(e->memcached,
				slice_of(e->servers[i].group), item.key);
}

void
epochs_raise(struct epochs *e, const char *user_id)
{
	struct slice group = slice_of(user_id);
	struct server
		*server = &e->servers[memcached_server_of(e->memcached, group)];
	struct memcached_item item;

	if (server->is_behind) /* its new epoch does as much */
		return;
	stamp_ask_generation(&item, user_id);
	/* not found: the next one begins with a number never used before */
	if (memcached_raise(e->memcached, group, item.key) ==
		STATUS_UNAVAILABLE)
		server->is_behind = true;
}

static enum status
keep(struct epochs *e, struct server *server)
{
	struct slice group = slice_of(server->group);
	char value[STAMP_EPOCH_BYTES];
	struct memcached_item item;
	enum status st;

	stamp_ask_epoch(&item);
	print_epoch(server, value);
	st = memcached_read(e->memcached, group, &item, 1);
	if (st == STATUS_OK && item.is_hit &&
		!stamp_is_epoch(item.value, server->epoch))
		return STATUS_INVALID;
	if (st == STATUS_OK && item.is_hit)
		st = memcached_exchange(
			e->memcached, group, &item, slice_of(value), LIFE_S);
	else if (st == STATUS_OK)
		st = STATUS_NOT_FOUND;
	/* it was restarted, or flushed, or we were late */
	server->is_behind = st != STATUS_OK;
	return STATUS_OK;
}

enum status
epochs_keep(struct epochs *e)
{
	enum status st = STATUS_OK;

	for (int i = 0; i < e->count && st == STATUS_OK; i++)
		if (!e->servers[i].is_behind && e->servers[i].group[0] != '\0')
			st = keep(e, &e->servers[i]);
	if (st == STATUS_OK)
		(void)epochs_mend(e);
	return st;
}
