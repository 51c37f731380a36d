#ifndef MY500_ARENA_H
#define MY500_ARENA_H

#include <stddef.h>

#include "my500/slice.h"

/* Memory that dies with the request: taken piece by piece, freed at once. */
struct arena;

struct arena *arena_open(void);
void arena_close(struct arena **a);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t bytes);

/* A NUL-terminated copy. */
char *arena_copy(struct arena *a, struct slice s);
char *arena_printf(struct arena *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Frees all of it; the first block is kept for the next request. */
void arena_reset(struct arena *a);

#endif
