#ifndef MY500_CLAIMS_JSON_H
#define MY500_CLAIMS_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "my500/slice.h"
#include "my500/status.h"

/*
 * The claims of a token, read by type: "12", 12 and null are three different
 * things, and none of them stands for a claim that is not there.
 */
struct claims;

/*
 * `json` is what libjwt wrote of a token, whose strict parser has seen to it
 * that it is JSON (RFC 8259).  STATUS_INVALID when it is anything but one
 * object, at most 32 levels deep, without \u0000.  A member that stands twice
 * counts as it stands last.
 */
CHECKED enum status claims_open(struct claims **claims, struct slice json);
void claims_close(struct claims **claims);

/* It is there, be it null. */
bool claims_has(const struct claims *claims, const char *name);

/* Absent unless it is a string.  Borrowed from `claims`; may hold NULs. */
struct slice claims_text(const struct claims *claims, const char *name);

enum claim_state {
	CLAIM_ABSENT,
	CLAIM_OK,
	CLAIM_WRONG_TYPE
};

/* Numbers beyond this are not exact everywhere (RFC 8259, section 6). */
#define CLAIMS_NUMBER_MAX (INT64_C(1) << 53)

/*
 * Any JSON number within CLAIMS_NUMBER_MAX of 0, a fraction rounded up: for
 * whole `now`, `now < number` and `now >= number` hold as they did before.
 * `number` is untouched unless CLAIM_OK.
 */
CHECKED enum claim_state
claims_number(const struct claims *claims, const char *name, int64_t *number);

/* The claim is the string `text`, or a list of nothing but strings of which
 * one is (the two forms of "aud", RFC 7519, 4.1.3). */
bool claims_list_contains(
	const struct claims *claims, const char *name, struct slice text);

#endif
