#include "config.h"

#include "my500/percent.h"

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The byte of the escape at `s`, 0 when it is broken or is %00. */
static char
escaped_byte(struct slice s)
{
	int high, low;

	if (s.len < 3)
		return '\0';
	high = hex_value(s.ptr[1]);
	low = hex_value(s.ptr[2]);
	return high < 0 || low < 0 ? '\0' : (char)(high * 16 + low);
}

enum status
percent_decode(struct slice text, enum percent_plus plus, struct arena *arena,
	struct slice *decoded)
{
	char *out = arena_copy(arena, text);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		struct slice rest = { text.ptr + i, text.len - i };
		char c = rest.ptr[0];

		if (c == '%') {
			c = escaped_byte(rest);
			i += 2;
		} else if (c == '+' && plus == PERCENT_PLUS_IS_SPACE) {
			c = ' ';
		}
		if (c == '\0')
			return STATUS_INVALID;
		out[len++] = c;
	}
	out[len] = '\0';
	*decoded = (struct slice){ out, len };
	return slice_is_utf8(*decoded) ? STATUS_OK : STATUS_INVALID;
}
