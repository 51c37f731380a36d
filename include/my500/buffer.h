#ifndef MY500_BUFFER_H
#define MY500_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#include "my500/slice.h"

/*
 * A growing string.  Starts as { 0 }; keeps its memory when cleared, so that
 * a worker's buffers settle at the size of its pages.  Out of memory ends the
 * process (memory.h): the supervisor replaces it.
 */
struct buffer {
	char *ptr;
	size_t len;
	size_t capacity;
};

void buffer_add(struct buffer *b, const char *ptr, size_t len);
void buffer_add_slice(struct buffer *b, struct slice s);
void buffer_add_text(struct buffer *b, const char *text);
void buffer_add_char(struct buffer *b, char c);
void buffer_add_int(struct buffer *b, int64_t value);
void buffer_printf(struct buffer *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Room for `len` more bytes; returns where they go.  Add them to b->len. */
char *buffer_reserve(struct buffer *b, size_t len);

/* What it holds, borrowed until the next change. */
struct slice buffer_slice(const struct buffer *b);

/* Empty again; memory beyond `keep_bytes` is given back. */
void buffer_clear(struct buffer *b, size_t keep_bytes);
void buffer_close(struct buffer *b);

#endif
