#ifndef MY500_MEMCACHED_H
#define MY500_MEMCACHED_H

#include <stdbool.h>
#include <stdint.h>

#include "my500/buffer.h"
#include "my500/slice.h"
#include "my500/status.h"

struct config;

#define MEMCACHED_KEY_BYTES 251
#define MEMCACHED_ITEMS_MAX 5

/*
 * The memcached servers (libmemcached, text protocol).  One process has one;
 * it is opened after fork().  A server that is down, hung or restarted costs
 * one request at most MY500_CACHE_TIMEOUT; then all calls for it return
 * STATUS_UNAVAILABLE at once for a second, doubling to ten, before the next
 * one is let through as a probe.
 */
struct memcached;

/* An empty MY500_MEMCACHED gives a cache that is always STATUS_UNAVAILABLE.
 * STATUS_INVALID with `why` when it can't be understood.  Does not connect. */
CHECKED enum status memcached_open(
	struct memcached **m, const struct config *config, struct reason *why);
void memcached_close(struct memcached **m);

/* From now on a failing server is tried again every 50 ms, for who would wait
 * for it anyway, and items have versions. */
void memcached_insist(struct memcached *m);

/* Whether MY500_MEMCACHED names any server, and how many. */
bool memcached_is_on(const struct memcached *m);
int memcached_servers(const struct memcached *m);

/* Which of them keeps the keys of `group`: all keys of one user share one. */
int memcached_server_of(const struct memcached *m, struct slice group);

/* A key, which is at most 250 bytes of printable ASCII, and what it holds. */
struct memcached_item {
	char key[MEMCACHED_KEY_BYTES];
	bool is_hit;
	struct slice value; /* of a hit, valid until the next read */
	uint64_t version;   /* of that value; for who insists */
};

/*
 * Looks all keys up in one round trip, on the server of `group`.
 * STATUS_UNAVAILABLE: could not ask; then whatever there is does not count.
 */
CHECKED enum status memcached_read(struct memcached *m, struct slice group,
	struct memcached_item *items, int count);

/*
 * The others change one key.  STATUS_UNAVAILABLE: it can't be told whether
 * that was done, or it surely was not.  A life of 0 seconds has no end.
 */

CHECKED enum status memcached_write(struct memcached *m, struct slice group,
	const char *key, struct slice value, int64_t life_s);

/* STATUS_NOT_FOUND: the key was there already, and stays as it is. */
CHECKED enum status
memcached_create_key(struct memcached *m, struct slice group, const char *key,
	struct slice value, int64_t life_s);

/* Adds 1 to a decimal number.  STATUS_NOT_FOUND: there is no such key. */
CHECKED enum status
memcached_raise(struct memcached *m, struct slice group, const char *key);

/* Gives an item that was read another value, unless somebody else has done so
 * since: STATUS_NOT_FOUND, as when it is gone. */
CHECKED enum status memcached_exchange(struct memcached *m, struct slice group,
	const struct memcached_item *item, struct slice value, int64_t life_s);

/* STATUS_NOT_FOUND: there was no such key. */
CHECKED enum status
memcached_forget(struct memcached *m, struct slice group, const char *key);

#endif
