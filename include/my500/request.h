#ifndef MY500_REQUEST_H
#define MY500_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "my500/arena.h"
#include "my500/slice.h"

enum method {
	METHOD_GET,
	METHOD_HEAD,
	METHOD_OPTIONS,
	METHOD_OTHER
};

#define REQUEST_ID_MAX 64

/* A request as the web server hands it over (CGI/1.1, RFC 3875).  The slices
 * are in the arena; what is absent is the absent slice. */
struct request {
	enum method method;
	struct slice method_text;
	struct slice path;  /* decoded and normalised by the web server */
	struct slice query; /* as the client sent it, without the `?` */
	struct slice authorization;
	struct slice accept;
	struct slice if_none_match;
	struct slice origin;
	struct slice remote_address;
	char id[REQUEST_ID_MAX + 1]; /* the client's or a new one */
	bool is_oversized;           /* its parameters are beyond the limit */
	int64_t accepted_us;         /* clock_now_us() */
};

/* The most bytes that all parameters of a request may have together. */
#define REQUEST_PARAMETERS_MAX_BYTES ((size_t)64 * 1024)

/* Reads the request out of `variables` ("NAME=value", NULL-terminated). */
void request_read(struct request *request, char **variables,
	int64_t accepted_us, struct arena *arena);

#endif
