#include "config.h"

#include <assert.h>

#include "my500/log.h"
#include "my500/metrics.h"
#include "my500/scoreboard.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

const char *const metrics_bound_texts[METRICS_BOUNDS] = {
#define BOUND(us, text) text,
#include "my500/metrics.def"
};
static const int64_t bounds_us[METRICS_BOUNDS] = {
#define BOUND(us, text) us,
#include "my500/metrics.def"
};

static const char *const endpoint_values[] = {
#define ENDPOINT(value) #value,
#include "my500/metrics.def"
};
static const char *const http_status_values[] = {
#define HTTP_STATUS(value) #value,
#include "my500/metrics.def"
};
static const int http_statuses[] = {
#define HTTP_STATUS(value) value,
#include "my500/metrics.def"
};
static const char *const cache_kind_values[] = {
#define CACHE_KIND(value) #value,
#include "my500/metrics.def"
};
static const char *const cache_result_values[] = {
#define CACHE_RESULT(value) #value,
#include "my500/metrics.def"
};
static const char *const slow_kind_values[] = {
#define SLOW_KIND(value) #value,
#include "my500/metrics.def"
};
static const char *const statement_values[] = {
#define STATEMENT(name, parameters, prepared) #name,
#include "my500/statement.def"
#undef STATEMENT
};

static const struct metrics_labels labels_NONE = { NULL, NULL, 1 };
#define LABELS(set, name, values)                                         \
	static const struct metrics_labels labels_##set = { name, values, \
		COUNT(values) }
LABELS(ENDPOINT, "endpoint", endpoint_values);
LABELS(HTTP_STATUS, "status", http_status_values);
LABELS(CACHE_KIND, "kind", cache_kind_values);
LABELS(CACHE_RESULT, "result", cache_result_values);
LABELS(SLOW_KIND, "kind", slow_kind_values);
LABELS(STATEMENT, "statement", statement_values);

/* Where the cells of each metric begin. */
#define CELLS(name, count) \
	CELL_##name, CELL_END_##name = CELL_##name - 1 + (count),
enum {
#define COUNTER(name, labels, more, help) \
	CELLS(name, (int)METRICS_##labels##_VALUES *METRICS_##more##_VALUES)
#define HISTOGRAM(name, labels, help) \
	CELLS(name, METRICS_##labels##_VALUES *METRICS_HISTOGRAM_CELLS)
#include "my500/metrics.def"
	CELLS_USED
};
_Static_assert(CELLS_USED <= SCOREBOARD_CELLS, "a place has room for them");

const struct metrics_series metrics_series[METRICS] = {
#define COUNTER(name, labels, more, help)                                      \
	{ #name, help, METRICS_TYPE_counter, &labels_##labels, &labels_##more, \
		CELL_##name },
#define HISTOGRAM(name, labels, help)                                          \
	{ #name, help, METRICS_TYPE_histogram, &labels_##labels, &labels_NONE, \
		CELL_##name },
#define DERIVED(name, type, help) \
	{ #name, help, METRICS_TYPE_##type, &labels_NONE, &labels_NONE, -1 },
#include "my500/metrics.def"
};

void
metrics_add(enum metric metric, int label, int more, uint64_t n)
{
	const struct metrics_series *s = &metrics_series[metric];

	assert(s->type == METRICS_TYPE_counter && s->first_cell >= 0);
	assert(label >= 0 && label < s->labels->count);
	assert(more >= 0 && more < s->more->count);
	scoreboard_add(s->first_cell + label * s->more->count + more, n);
}

void
metrics_observe(enum metric metric, int label, int64_t duration_us)
{
	const struct metrics_series *s = &metrics_series[metric];
	int cell = s->first_cell + label * METRICS_HISTOGRAM_CELLS;
	int bucket = 0;

	assert(s->type == METRICS_TYPE_histogram);
	assert(label >= 0 && label < s->labels->count);
	while (bucket < METRICS_BOUNDS && duration_us > bounds_us[bucket])
		bucket++;
	scoreboard_add(cell + bucket, 1);
	if (duration_us > 0)
		scoreboard_add(cell + METRICS_BUCKETS, (uint64_t)duration_us);
}

void
metrics_add_request(
	enum metrics_endpoint endpoint, int http_status, int64_t duration_us)
{
	int i = 0;

	while (i < METRICS_HTTP_STATUS_VALUES &&
		http_statuses[i] != http_status)
		i++;
	if (i == METRICS_HTTP_STATUS_VALUES)
		i = METRICS_HTTP_STATUS_500;
	metrics_add(METRIC_requests, (int)endpoint, i, 1);
	metrics_observe(
		METRIC_request_duration_seconds, (int)endpoint, duration_us);
}

void
metrics_add_lost_lines(void)
{
	int64_t lost = log_take_lost();

	if (lost > 0)
		metrics_add(METRIC_log_lost, METRICS_NONE, METRICS_NONE,
			(uint64_t)lost);
}

uint64_t
metrics_sum(int cell)
{
	int places = scoreboard_places();
	uint64_t sum = 0;

	for (int place = 0; place < places; place++)
		sum += scoreboard_cell(place, cell);
	return sum;
}

uint64_t
metrics_requests_of(int place)
{
	uint64_t sum = 0;

	for (int cell = CELL_requests; cell <= CELL_END_requests; cell++)
		sum += scoreboard_cell(place, cell);
	return sum;
}
