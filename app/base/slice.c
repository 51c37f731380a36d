#include "config.h"

#include <string.h>
#include <strings.h>

#include "my500/slice.h"

struct slice
slice_of(const char *text)
{
	return (struct slice){ text, text == NULL ? 0 : strlen(text) };
}

bool
slice_equals(struct slice a, struct slice b)
{
	return a.len == b.len &&
		(a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool
slice_equals_text(struct slice a, const char *text)
{
	return slice_equals(a, slice_of(text));
}

bool
slice_equals_nocase(struct slice a, const char *text)
{
	size_t len = strlen(text);

	return a.len == len && (len == 0 || strncasecmp(a.ptr, text, len) == 0);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice
slice_trim(struct slice s)
{
	while (s.len > 0 && is_blank(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

bool
slice_split(struct slice *rest, char delimiter, struct slice *part)
{
	const char *end;

	if (rest->ptr == NULL)
		return false;
	end = rest->len == 0 ? NULL : memchr(rest->ptr, delimiter, rest->len);
	*part = *rest;
	if (end == NULL) {
		*rest = (struct slice){ NULL, 0 };
		return true;
	}
	part->len = (size_t)(end - rest->ptr);
	rest->ptr = end + 1;
	rest->len -= part->len + 1;
	return true;
}

bool
slice_cut_end(struct slice *s, const char *end)
{
	size_t len = strlen(end);
	struct slice tail;

	if (len == 0 || s->len < len)
		return len == 0;
	tail = (struct slice){ s->ptr + s->len - len, len };
	if (!slice_equals_text(tail, end))
		return false;
	s->len -= len;
	return true;
}

bool
slice_parse_int(struct slice s, int64_t min, int64_t max, int64_t *value)
{
	int64_t n = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
		if (__builtin_mul_overflow(n, 10, &n) ||
			__builtin_add_overflow(n, s.ptr[i] - '0', &n))
			return false;
	}
	if (n < min || n > max)
		return false;
	*value = n;
	return true;
}

/* Bytes of the well-formed sequence at `p` (RFC 3629, section 4), 0 if none. */
static size_t
utf8_length(const unsigned char *p, size_t left)
{
	static const struct {
		unsigned char first, last, low, high;
		size_t len;
	} forms[] = {
		{ 0x00, 0x7f, 0x00, 0x00, 1 },
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
		if (p[0] < forms[f].first || p[0] > forms[f].last)
			continue;
		if (forms[f].len > left)
			return 0;
		if (forms[f].len > 1 &&
			(p[1] < forms[f].low || p[1] > forms[f].high))
			return 0;
		for (size_t i = 2; i < forms[f].len; i++)
			if ((p[i] & 0xc0) != 0x80)
				return 0;
		return forms[f].len;
	}
	return 0;
}

bool
slice_is_utf8(struct slice s)
{
	const unsigned char *p = (const unsigned char *)s.ptr;

	for (size_t i = 0, n; i < s.len; i += n)
		if ((n = utf8_length(p + i, s.len - i)) == 0)
			return false;
	return true;
}

bool
slice_consists_of(struct slice s, const char *set)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '\0' || strchr(set, s.ptr[i]) == NULL)
			return false;
	return true;
}
