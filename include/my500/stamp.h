#ifndef MY500_STAMP_H
#define MY500_STAMP_H

#include "my500/memcached.h"

/* A 64-bit number in decimal, and its NUL; two of them. */
#define STAMP_NUMBER_BYTES 21
#define STAMP_EPOCH_BYTES  (2 * STAMP_NUMBER_BYTES)

/*
 * What a value in memcached must agree with to count (architecture, section
 * 4): the epoch of its server, and its user's generation.  Each is the text of
 * a number, empty where memcached has none.
 */
struct stamp {
	char epoch[STAMP_NUMBER_BYTES];
	char generation[STAMP_NUMBER_BYTES];
};

/* The stamp of all values where lifetimes alone count
 * (MY500_INVALIDATION=ttl). */
extern const struct stamp stamp_of_ttl;

/* Make items ask for the epoch and a user's generation. */
void stamp_ask_epoch(struct memcached_item *item);
void stamp_ask_generation(struct memcached_item *item, const char *user_id);

/*
 * What those items found.  An epoch counts until its deadline, on our clock:
 * memcached's own is set once a second, and one that was stopped and goes on
 * hands out what is long over before that.
 */
struct stamp stamp_read(const struct memcached_item *epoch,
	const struct memcached_item *generation, int64_t wall_us);

/* The value of an epoch that counts until then. */
void stamp_print_epoch(char value[STAMP_EPOCH_BYTES], const char *number,
	int64_t deadline_wall_us);

/* Whether such a value is of the epoch with this number. */
bool stamp_is_epoch(struct slice value, const char *number);

/* Whether values may be stored with it. */
bool stamp_is_whole(const struct stamp *stamp);

/*
 * Begins a generation, from a number that was never used before, for a user
 * that has none.  When that can't be done the stamp stays as it is.
 */
void stamp_begin_generation(
	struct stamp *stamp, struct memcached *m, const char *user_id);

/* Adds the stamp to a value, before what is stored. */
void stamp_add(struct buffer *value, const struct stamp *stamp);

/* Takes a stamp off the front of a value; false when there is none. */
bool stamp_take(struct slice *value, struct stamp *stamp);

/* Whether two whole stamps are equal. */
bool stamp_agrees(const struct stamp *a, const struct stamp *b);

/* A random number that is no other's, as text. */
void stamp_make_number(char number[STAMP_NUMBER_BYTES]);

#endif
