#include "config.h"

#include "my500/exchange.h"
#include "my500/health.h"
#include "my500/memcached.h"
#include "my500/schema_check.h"
#include "my500/services.h"

enum status
health_answer_live(struct services *s, struct exchange *x)
{
	(void)s;
	response_add_body(&x->response, slice_of("{\"status\":\"ok\"}"));
	return STATUS_OK;
}

static const char *
cache_state(struct memcached *memcached)
{
	struct memcached_item item = { .key = "my500:1:ready" };

	if (!memcached_is_on(memcached))
		return "off";
	return memcached_read(memcached, slice_of(item.key), &item, 1) ==
			STATUS_OK
		? "up"
		: "down";
}

enum status
health_answer_ready(struct services *s, struct exchange *x)
{
	bool is_up = schema_check_page(s->database, s->arena) == STATUS_OK;

	if (!is_up) {
		x->response.http_status = 503;
		response_add_header(&x->response, "Retry-After", "1");
	}
	buffer_printf(&s->text,
		"{\"status\":\"%s\",\"database\":\"%s\",\"cache\":\"%s\"}",
		is_up ? "ready" : "unavailable", is_up ? "up" : "down",
		cache_state(s->memcached));
	response_add_body(&x->response, buffer_slice(&s->text));
	return STATUS_OK;
}
