#include "config.h"

#include <assert.h>

#include "my500/request.h"
#include "my500/response.h"

#define KEEP_BYTES ((size_t)16 * 1024)

static const struct {
	int http_status;
	const char *phrase; /* RFC 9110, section 15 */
} phrases[] = {
	{ 200, "OK" },
	{ 204, "No Content" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 500, "Internal Server Error" },
	{ 503, "Service Unavailable" },
};

static const char *
phrase_of(int http_status)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].http_status == http_status)
			return phrases[i].phrase;
	return "";
}

void
response_reset(struct response *response)
{
	response->http_status = 200;
	response->content_type = "application/json; charset=utf-8";
	buffer_clear(&response->head, KEEP_BYTES);
	response->part_count = 0;
}

void
response_close(struct response *response)
{
	buffer_close(&response->head);
}

void
response_add_header(
	struct response *response, const char *name, const char *value)
{
	buffer_add_text(&response->head, name);
	buffer_add_text(&response->head, ": ");
	buffer_add_text(&response->head, value);
	buffer_add_text(&response->head, "\r\n");
}

void
response_add_body(struct response *response, struct slice part)
{
	assert(response->part_count < RESPONSE_PARTS_MAX);
	response->parts[response->part_count++] = part;
}

size_t
response_body_bytes(const struct response *response)
{
	size_t bytes = 0;

	for (int i = 0; i < response->part_count; i++)
		bytes += response->parts[i].len;
	return bytes;
}

void
response_finish(struct response *response, const struct request *request,
	struct buffer *out)
{
	bool has_content = response->http_status != 204 &&
		response->http_status != 304;

	buffer_clear(out, KEEP_BYTES);
	buffer_printf(out, "Status: %d %s\r\n", response->http_status,
		phrase_of(response->http_status));
	if (has_content)
		buffer_printf(out,
			"Content-Type: %s\r\nContent-Length: %zu\r\n",
			response->content_type, response_body_bytes(response));
	buffer_add_slice(out, buffer_slice(&response->head));
	buffer_add_text(out, "\r\n");
	if (!has_content || request->method == METHOD_HEAD)
		response->part_count = 0;
}
