#ifndef MY500_MONITORING_H
#define MY500_MONITORING_H

#include "my500/status.h"

struct exchange;
struct services;

/* GET /metrics: all counters and gauges of this host's processes, as
 * OpenMetrics or, by Accept, as Prometheus's older text. */
CHECKED enum status
monitoring_answer_metrics(struct services *s, struct exchange *x);

/* GET /status: a row for each process, the one that is longest at its request
 * first; JSON, or with ?format=text a table for people. */
CHECKED enum status
monitoring_answer_status(struct services *s, struct exchange *x);

#endif
