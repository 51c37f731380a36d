#ifndef MY500_OPENMETRICS_H
#define MY500_OPENMETRICS_H

#include <stdint.h>

#include "my500/buffer.h"

/* OpenMetrics 1.0, and the text format 0.0.4 of Prometheus before it. */
enum openmetrics_format {
	OPENMETRICS_FORMAT_OPEN,
	OPENMETRICS_FORMAT_TEXT
};

/* What is known from the settings: the maxima beside the current values. */
struct openmetrics_limits {
	int64_t workers;
	int64_t resident_bytes; /* at which a worker retires; 0: never */
	int listen_fd;          /* the workers' socket; -1: not known */
};

/* The format that an Accept header (RFC 9110, section 12.5.1) asks for; the
 * older one only when it is preferred. */
enum openmetrics_format openmetrics_choose(struct slice accept);

/* The Content-Type of a format. */
const char *openmetrics_content_type(enum openmetrics_format format);

/*
 * Adds all metrics to `out`, of all processes on the scoreboard.  What
 * describes the present (workers, connections) is read off one look at each
 * row, so that it is never negative and adds up, whoever dies meanwhile.
 */
void openmetrics_write(struct buffer *out, enum openmetrics_format format,
	const struct openmetrics_limits *limits);

#endif
