#include "config.h"

#include "my500/cors.h"
#include "my500/request.h"
#include "my500/response.h"

#define PREFLIGHT_AGE_S "600"

static bool
is_listed(struct slice origin, const char *origins)
{
	struct slice rest = slice_of(origins), entry;

	while (origin.len > 0 && slice_split(&rest, ',', &entry))
		if (slice_equals(slice_trim(entry), origin))
			return true;
	return false;
}

void
cors_add_headers(struct response *response, const struct request *request,
	const char *origins)
{
	if (*origins == '\0')
		return;
	response_add_header(response, "Vary", "Origin");
	if (!is_listed(request->origin, origins))
		return;
	buffer_printf(&response->head, "Access-Control-Allow-Origin: %.*s\r\n",
		(int)request->origin.len, request->origin.ptr);
	if (request->method != METHOD_OPTIONS) {
		response_add_header(response, "Access-Control-Expose-Headers",
			"ETag, Server-Timing, X-Request-Id, X-Response-Time");
		return;
	}
	response_add_header(
		response, "Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
	response_add_header(response, "Access-Control-Allow-Headers",
		"Authorization, If-None-Match, X-Request-Id");
	response_add_header(
		response, "Access-Control-Max-Age", PREFLIGHT_AGE_S);
}
