#include "config.h"

#include <string.h>

#include "my500/address_list.h"
#include "my500/clock.h"
#include "my500/config.h"
#include "my500/contacts.h"
#include "my500/cors.h"
#include "my500/exchange.h"
#include "my500/failure.h"
#include "my500/json_text.h"
#include "my500/log.h"
#include "my500/metrics.h"
#include "my500/route.h"
#include "my500/services.h"

/* Finds the route; those that are not data are for administrators only, who on
 * their own socket are told nothing else. */
static enum status
find_route(const struct services *s, struct exchange *x)
{
	const struct route *route = route_find(
		x->request->path, s->config->base_path);

	if (route == NULL || (route->is_data && s->is_admin) ||
		(!route->is_data &&
			!address_list_has(
				s->admin_allow, x->request->remote_address)))
		return STATUS_NOT_FOUND;
	x->route = route;
	return STATUS_OK;
}

static enum status
dispatch(struct services *s, struct exchange *x)
{
	enum status st = find_route(s, x);

	if (st != STATUS_OK)
		return st;
	if (x->request->is_oversized)
		return status_refuse(&x->why, "header",
			"The request's header must not exceed %zu bytes",
			REQUEST_PARAMETERS_MAX_BYTES);
	switch (x->request->method) {
	case METHOD_GET:
	case METHOD_HEAD:
		return x->route->answer(s, x);
	case METHOD_OPTIONS:
		x->response.http_status = 204;
		response_add_header(&x->response, "Allow", EXCHANGE_ALLOW);
		return STATUS_OK;
	case METHOD_OTHER:
		break;
	}
	return STATUS_METHOD_NOT_ALLOWED;
}

/* The headers of every answer (contract, section 4). */
static void
add_common_headers(const struct services *s, struct exchange *x)
{
	struct response *response = &x->response;
	bool is_data = x->route != NULL && x->route->is_data;
	int64_t total_us;

	response_add_header(response, "X-Content-Type-Options", "nosniff");
	response_add_header(response, "X-Request-Id", x->request->id);
	cors_add_headers(response, x->request, s->config->cors_origins);
	if (!is_data) {
		response_add_header(response, "Cache-Control", "no-store");
		return;
	}
	response_add_header(response, "Cache-Control", "private, no-cache");
	response_add_header(response, "Vary", "Authorization, Cookie");
	total_us = timing_total_us(&x->timing);
	buffer_add_text(&response->head, "Server-Timing: ");
	timing_print(&x->timing, x->cache, total_us, &response->head);
	buffer_add_text(&response->head, "\r\nX-Response-Time: ");
	json_add_ms(&response->head, total_us);
	buffer_add_text(&response->head, "ms\r\n");
}

void
exchange_answer(struct services *s, struct exchange *x)
{
	enum status st;

	response_reset(&x->response);
	x->route = NULL;
	x->timing = (struct timing){ .accepted_us = x->request->accepted_us };
	x->why = (struct reason){ NULL, "" };
	x->identity = (struct identity){ .user_id = "" };
	x->cache = "off";
	x->stamp = (struct stamp){ "", "" };
	x->has_no_epoch = x->is_cached = x->is_new = false;
	x->counted = (struct total){ .snapshot = { NULL, 0 } };
	st = dispatch(s, x);
	if (st != STATUS_OK)
		failure_answer(s, x, st);
	add_common_headers(s, x);
	response_finish(&x->response, x->request, &s->head);
}

/* Requests for the state of things would be most of a quiet log. */
static enum log_level
level_of(const struct exchange *x)
{
	return x->route == NULL || x->route->is_data ? LOG_LEVEL_INFO
						     : LOG_LEVEL_DEBUG;
}

static void
count_request(const struct services *s, const struct exchange *x)
{
	int64_t total_us = timing_total_us(&x->timing);

	metrics_add_request(
		x->route == NULL ? METRICS_ENDPOINT_other : x->route->endpoint,
		x->response.http_status, total_us);
	if (total_us > s->config->slow_request_ms * CLOCK_US_PER_MS)
		metrics_add(METRIC_slow, METRICS_SLOW_KIND_request,
			METRICS_NONE, 1);
	metrics_add_lost_lines();
}

static void
log_request(const struct services *s, const struct exchange *x)
{
	const struct request *request = x->request;
	const int64_t *phase_us = x->timing.phase_us;
	int64_t total_us = timing_total_us(&x->timing);
	const struct log_field fields[] = {
		log_text("requestId", request->id),
		log_slice("method", request->method_text),
		log_slice("path", log_plain_path(request->path)),
		log_int("status", x->response.http_status),
		log_int("bytes", (int64_t)response_body_bytes(&x->response)),
		log_duration("durationMs", total_us),
		log_duration("authMs", phase_us[PHASE_AUTH]),
		log_duration("cacheMs", phase_us[PHASE_CACHE]),
		log_duration("dbMs", phase_us[PHASE_DB]),
		log_duration("encodeMs", phase_us[PHASE_ENCODE]),
		log_text("cache", x->cache),
		log_text("userId", x->identity.user_id),
		LOG_END,
	};

	log_write(level_of(x), "request", fields);
	if (total_us > s->config->slow_request_ms * CLOCK_US_PER_MS)
		log_write(LOG_LEVEL_ERROR, "slow_request", fields);
}

void
exchange_finish(struct services *s, struct exchange *x)
{
	log_request(s, x);
	count_request(s, x);
	contacts_remember(s, x);
}
