#include "config.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "my500/buffer.h"
#include "my500/memory.h"

#define FIRST_BYTES ((size_t)1024)
#define DIGITS_MAX  20 /* of 64 bits, with a sign */

/* What most of buffer_printf() fits into at the first try. */
#define PRINTF_BYTES ((size_t)256)

char *
buffer_reserve(struct buffer *b, size_t len)
{
	size_t need;

	if (b->ptr != NULL && b->capacity - b->len >= len)
		return b->ptr + b->len;
	need = b->len + len;
	if (need < b->capacity * 2)
		need = b->capacity * 2;
	if (need < FIRST_BYTES)
		need = FIRST_BYTES;
	b->ptr = memory_resize(b->ptr, need);
	b->capacity = need;
	return b->ptr + b->len;
}

void
buffer_add(struct buffer *b, const char *ptr, size_t len)
{
	char *end = buffer_reserve(b, len);

	if (len > 0)
		memcpy(end, ptr, len);
	b->len += len;
}

void
buffer_add_slice(struct buffer *b, struct slice s)
{
	buffer_add(b, s.ptr, s.len);
}

void
buffer_add_text(struct buffer *b, const char *text)
{
	buffer_add(b, text, strlen(text));
}

void
buffer_add_char(struct buffer *b, char c)
{
	*buffer_reserve(b, 1) = c;
	b->len++;
}

void
buffer_add_int(struct buffer *b, int64_t value)
{
	char digits[DIGITS_MAX];
	size_t first = sizeof(digits);
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do {
		digits[--first] = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (value < 0)
		digits[--first] = '-';
	buffer_add(b, digits + first, sizeof(digits) - first);
}

void
buffer_printf(struct buffer *b, const char *format, ...)
{
	char *end = buffer_reserve(b, PRINTF_BYTES);
	size_t room = b->capacity - b->len;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(end, room, format, args);
	va_end(args);
	assert(len >= 0);
	if ((size_t)len >= room) {
		end = buffer_reserve(b, (size_t)len + 1);
		va_start(args, format);
		vsnprintf(end, (size_t)len + 1, format, args);
		va_end(args);
	}
	b->len += (size_t)len;
}

struct slice
buffer_slice(const struct buffer *b)
{
	return (struct slice){ b->ptr, b->len };
}

void
buffer_clear(struct buffer *b, size_t keep_bytes)
{
	if (b->capacity > keep_bytes)
		buffer_close(b);
	b->len = 0;
}

void
buffer_close(struct buffer *b)
{
	free(b->ptr);
	*b = (struct buffer){ NULL, 0, 0 };
}
