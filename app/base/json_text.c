#include "config.h"

#include <stdint.h>
#include <string.h>

#include "my500/json_text.h"

#define ONES  UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* Nonzero when one of the eight bytes of `word` is zero (the classic test). */
static uint64_t
has_zero(uint64_t word)
{
	return (word - ONES) & ~word & HIGHS;
}

/* Nonzero when one of the eight bytes is < 0x20, a quote or a backslash. */
static uint64_t
has_special(uint64_t word)
{
	return ((word - ONES * 0x20) & ~word & HIGHS) |
		has_zero(word ^ ONES * '"') | has_zero(word ^ ONES * '\\');
}

static bool
is_special(char c)
{
	return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

/* How many bytes from the start of `s` need no escape. */
static size_t
plain_length(struct slice s)
{
	size_t i = 0;
	uint64_t word;

	for (; i + sizeof(word) <= s.len; i += sizeof(word)) {
		memcpy(&word, s.ptr + i, sizeof(word));
		if (has_special(word) != 0)
			break;
	}
	while (i < s.len && !is_special(s.ptr[i]))
		i++;
	return i;
}

static void
add_escaped(struct buffer *out, char c)
{
	static const char from[] = "\"\\\b\f\n\r\t";
	static const char to[] = "\"\\bfnrt";
	const char *found = c == '\0' ? NULL : strchr(from, c);

	if (found != NULL) {
		buffer_add_char(out, '\\');
		buffer_add_char(out, to[found - from]);
	} else {
		buffer_printf(out, "\\u%04x", (unsigned)(unsigned char)c);
	}
}

void
json_add_string(struct buffer *out, struct slice text)
{
	size_t plain;

	if (text.ptr == NULL) {
		buffer_add(out, "null", 4);
		return;
	}
	buffer_reserve(out, text.len + 2);
	buffer_add_char(out, '"');
	for (;;) {
		plain = plain_length(text);
		buffer_add(out, text.ptr, plain);
		if (plain == text.len)
			break;
		add_escaped(out, text.ptr[plain]);
		text.ptr += plain + 1;
		text.len -= plain + 1;
	}
	buffer_add_char(out, '"');
}

void
json_add_ms(struct buffer *out, int64_t duration_us)
{
	if (duration_us < 0)
		duration_us = 0;
	buffer_add_int(out, duration_us / 1000);
	buffer_add_char(out, '.');
	buffer_add_char(out, (char)('0' + duration_us / 100 % 10));
	buffer_add_char(out, (char)('0' + duration_us / 10 % 10));
	buffer_add_char(out, (char)('0' + duration_us % 10));
}
