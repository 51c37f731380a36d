#include "config.h"

#include <string.h>

#include "my500/id_array.h"

/* What an element has only between quotes. */
#define QUOTED "{}\",\\ \t\n\v\f\r"

/* Returns what follows the element; NULL: it is none. */
static const char *
skip_element(const char *c)
{
	size_t len = strcspn(c, QUOTED);

	if (len > 0)
		return c + len;
	if (*c != '"')
		return NULL;
	for (c++; *c != '"'; c++) {
		if (*c == '\\')
			c++;
		if (*c == '\0')
			return NULL;
	}
	return c + 1;
}

static bool
is_array(const char *text)
{
	if (*text != '{')
		return false;
	do
		text = skip_element(text + 1);
	while (text != NULL && *text == ',');
	return text != NULL && strcmp(text, "}") == 0;
}

bool
id_array_join(struct buffer *joined, const char *text)
{
	if (!is_array(text))
		return false;
	if (joined->len > 0) {
		joined->len--; /* its closing brace */
		buffer_add_char(joined, ',');
		text++;
	}
	buffer_add_text(joined, text);
	return true;
}
