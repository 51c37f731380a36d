#ifndef MY500_STATUS_H
#define MY500_STATUS_H

/*
 * How a step ended.  Every fallible function returns one of these; results
 * leave through its last parameters.  Who cannot mend a failure passes it up;
 * endpoint/failure.c alone turns it into HTTP.
 */
enum status {
#define STATUS(name, http, code, words) STATUS_##name,
#include "my500/status.def"
#undef STATUS
};

#define CHECKED __attribute__((warn_unused_result))

/*
 * Why an input was refused, for people: the parameter, setting or claim, and
 * a sentence of what is wrong and what would be right.  Never a secret.
 */
struct reason {
	const char *field; /* static, or as long-lived as the input itself */
	char text[240];
};

/* Fills `why` and returns STATUS_INVALID, so that refusals are one line. */
CHECKED enum status status_refuse(struct reason *why, const char *field,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
