#include "config.h"

#include <string.h>

#include "my500/etag.h"
#include "my500/exchange.h"
#include "my500/json_text.h"
#include "my500/page_json.h"
#include "my500/page_reply.h"
#include "my500/services.h"

static void
add_performance(struct buffer *out, const struct exchange *x)
{
	buffer_add_text(out, ",\"performance\":{\"queryTime\":");
	json_add_ms(out, x->timing.phase_us[PHASE_DB]);
	buffer_printf(out, ",\"cacheHit\":%s,\"totalTime\":",
		x->is_cached ? "true" : "false");
	json_add_ms(out, timing_total_us(&x->timing));
	buffer_add_text(out, "}}");
}

void
page_reply(struct services *s, struct exchange *x)
{
	buffer_printf(&x->response.head, "ETag: %.*s\r\n",
		(int)x->page.etag.len, x->page.etag.ptr);
	if (strcmp(x->cache, "stale") == 0) /* RFC 7234, section 5.5.1 */
		response_add_header(
			&x->response, "Warning", "110 - \"Response is Stale\"");
	if (etag_is_in(x->request->if_none_match, x->page.etag)) {
		x->response.http_status = 304;
		return;
	}
	page_json_add_end(&s->text, &x->params, x->timing.phase_us[PHASE_DB]);
	add_performance(&s->text, x);
	response_add_body(
		&x->response, slice_of("{\"success\":true,\"data\":"));
	response_add_body(&x->response, x->page.data);
	response_add_body(&x->response, buffer_slice(&s->text));
}
