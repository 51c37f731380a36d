#include "config.h"

#include <fcgiapp.h>
#include <string.h>
#include <sys/random.h>

#include "my500/request.h"

#define ID_BYTES  16 /* of a new one, before it is text */
#define IDS_DRAWN 16
#define ID_CHARACTERS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

static struct slice
variable(char **variables, const char *name, struct arena *arena)
{
	struct slice value = slice_of(FCGX_GetParam(name, variables));

	if (value.ptr != NULL)
		value.ptr = arena_copy(arena, value);
	return value;
}

static enum method
read_method(struct slice text)
{
	static const struct {
		const char *text;
		enum method method;
	} rows[] = {
		{ "GET", METHOD_GET },
		{ "HEAD", METHOD_HEAD },
		{ "OPTIONS", METHOD_OPTIONS },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (slice_equals_text(text, rows[i].text))
			return rows[i].method;
	return METHOD_OTHER;
}

static bool
is_good_id(struct slice id)
{
	return id.len >= 1 && id.len <= REQUEST_ID_MAX &&
		slice_consists_of(id, ID_CHARACTERS);
}

/* The bytes of an id, of several that are drawn together. */
static const unsigned char *
draw_id(void)
{
	static unsigned char ids[IDS_DRAWN][ID_BYTES];
	static size_t left;

	if (left == 0) {
		/* never short for so few bytes (getrandom(2)) */
		(void)!getrandom(ids, sizeof(ids), 0);
		left = IDS_DRAWN;
	}
	return ids[--left];
}

static void
make_id(char id[REQUEST_ID_MAX + 1])
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *random = draw_id();

	for (size_t i = 0; i < ID_BYTES; i++) {
		*id++ = digits[random[i] >> 4];
		*id++ = digits[random[i] & 0x0f];
	}
	*id = '\0';
}

static bool
is_oversized(char **variables)
{
	size_t bytes = 0;

	for (; *variables != NULL; variables++)
		bytes += strlen(*variables);
	return bytes > REQUEST_PARAMETERS_MAX_BYTES;
}

void
request_read(struct request *request, char **variables, int64_t accepted_us,
	struct arena *arena)
{
	struct slice script = variable(variables, "SCRIPT_NAME", arena);
	struct slice info = variable(variables, "PATH_INFO", arena);
	struct slice id = variable(variables, "HTTP_X_REQUEST_ID", arena);

	memset(request, 0, sizeof(*request));
	request->accepted_us = accepted_us;
	request->is_oversized = is_oversized(variables);
	/* REQUEST_URI is raw; these two together are the same path behind
	 * every web server, wherever it parts them */
	request->path = slice_of(arena_printf(arena, "%.*s%.*s",
		(int)script.len, script.ptr == NULL ? "" : script.ptr,
		(int)info.len, info.ptr == NULL ? "" : info.ptr));
	request->method_text = variable(variables, "REQUEST_METHOD", arena);
	request->method = read_method(request->method_text);
	request->query = variable(variables, "QUERY_STRING", arena);
	request->authorization = variable(
		variables, "HTTP_AUTHORIZATION", arena);
	request->accept = variable(variables, "HTTP_ACCEPT", arena);
	request->if_none_match = variable(
		variables, "HTTP_IF_NONE_MATCH", arena);
	request->origin = variable(variables, "HTTP_ORIGIN", arena);
	request->remote_address = variable(variables, "REMOTE_ADDR", arena);
	if (is_good_id(id))
		memcpy(request->id, id.ptr, id.len);
	else
		make_id(request->id);
}
