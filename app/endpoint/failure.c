#include "config.h"

#include "my500/exchange.h"
#include "my500/failure.h"
#include "my500/json_text.h"
#include "my500/route.h"
#include "my500/services.h"

static const struct {
	int http_status;
	const char *code;
	const char *words;
} rows[] = {
#define STATUS(name, http, code, words) { http, code, words },
#include "my500/status.def"
#undef STATUS
};

/* RFC 6750, section 3: no error code when there was no token at all. */
static void
add_challenge(struct exchange *x)
{
	struct buffer *head = &x->response.head;

	if (x->why.text[0] == '\0')
		buffer_add_text(head, "WWW-Authenticate: Bearer\r\n");
	else
		buffer_printf(head,
			"WWW-Authenticate: Bearer error=\"invalid_token\", "
			"error_description=\"%s\"\r\n",
			x->why.text);
}

static void
add_body(struct buffer *out, const struct exchange *x, enum status status)
{
	const char *words = rows[status].words;

	if (words == NULL)
		words = x->route == NULL ? "Failed" : x->route->failure;
	if (status == STATUS_INVALID && x->why.text[0] != '\0')
		words = x->why.text;
	buffer_add_text(out, "{\"success\":false,\"error\":");
	json_add_string(out, slice_of(words));
	buffer_printf(out, ",\"code\":\"%s\",\"requestId\":\"%s\"",
		rows[status].code, x->request->id);
	if (status == STATUS_INVALID && x->why.field != NULL) {
		buffer_add_text(out, ",\"details\":{\"field\":");
		json_add_string(out, slice_of(x->why.field));
		buffer_add_char(out, '}');
	}
	buffer_add_char(out, '}');
}

void
failure_answer(struct services *s, struct exchange *x, enum status status)
{
	x->response.http_status = rows[status].http_status;
	switch (status) {
	case STATUS_UNAUTHORIZED:
		add_challenge(x);
		break;
	case STATUS_METHOD_NOT_ALLOWED:
		response_add_header(&x->response, "Allow", EXCHANGE_ALLOW);
		break;
	case STATUS_UNAVAILABLE:
		response_add_header(&x->response, "Retry-After", "1");
		break;
	case STATUS_OK:
	case STATUS_INVALID:
	case STATUS_NOT_FOUND:
	case STATUS_INTERNAL:
		break;
	}
	add_body(&s->text, x, status);
	response_add_body(&x->response, buffer_slice(&s->text));
}
