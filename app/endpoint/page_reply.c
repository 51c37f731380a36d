#include "config.h"

#include "my500/etag.h"
#include "my500/exchange.h"
#include "my500/json_text.h"
#include "my500/page_json.h"
#include "my500/page_reply.h"
#include "my500/services.h"

static void
add_performance(struct buffer *out, const struct timing *timing)
{
	buffer_add_text(out, ",\"performance\":{\"queryTime\":");
	json_add_ms(out, timing->phase_us[PHASE_DB]);
	buffer_add_text(out, ",\"cacheHit\":false,\"totalTime\":");
	json_add_ms(out, timing_total_us(timing));
	buffer_add_text(out, "}}");
}

void
page_reply(struct services *s, struct exchange *x)
{
	struct slice data = buffer_slice(&s->data);
	char etag[ETAG_BYTES];

	etag_make(data, etag);
	response_add_header(&x->response, "ETag", etag);
	if (etag_is_in(x->request->if_none_match, etag)) {
		x->response.http_status = 304;
		return;
	}
	page_json_add_end(&s->text, &x->params, x->timing.phase_us[PHASE_DB]);
	add_performance(&s->text, &x->timing);
	response_add_body(
		&x->response, slice_of("{\"success\":true,\"data\":"));
	response_add_body(&x->response, data);
	response_add_body(&x->response, buffer_slice(&s->text));
}
