#include "config.h"

#include <assert.h>
#include <libmemcached/memcached.h>
#include <stdlib.h>
#include <string.h>

#include "my500/arena.h"
#include "my500/clock.h"
#include "my500/config.h"
#include "my500/log.h"
#include "my500/memcached.h"
#include "my500/memory.h"

#define SETTING      "MY500_MEMCACHED"
#define PORT_DEFAULT 11211
#define PORT_MAX     65535

/* One more than values: libmemcached tells of their end in it. */
#define RESULTS (MEMCACHED_ITEMS_MAX + 1)

#define PAUSE_MIN_US       CLOCK_US_PER_S
#define PAUSE_MAX_US       (10 * CLOCK_US_PER_S)
#define PAUSE_INSISTENT_US (50 * CLOCK_US_PER_MS)

/* Keeps requests from a server that gives no answers. */
struct breaker {
	int64_t pause_us; /* 0 while all is well */
	int64_t retry_at_us;
};

struct memcached {
	memcached_st *handle;                 /* NULL: caching is off */
	memcached_result_st results[RESULTS]; /* of the last read */
	struct breaker *breakers;             /* one a server */
	int64_t pause_max_us;
};

/* Adds "host" or "host:port". */
static enum status
add_server(memcached_st *handle, struct slice address, struct arena *arena,
	struct reason *why)
{
	struct slice port_text = address, host;
	int64_t port = PORT_DEFAULT;

	if (!slice_split(&port_text, ':', &host) || host.len == 0 ||
		(port_text.ptr != NULL &&
			!slice_parse_int(port_text, 1, PORT_MAX, &port)))
		return status_refuse(why, SETTING,
			"has no usable server \"%.*s\"; expected "
			"unix:/path or host:port[,host:port...]",
			(int)(address.len < 80 ? address.len : 80),
			address.ptr);
	if (memcached_server_add(handle, arena_copy(arena, host),
		    (in_port_t)port) != MEMCACHED_SUCCESS)
		return status_refuse(why, SETTING,
			"has a server that libmemcached refuses: \"%.*s\"",
			(int)(address.len < 80 ? address.len : 80),
			address.ptr);
	return STATUS_OK;
}

static enum status
add_servers(memcached_st *handle, const char *list, struct reason *why)
{
	struct slice rest = slice_of(list), address;
	struct arena *arena = arena_open();
	enum status st = STATUS_OK;

	while (st == STATUS_OK && slice_split(&rest, ',', &address))
		st = add_server(handle, slice_trim(address), arena, why);
	arena_close(&arena);
	return st;
}

static enum status
create_handle(memcached_st **handle, const char *servers, struct reason *why)
{
	static const char local[] = "unix:";
	const size_t local_len = sizeof(local) - 1;

	if (strncmp(servers, "--", 2) == 0) {
		*handle = memcached(servers, strlen(servers));
		if (*handle == NULL)
			return status_refuse(why, SETTING,
				"is no configuration that libmemcached "
				"understands; expected e.g. "
				"--SERVER=host:port --SERVER=host:port");
		return STATUS_OK;
	}
	*handle = memcached_create(NULL);
	if (strncmp(servers, local, local_len) != 0)
		return add_servers(*handle, servers, why);
	if (servers[local_len] != '/' ||
		memcached_server_add_unix_socket(
			*handle, servers + local_len) != MEMCACHED_SUCCESS)
		return status_refuse(why, SETTING,
			"has no usable path after unix:; expected "
			"unix:/path/of/socket, at most 107 bytes");
	return STATUS_OK;
}

/*
 * POLL_TIMEOUT alone bounds a hang: libmemcached's send and receive timeouts do
 * not.  Servers are never removed from the distribution: a user's keys would
 * move to another one and back, and meet their old values there.
 */
static void
set_behaviours(memcached_st *handle, int64_t timeout_ms)
{
	const struct {
		memcached_behavior_t name;
		uint64_t value;
	} rows[] = {
		{ MEMCACHED_BEHAVIOR_NO_BLOCK, 1 },
		{ MEMCACHED_BEHAVIOR_TCP_NODELAY, 1 },
		{ MEMCACHED_BEHAVIOR_POLL_TIMEOUT, (uint64_t)timeout_ms },
		{ MEMCACHED_BEHAVIOR_CONNECT_TIMEOUT, (uint64_t)timeout_ms },
		{ MEMCACHED_BEHAVIOR_RETRY_TIMEOUT, 1 },
		{ MEMCACHED_BEHAVIOR_DEAD_TIMEOUT, 1 },
		{ MEMCACHED_BEHAVIOR_SERVER_FAILURE_LIMIT, 1 },
		{ MEMCACHED_BEHAVIOR_VERIFY_KEY, 1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		memcached_behavior_set(handle, rows[i].name, rows[i].value);
	if (memcached_server_count(handle) > 1)
		memcached_behavior_set(handle, MEMCACHED_BEHAVIOR_DISTRIBUTION,
			MEMCACHED_DISTRIBUTION_CONSISTENT_KETAMA);
}

enum status
memcached_open(
	struct memcached **m, const struct config *config, struct reason *why)
{
	enum status st;

	*m = memory_zeroed(1, sizeof(**m));
	if (*config->memcached == '\0')
		return STATUS_OK;
	st = create_handle(&(*m)->handle, config->memcached, why);
	if (st != STATUS_OK) {
		memcached_close(m);
		return st;
	}
	set_behaviours((*m)->handle, config->cache_timeout_ms);
	(*m)->breakers = memory_zeroed(
		memcached_server_count((*m)->handle), sizeof(struct breaker));
	(*m)->pause_max_us = PAUSE_MAX_US;
	/* ours: those that it allocates itself it frees when they stay empty */
	for (int i = 0; i < RESULTS; i++)
		memcached_result_create((*m)->handle, &(*m)->results[i]);
	return STATUS_OK;
}

void
memcached_close(struct memcached **m)
{
	if (*m == NULL)
		return;
	if ((*m)->handle != NULL) {
		for (int i = 0; i < RESULTS; i++)
			memcached_result_free(&(*m)->results[i]);
		memcached_free((*m)->handle);
	}
	free((*m)->breakers);
	free(*m);
	*m = NULL;
}

void
memcached_insist(struct memcached *m)
{
	m->pause_max_us = PAUSE_INSISTENT_US;
	if (m->handle == NULL)
		return;
	memcached_behavior_set(m->handle, MEMCACHED_BEHAVIOR_RETRY_TIMEOUT, 0);
	memcached_behavior_set(m->handle, MEMCACHED_BEHAVIOR_SUPPORT_CAS, 1);
}

int
memcached_servers(const struct memcached *m)
{
	return m->handle == NULL ? 0 : (int)memcached_server_count(m->handle);
}

int
memcached_server_of(const struct memcached *m, struct slice group)
{
	return (int)memcached_generate_hash(m->handle, group.ptr, group.len);
}

bool
memcached_is_on(const struct memcached *m)
{
	return m->handle != NULL;
}

/* The breaker of the group's server; NULL: that one is not to be asked now. */
static struct breaker *
find_breaker(const struct memcached *m, struct slice group)
{
	struct breaker *breaker;

	if (m->handle == NULL)
		return NULL;
	breaker = &m->breakers[memcached_server_of(m, group)];
	return clock_now_us() >= breaker->retry_at_us ? breaker : NULL;
}

/* A failure to get an answer: the server is left alone for longer and longer */
static void
open_breaker(const struct memcached *m, struct breaker *breaker,
	memcached_return_t rc)
{
	breaker->pause_us *= 2;
	if (breaker->pause_us < PAUSE_MIN_US)
		breaker->pause_us = PAUSE_MIN_US;
	if (breaker->pause_us > m->pause_max_us)
		breaker->pause_us = m->pause_max_us;
	breaker->retry_at_us = clock_now_us() + breaker->pause_us;
	log_repeated(LOG_LEVEL_WARNING, "cache_unavailable",
		log_text("error", memcached_strerror(m->handle, rc)),
		log_duration("retryMs", breaker->pause_us));
}

/* Notes how an exchange ended: failures open the breaker, answers close it. */
static enum status
judge(const struct memcached *m, struct breaker *breaker, memcached_return_t rc)
{
	enum status st;

	switch (rc) { /* the answers; all else is a failure to get one */
	case MEMCACHED_SUCCESS:
	case MEMCACHED_STORED:
	case MEMCACHED_DELETED:
	case MEMCACHED_END:
		st = STATUS_OK;
		break;
	case MEMCACHED_NOTFOUND:
	case MEMCACHED_NOTSTORED:
	case MEMCACHED_DATA_EXISTS:
		st = STATUS_NOT_FOUND;
		break;
	case MEMCACHED_E2BIG: /* it stores, but not this, or not now */
	case MEMCACHED_SERVER_ERROR:
	case MEMCACHED_SERVER_MEMORY_ALLOCATION_FAILURE:
		st = STATUS_UNAVAILABLE;
		break;
	default:
		open_breaker(m, breaker, rc);
		return STATUS_UNAVAILABLE;
	}
	if (breaker->pause_us > 0)
		log_info("cache_recovered");
	breaker->pause_us = 0;
	return st;
}

static memcached_return_t
ask(struct memcached *m, struct slice group, const struct memcached_item *items,
	int count)
{
	const char *keys[MEMCACHED_ITEMS_MAX];
	size_t lens[MEMCACHED_ITEMS_MAX];

	for (int i = 0; i < count; i++) {
		keys[i] = items[i].key;
		lens[i] = strlen(items[i].key);
	}
	return memcached_mget_by_key(
		m->handle, group.ptr, group.len, keys, lens, (size_t)count);
}

/* Hands a value to the item that asked for it; they come in any order. */
static void
take(memcached_result_st *result, struct memcached_item *items, int count)
{
	struct slice key = { memcached_result_key_value(result),
		memcached_result_key_length(result) };

	for (int i = 0; i < count; i++)
		if (slice_equals_text(key, items[i].key)) {
			items[i].is_hit = true;
			items[i].value = (struct slice){
				memcached_result_value(result),
				memcached_result_length(result),
			};
			items[i].version = memcached_result_cas(result);
		}
}

enum status
memcached_read(struct memcached *m, struct slice group,
	struct memcached_item *items, int count)
{
	struct breaker *breaker = find_breaker(m, group);
	memcached_return_t rc;
	enum status st;

	assert(count >= 1 && count <= MEMCACHED_ITEMS_MAX);
	if (breaker == NULL)
		return STATUS_UNAVAILABLE;
	for (int i = 0; i < count; i++)
		items[i].is_hit = false;
	rc = ask(m, group, items, count);
	for (int i = 0; rc == MEMCACHED_SUCCESS && i <= count; i++)
		if (memcached_fetch_result(m->handle, &m->results[i], &rc) !=
			NULL)
			take(&m->results[i], items, count);
	st = judge(m, breaker, rc);
	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}

enum status
memcached_write(struct memcached *m, struct slice group, const char *key,
	struct slice value, int64_t life_s)
{
	struct breaker *breaker = find_breaker(m, group);

	if (breaker == NULL)
		return STATUS_UNAVAILABLE;
	return judge(m, breaker,
		memcached_set_by_key(m->handle, group.ptr, group.len, key,
			strlen(key), value.ptr, value.len, (time_t)life_s, 0));
}

enum status
memcached_create_key(struct memcached *m, struct slice group, const char *key,
	struct slice value, int64_t life_s)
{
	struct breaker *breaker = find_breaker(m, group);

	if (breaker == NULL)
		return STATUS_UNAVAILABLE;
	return judge(m, breaker,
		memcached_add_by_key(m->handle, group.ptr, group.len, key,
			strlen(key), value.ptr, value.len, (time_t)life_s, 0));
}

enum status
memcached_raise(struct memcached *m, struct slice group, const char *key)
{
	struct breaker *breaker = find_breaker(m, group);
	uint64_t unused;

	if (breaker == NULL)
		return STATUS_UNAVAILABLE;
	return judge(m, breaker,
		memcached_increment_by_key(m->handle, group.ptr, group.len, key,
			strlen(key), 1, &unused));
}

enum status
memcached_exchange(struct memcached *m, struct slice group,
	const struct memcached_item *item, struct slice value, int64_t life_s)
{
	struct breaker *breaker = find_breaker(m, group);

	if (breaker == NULL)
		return STATUS_UNAVAILABLE;
	return judge(m, breaker,
		memcached_cas_by_key(m->handle, group.ptr, group.len, item->key,
			strlen(item->key), value.ptr, value.len, (time_t)life_s,
			0, item->version));
}

enum status
memcached_forget(struct memcached *m, struct slice group, const char *key)
{
	struct breaker *breaker = find_breaker(m, group);

	if (breaker == NULL)
		return STATUS_UNAVAILABLE;
	return judge(m, breaker,
		memcached_delete_by_key(
			m->handle, group.ptr, group.len, key, strlen(key), 0));
}
