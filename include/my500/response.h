#ifndef MY500_RESPONSE_H
#define MY500_RESPONSE_H

#include <stdbool.h>

#include "my500/buffer.h"

struct request;

#define RESPONSE_PARTS_MAX 4

/*
 * An answer in the making: a status, header lines, and a body in parts, so
 * that a page need not be copied into its envelope.
 */
struct response {
	int http_status;
	const char *content_type;
	struct buffer head; /* "Name: value\r\n" lines, all but Status */
	struct slice parts[RESPONSE_PARTS_MAX];
	int part_count;
};

/* Back to an empty 200; the head's memory is kept. */
void response_reset(struct response *response);
void response_close(struct response *response);

/* Adds a header line; `value` is ours, never a client's unchecked text. */
void response_add_header(
	struct response *response, const char *name, const char *value);

/* Adds a part of the body, borrowed until the answer has been sent. */
void response_add_body(struct response *response, struct slice part);

/* Bytes of the body. */
size_t response_body_bytes(const struct response *response);

/*
 * Completes the head (CGI's Status line, Content-Type and Content-Length,
 * the blank line) in `out`, and drops the body where HTTP has none: for HEAD,
 * 204 and 304.
 */
void response_finish(struct response *response, const struct request *request,
	struct buffer *out);

#endif
