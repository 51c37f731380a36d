#ifndef MY500_PAGE_REPLY_H
#define MY500_PAGE_REPLY_H

struct exchange;
struct services;

/*
 * Makes the answer out of exchange->page: the envelope with its performance
 * figures around it, the ETag; or a 304 when the client has that page already
 * (If-None-Match, RFC 9110, section 13.1.2).
 */
void page_reply(struct services *s, struct exchange *x);

#endif
