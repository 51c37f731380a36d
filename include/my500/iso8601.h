#ifndef MY500_ISO8601_H
#define MY500_ISO8601_H

#include "my500/buffer.h"

/*
 * Adds a TIMESTAMP, as PostgreSQL's ISO DateStyle writes it ("2024-01-15
 * 09:00:00.5"), or a TIMESTAMPTZ of a session in UTC ("…+00"), as a JSON string
 * in ISO 8601 with milliseconds ("2024-01-15T09:00:00.500Z").  Finer fractions
 * are cut.  Years before 0 or beyond 9999 get JavaScript's six digits and sign
 * (ECMA-262, 21.4.1.32); the
 * absent slice, `infinity` and whatever is no timestamp become null.
 */
void iso8601_add(struct buffer *out, struct slice timestamp);

#endif
