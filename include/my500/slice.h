#ifndef MY500_SLICE_H
#define MY500_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "my500/status.h"

/* Borrowed text with its length, not NUL-terminated.  ptr NULL: absent. */
struct slice {
	const char *ptr;
	size_t len;
};

/* A slice over NUL-terminated text; NULL gives the absent slice. */
struct slice slice_of(const char *text);

bool slice_equals(struct slice a, struct slice b);
bool slice_equals_text(struct slice a, const char *text);

/* ASCII case is ignored (scheme and header names, RFC 9110). */
bool slice_equals_nocase(struct slice a, const char *text);

/* Without leading and trailing blanks (space, tab, CR, LF). */
struct slice slice_trim(struct slice s);

/*
 * Cuts the part before the next `delimiter` off `rest` and returns it in
 * `part`.  false when nothing is left; "a,,b" gives "a", "" and "b".
 */
bool slice_split(struct slice *rest, char delimiter, struct slice *part);

/* Cuts `end` off the end of `s`; false when it is not there. */
bool slice_cut_end(struct slice *s, const char *end);

/*
 * Reads a plain decimal integer: digits only, no sign, no blanks.  false when
 * it is none or not within [min, max]; `value` is untouched then.
 */
CHECKED bool
slice_parse_int(struct slice s, int64_t min, int64_t max, int64_t *value);

/* Well-formed UTF-8 (RFC 3629): no overlong form, no surrogate. */
bool slice_is_utf8(struct slice s);

/* Every byte of it is in `set`, as strspn() has it. */
bool slice_consists_of(struct slice s, const char *set);

#endif
