#ifndef MY500_CORS_H
#define MY500_CORS_H

struct request;
struct response;

/*
 * Lets a page of another origin read the answer (Fetch standard, CORS) when
 * the request's Origin is one of `origins` ("https://a.example,https://b").
 */
void cors_add_headers(struct response *response, const struct request *request,
	const char *origins);

#endif
