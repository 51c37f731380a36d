#ifndef MY500_MEMCACHED_H
#define MY500_MEMCACHED_H

#include <stdbool.h>
#include <stdint.h>

#include "my500/buffer.h"
#include "my500/slice.h"
#include "my500/status.h"

struct config;

/*
 * The memcached servers (libmemcached, text protocol).  One process has one;
 * it is opened after fork().  A server that is down, hung or restarted costs
 * one request at most MY500_CACHE_TIMEOUT; then all calls return
 * STATUS_UNAVAILABLE at once for a second, doubling to ten, before the next
 * one is let through as a probe.
 */
struct memcached;

/* An empty MY500_MEMCACHED gives a cache that is always STATUS_UNAVAILABLE.
 * STATUS_INVALID with `why` when it can't be understood.  Does not connect. */
CHECKED enum status memcached_open(
	struct memcached **m, const struct config *config, struct reason *why);
void memcached_close(struct memcached **m);

/* Whether MY500_MEMCACHED names any server. */
bool memcached_is_on(const struct memcached *m);

/*
 * Looks `key` up on the server of `group` (all keys of one user share one).
 * STATUS_OK: `value` holds it, valid until the next call.  STATUS_NOT_FOUND: a
 * miss.  STATUS_UNAVAILABLE: could not ask.  Keys are at most 250 bytes of
 * printable ASCII.
 */
CHECKED enum status memcached_read(struct memcached *m, struct slice group,
	struct slice key, struct slice *value);

/* Stores `value` for `life_s` seconds.  STATUS_UNAVAILABLE: it was not. */
CHECKED enum status memcached_write(struct memcached *m, struct slice group,
	struct slice key, struct slice value, int64_t life_s);

#endif
