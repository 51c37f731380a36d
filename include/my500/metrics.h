#ifndef MY500_METRICS_H
#define MY500_METRICS_H

#include <stdint.h>

/*
 * What is counted, per process in the cells of its place on the scoreboard,
 * and summed over all of them when it is read.  To count costs a few
 * nanoseconds and needs neither a lock nor a scoreboard.
 */

/* The sets of labels, and how many values each has. */
enum metrics_endpoint {
#define ENDPOINT(value) METRICS_ENDPOINT_##value,
#include "my500/metrics.def"
	METRICS_ENDPOINT_VALUES
};
enum metrics_http_status {
#define HTTP_STATUS(value) METRICS_HTTP_STATUS_##value,
#include "my500/metrics.def"
	METRICS_HTTP_STATUS_VALUES
};
enum metrics_cache_kind {
#define CACHE_KIND(value) METRICS_CACHE_KIND_##value,
#include "my500/metrics.def"
	METRICS_CACHE_KIND_VALUES
};
enum metrics_cache_result {
#define CACHE_RESULT(value) METRICS_CACHE_RESULT_##value,
#include "my500/metrics.def"
	METRICS_CACHE_RESULT_VALUES
};
enum metrics_slow_kind {
#define SLOW_KIND(value) METRICS_SLOW_KIND_##value,
#include "my500/metrics.def"
	METRICS_SLOW_KIND_VALUES
};
enum metrics_statement { /* the numbers of enum statement */
#define STATEMENT(name, parameters, prepared) METRICS_STATEMENT_##name,
#include "my500/statement.def"
#undef STATEMENT
	METRICS_STATEMENT_VALUES
};
enum metrics_none {
	METRICS_NONE,
	METRICS_NONE_VALUES
};

enum metric {
#define COUNTER(name, labels, more, help) METRIC_##name,
#define HISTOGRAM(name, labels, help)     METRIC_##name,
#define DERIVED(name, type, help)         METRIC_##name,
#include "my500/metrics.def"
	METRICS
};

/* The ends of the buckets; beyond the last one there is one more. */
enum metrics_bound {
#define BOUND(us, text) METRICS_BOUND_##us,
#include "my500/metrics.def"
	METRICS_BOUNDS
};
extern const char *const metrics_bound_texts[METRICS_BOUNDS]; /* seconds */

/* A histogram's cells: what fell into each bucket alone, and the sum of all
 * durations in microseconds. */
#define METRICS_BUCKETS         (METRICS_BOUNDS + 1)
#define METRICS_HISTOGRAM_CELLS (METRICS_BUCKETS + 1)

enum metrics_type {
	METRICS_TYPE_counter,
	METRICS_TYPE_histogram,
	METRICS_TYPE_gauge,
	METRICS_TYPE_info
};

struct metrics_labels {
	const char *name; /* NULL: there is no such label */
	const char *const *values;
	int count;
};

/* What there is to know of a metric.  Its cells are in the order of its
 * labels, the second one running faster. */
struct metrics_series {
	const char *name; /* without my500_ and _total */
	const char *help;
	enum metrics_type type;
	const struct metrics_labels *labels, *more;
	int first_cell; /* -1: derived */
};

extern const struct metrics_series metrics_series[METRICS];

/* Counts; `label` and `more` are values of the metric's sets, METRICS_NONE
 * where it has none. */
void metrics_add(enum metric metric, int label, int more, uint64_t n);

/* Puts a duration into a histogram. */
void metrics_observe(enum metric metric, int label, int64_t duration_us);

/* Counts a request that was answered: by its HTTP status (which is 500 when
 * it is none of the table), and its duration. */
void metrics_add_request(
	enum metrics_endpoint endpoint, int http_status, int64_t duration_us);

/* Counts the lines that the log of this process has lost. */
void metrics_add_lost_lines(void);

/* A cell, summed over all processes that there ever were. */
uint64_t metrics_sum(int cell);

/* The requests counted in one place of the scoreboard. */
uint64_t metrics_requests_of(int place);

#endif
