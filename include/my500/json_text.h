#ifndef MY500_JSON_TEXT_H
#define MY500_JSON_TEXT_H

#include "my500/buffer.h"

/*
 * Writing JSON (RFC 8259) without building a tree: for pages, where json-c
 * costs six times as much, and for log lines.
 */

/* "text" with quotes, backslashes and control characters escaped; `/` is not.
 * `text` is UTF-8; the absent slice becomes null. */
void json_add_string(struct buffer *out, struct slice text);

/* Microseconds as milliseconds with three decimals: 0.412 */
void json_add_ms(struct buffer *out, int64_t duration_us);

#endif
