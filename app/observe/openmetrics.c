#include "config.h"

#include <stdlib.h>

#include "my500/clock.h"
#include "my500/listen_queue.h"
#include "my500/memory.h"
#include "my500/metrics.h"
#include "my500/openmetrics.h"
#include "my500/scoreboard.h"

#define QUALITY_MAX 1000 /* in thousandths */

struct writer {
	struct buffer *out;
	enum openmetrics_format format;
	const struct openmetrics_limits *limits;
	struct scoreboard_row *rows; /* one for each place */
	int places;
};

/* The weight of a media range, by its parameters. */
static int
read_quality(struct slice parameters)
{
	struct slice parameter;
	int quality = QUALITY_MAX;

	while (slice_split(&parameters, ';', &parameter)) {
		struct slice value = slice_trim(parameter), name;

		if (!slice_split(&value, '=', &name) ||
			!slice_equals_nocase(name, "q") || value.len == 0)
			continue;
		quality = value.ptr[0] == '1' ? QUALITY_MAX : 0;
		for (size_t i = 2, unit = QUALITY_MAX / 10;
			i < value.len && unit > 0; i++, unit /= 10)
			if (value.ptr[i] >= '0' && value.ptr[i] <= '9')
				quality += (value.ptr[i] - '0') * (int)unit;
	}
	return quality;
}

/* The weight of a media type: that of the most specific range around it. */
static int
find_quality(struct slice accept, const char *type, const char *group)
{
	const char *const ranges[] = { "*/*", group, type };
	struct slice range, name;
	int best = 0, quality = 0;

	while (slice_split(&accept, ',', &range)) {
		(void)slice_split(&range, ';', &name);
		for (int i = 0; i < 3; i++)
			if (i >= best &&
				slice_equals_nocase(
					slice_trim(name), ranges[i])) {
				int q = read_quality(range);

				quality = i == best && q < quality ? quality
								   : q;
				best = i;
			}
	}
	return quality;
}

enum openmetrics_format
openmetrics_choose(struct slice accept)
{
	int open = find_quality(
		accept, "application/openmetrics-text", "application/*");
	int text = find_quality(accept, "text/plain", "text/*");

	return text > open ? OPENMETRICS_FORMAT_TEXT : OPENMETRICS_FORMAT_OPEN;
}

const char *
openmetrics_content_type(enum openmetrics_format format)
{
	return format == OPENMETRICS_FORMAT_OPEN
		? "application/openmetrics-text; version=1.0.0; charset=utf-8"
		: "text/plain; version=0.0.4; charset=utf-8";
}

static const char *
suffix_of(enum metrics_type type)
{
	switch (type) {
	case METRICS_TYPE_counter:
		return "_total";
	case METRICS_TYPE_info:
		return "_info";
	case METRICS_TYPE_gauge:
	case METRICS_TYPE_histogram:
		break;
	}
	return "";
}

/* OpenMetrics names a family without its samples' suffix, the older format
 * with it, and knows no info. */
static void
add_head(const struct writer *w, enum metric metric)
{
	static const char *const types[] = { "counter", "histogram", "gauge",
		"info" };
	const struct metrics_series *s = &metrics_series[metric];
	bool is_open = w->format == OPENMETRICS_FORMAT_OPEN;
	const char *suffix = is_open ? "" : suffix_of(s->type);
	const char *type = !is_open && s->type == METRICS_TYPE_info
		? "gauge"
		: types[s->type];
	struct slice name = slice_of(s->name);

	buffer_printf(
		w->out, "# HELP my500_%s%s %s\n", s->name, suffix, s->help);
	buffer_printf(w->out, "# TYPE my500_%s%s %s\n", s->name, suffix, type);
	if (is_open && slice_cut_end(&name, "_seconds"))
		buffer_printf(w->out, "# UNIT my500_%s seconds\n", s->name);
	else if (is_open && slice_cut_end(&name, "_bytes"))
		buffer_printf(w->out, "# UNIT my500_%s bytes\n", s->name);
}

static void
add_name(const struct writer *w, enum metric metric)
{
	const struct metrics_series *s = &metrics_series[metric];

	buffer_printf(w->out, "my500_%s%s", s->name, suffix_of(s->type));
}

static void
add_seconds(const struct writer *w, uint64_t us)
{
	buffer_printf(w->out, " %llu.%06llu\n",
		(unsigned long long)us / 1000000,
		(unsigned long long)us % 1000000);
}

/* name="value" of a label, NAME and `mark` around it; nothing without one. */
static void
add_label(const struct writer *w, const struct metrics_labels *labels, int i,
	const char *mark)
{
	if (labels->name != NULL)
		buffer_printf(w->out, "%s%s=\"%s\"", mark, labels->name,
			labels->values[i]);
}

static void
add_counter(const struct writer *w, enum metric metric)
{
	const struct metrics_series *s = &metrics_series[metric];
	int cell = s->first_cell;

	for (int i = 0; i < s->labels->count; i++)
		for (int j = 0; j < s->more->count; j++) {
			add_name(w, metric);
			add_label(w, s->labels, i, "{");
			add_label(w, s->more, j, ",");
			buffer_printf(w->out, "%s %llu\n",
				s->labels->name == NULL ? "" : "}",
				(unsigned long long)metrics_sum(cell++));
		}
}

/* The name of a histogram's sample, with its label in braces. */
static void
add_part(
	const struct writer *w, enum metric metric, int label, const char *part)
{
	const struct metrics_series *s = &metrics_series[metric];

	buffer_printf(w->out, "my500_%s%s", s->name, part);
	add_label(w, s->labels, label, "{");
	if (s->labels->name != NULL)
		buffer_add_char(w->out, '}');
}

static void
add_histogram(const struct writer *w, enum metric metric, int label)
{
	const struct metrics_series *s = &metrics_series[metric];
	int cell = s->first_cell + label * METRICS_HISTOGRAM_CELLS;
	uint64_t count = 0;

	for (int i = 0; i < METRICS_BUCKETS; i++) {
		count += metrics_sum(cell + i);
		buffer_printf(w->out, "my500_%s_bucket{", s->name);
		add_label(w, s->labels, label, "");
		buffer_printf(w->out, "%sle=\"%s\"} %llu\n",
			s->labels->name == NULL ? "" : ",",
			i < METRICS_BOUNDS ? metrics_bound_texts[i] : "+Inf",
			(unsigned long long)count);
	}
	add_part(w, metric, label, "_count");
	buffer_printf(w->out, " %llu\n", (unsigned long long)count);
	add_part(w, metric, label, "_sum");
	add_seconds(w, metrics_sum(cell + METRICS_BUCKETS));
}

static bool
is_worker(const struct scoreboard_row *row)
{
	return row->state != SCOREBOARD_STATE_free &&
		row->role == SCOREBOARD_ROLE_worker;
}

static void
add_workers(const struct writer *w)
{
	int counts[SCOREBOARD_STATES] = { 0 };

	for (int i = 0; i < w->places; i++)
		if (is_worker(&w->rows[i]))
			counts[w->rows[i].state]++;
	for (int i = SCOREBOARD_STATE_free + 1; i < SCOREBOARD_STATES; i++) {
		add_name(w, METRIC_workers);
		buffer_printf(w->out, "{state=\"%s\"} %d\n",
			scoreboard_state_words[i], counts[i]);
	}
}

static void
add_connections(const struct writer *w)
{
	int counts[SCOREBOARD_DATABASES] = { 0 };

	for (int i = 0; i < w->places; i++)
		if (is_worker(&w->rows[i]))
			counts[w->rows[i].database]++;
	add_name(w, METRIC_db_connections);
	buffer_printf(w->out, "{state=\"busy\"} %d\n",
		counts[SCOREBOARD_DATABASE_busy]);
	add_name(w, METRIC_db_connections);
	buffer_printf(w->out, "{state=\"idle\"} %d\n",
		counts[SCOREBOARD_DATABASE_idle]);
}

static void
add_gauge(const struct writer *w, enum metric metric, int64_t value)
{
	add_head(w, metric);
	add_name(w, metric);
	buffer_printf(w->out, " %lld\n", (long long)value);
}

static void
add_listen_queue(const struct writer *w)
{
	struct listen_queue queue;

	if (w->limits->listen_fd < 0 ||
		listen_queue_read(w->limits->listen_fd, &queue) != STATUS_OK)
		return;
	add_gauge(w, METRIC_listen_queue, queue.waiting);
	add_gauge(w, METRIC_listen_queue_max, queue.waiting_max);
}

/* The sample of one worker: its name, and the label that says which. */
static void
add_worker_name(const struct writer *w, enum metric metric, int place)
{
	add_name(w, metric);
	buffer_printf(w->out, "{worker=\"%d\"", scoreboard_number(place));
}

static void
add_resident(const struct writer *w, int place)
{
	add_worker_name(w, METRIC_worker_resident_bytes, place);
	buffer_printf(
		w->out, "} %lld\n", (long long)w->rows[place].resident_bytes);
}

static void
add_requests(const struct writer *w, int place)
{
	add_worker_name(w, METRIC_worker_requests, place);
	buffer_printf(w->out, "} %llu\n",
		(unsigned long long)metrics_requests_of(place));
}

static void
add_state(const struct writer *w, int place)
{
	for (int i = SCOREBOARD_STATE_free + 1; i < SCOREBOARD_STATES; i++) {
		add_worker_name(w, METRIC_worker_state, place);
		buffer_printf(w->out, ",state=\"%s\"} %d\n",
			scoreboard_state_words[i],
			(int)w->rows[place].state == i);
	}
}

static void
add_request_age(const struct writer *w, int place)
{
	const struct scoreboard_row *row = &w->rows[place];
	int64_t age_us = clock_now_us() - row->request_us;

	if (row->state != SCOREBOARD_STATE_busy)
		return;
	add_worker_name(w, METRIC_worker_request_age_seconds, place);
	buffer_printf(
		w->out, ",step=\"%s\"}", scoreboard_step_words[row->step]);
	add_seconds(w, age_us < 0 ? 0 : (uint64_t)age_us);
}

/* A family with what `add` has to say of each worker. */
static void
add_each_worker(const struct writer *w, enum metric metric,
	void (*add)(const struct writer *, int))
{
	add_head(w, metric);
	for (int place = 0; place < w->places; place++)
		if (is_worker(&w->rows[place]))
			add(w, place);
}

static void
add_counted(const struct writer *w)
{
	for (int m = 0; m < METRICS; m++) {
		const struct metrics_series *s = &metrics_series[m];

		if (s->first_cell < 0)
			continue;
		add_head(w, (enum metric)m);
		if (s->type == METRICS_TYPE_counter)
			add_counter(w, (enum metric)m);
		else
			for (int i = 0; i < s->labels->count; i++)
				add_histogram(w, (enum metric)m, i);
	}
}

static void
add_derived(const struct writer *w)
{
	add_head(w, METRIC_workers);
	add_workers(w);
	add_gauge(w, METRIC_workers_max, w->limits->workers);
	add_head(w, METRIC_db_connections);
	add_connections(w);
	add_gauge(w, METRIC_db_connections_max, w->limits->workers);
	add_listen_queue(w);
	add_each_worker(w, METRIC_worker_resident_bytes, add_resident);
	if (w->limits->resident_bytes > 0)
		add_gauge(w, METRIC_worker_resident_max_bytes,
			w->limits->resident_bytes);
	add_each_worker(w, METRIC_worker_requests, add_requests);
	add_each_worker(w, METRIC_worker_state, add_state);
	add_each_worker(w, METRIC_worker_request_age_seconds, add_request_age);
	add_head(w, METRIC_build);
	add_name(w, METRIC_build);
	buffer_add_text(w->out, "{version=\"" PACKAGE_VERSION "\"} 1\n");
}

void
openmetrics_write(struct buffer *out, enum openmetrics_format format,
	const struct openmetrics_limits *limits)
{
	struct writer w = { .out = out,
		.format = format,
		.limits = limits,
		.places = scoreboard_places() };

	w.rows = memory_zeroed((size_t)w.places, sizeof(*w.rows));
	for (int place = 0; place < w.places; place++)
		(void)!scoreboard_read(place, &w.rows[place]);
	add_counted(&w);
	add_derived(&w);
	if (format == OPENMETRICS_FORMAT_OPEN)
		buffer_add_text(out, "# EOF\n");
	free(w.rows);
}
