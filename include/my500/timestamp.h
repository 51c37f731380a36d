#ifndef MY500_TIMESTAMP_H
#define MY500_TIMESTAMP_H

#include "my500/slice.h"

/*
 * PostgreSQL's timestamps as numbers: microseconds since 2000-01-01, as it
 * holds them itself (manual, 8.5 Date/Time Types), between these two.
 */
#define TIMESTAMP_INFINITY       INT64_MAX
#define TIMESTAMP_MINUS_INFINITY INT64_MIN

#define TIMESTAMP_TEXT_BYTES 88

/* Whether PostgreSQL has such a timestamp. */
bool timestamp_is_valid(int64_t us);

/* Reads what PostgreSQL writes with DateStyle ISO and TimeZone UTC: the zone
 * +00 is passed over.  false when it is something else. */
CHECKED bool timestamp_read(struct slice text, int64_t *us);

/* Writes a valid one as PostgreSQL reads it. */
void timestamp_print(int64_t us, char text[TIMESTAMP_TEXT_BYTES]);

#endif
