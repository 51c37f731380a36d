#include "config.h"

#include <stdlib.h>

#include "my500/arena.h"
#include "my500/clock.h"
#include "my500/config.h"
#include "my500/exchange.h"
#include "my500/json_text.h"
#include "my500/listen_queue.h"
#include "my500/monitoring.h"
#include "my500/openmetrics.h"
#include "my500/scoreboard.h"
#include "my500/services.h"

#define MIB ((int64_t)1024 * 1024)

/* The rows of all processes, as of about the same moment. */
struct overview {
	struct scoreboard_row *rows;
	size_t count;
	int busy;
	int idle;
	bool has_queue;
	struct listen_queue queue;
};

enum status
monitoring_answer_metrics(struct services *s, struct exchange *x)
{
	enum openmetrics_format format = openmetrics_choose(x->request->accept);
	const struct openmetrics_limits limits = {
		.workers = s->config->workers,
		.resident_bytes = s->config->max_rss_mib * MIB,
		.listen_fd = s->workers_fd,
	};

	openmetrics_write(&s->data, format, &limits);
	x->response.content_type = openmetrics_content_type(format);
	response_add_body(&x->response, buffer_slice(&s->data));
	return STATUS_OK;
}

/* How long a process has been at its request; -1: it has none. */
static int64_t
request_age_us(const struct scoreboard_row *row)
{
	return row->request_us == 0 ? -1 : clock_now_us() - row->request_us;
}

/* The one that began its request first comes first; those without one last, as
 * they stand on the scoreboard. */
static int
compare_rows(const void *left, const void *right)
{
	const struct scoreboard_row *a = left, *b = right;
	int64_t a_us = a->request_us == 0 ? INT64_MAX : a->request_us;
	int64_t b_us = b->request_us == 0 ? INT64_MAX : b->request_us;

	if (a_us != b_us)
		return a_us < b_us ? -1 : 1;
	if (a->role != b->role)
		return a->role < b->role ? -1 : 1;
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

static void
look_around(struct overview *o, const struct services *s)
{
	int places = scoreboard_places();

	*o = (struct overview){ .rows = arena_alloc(s->arena,
					(size_t)places * sizeof(*o->rows)) };
	for (int place = 0; place < places; place++) {
		struct scoreboard_row *row = &o->rows[o->count];

		if (!scoreboard_read(place, row))
			continue;
		o->count++;
		if (row->role != SCOREBOARD_ROLE_worker)
			continue;
		o->busy += row->state == SCOREBOARD_STATE_busy;
		o->idle += row->state == SCOREBOARD_STATE_idle;
	}
	if (o->count > 0)
		qsort(o->rows, o->count, sizeof(*o->rows), compare_rows);
	o->has_queue = s->workers_fd >= 0 &&
		listen_queue_read(s->workers_fd, &o->queue) == STATUS_OK;
}

static void
add_row_json(struct buffer *out, const struct scoreboard_row *row)
{
	buffer_printf(out,
		"{\"role\":\"%s\",\"pid\":%d,\"state\":\"%s\",\"ageMs\":",
		scoreboard_role_words[row->role], (int)row->pid,
		scoreboard_state_words[row->state]);
	json_add_ms(out, clock_now_us() - row->started_us);
	buffer_printf(out, ",\"requests\":%lld,\"residentBytes\":%lld",
		(long long)row->requests, (long long)row->resident_bytes);
	if (row->request_us != 0) {
		buffer_add_text(out, ",\"request\":{\"id\":");
		json_add_string(out, slice_of(row->request_id));
		buffer_add_text(out, ",\"path\":");
		json_add_string(out, slice_of(row->path));
		buffer_printf(out, ",\"step\":\"%s\",\"ageMs\":",
			scoreboard_step_words[row->step]);
		json_add_ms(out, request_age_us(row));
		buffer_add_char(out, '}');
	}
	buffer_add_char(out, '}');
}

static void
add_json(struct buffer *out, const struct overview *o)
{
	buffer_printf(out,
		"{\"version\":\"" PACKAGE_VERSION
		"\",\"workers\":{\"busy\":%d,\"idle\":%d},\"listenQueue\":",
		o->busy, o->idle);
	if (o->has_queue)
		buffer_printf(out, "{\"waiting\":%lld,\"max\":%lld}",
			(long long)o->queue.waiting,
			(long long)o->queue.waiting_max);
	else
		buffer_add_text(out, "null");
	buffer_add_text(out, ",\"processes\":[");
	for (size_t i = 0; i < o->count; i++) {
		if (i > 0)
			buffer_add_char(out, ',');
		add_row_json(out, &o->rows[i]);
	}
	buffer_add_text(out, "]}");
}

static void
add_text(struct buffer *out, const struct overview *o)
{
	buffer_printf(out, "my500 " PACKAGE_VERSION ": %d busy, %d idle",
		o->busy, o->idle);
	if (o->has_queue)
		buffer_printf(out, ", %lld of %lld waiting",
			(long long)o->queue.waiting,
			(long long)o->queue.waiting_max);
	buffer_printf(out, "\n\n%-11s %7s %-8s %9s %9s %7s  %9s %-7s %s\n",
		"ROLE", "PID", "STATE", "UP S", "REQUESTS", "RSS MIB",
		"AT IT MS", "STEP", "PATH");
	for (size_t i = 0; i < o->count; i++) {
		const struct scoreboard_row *row = &o->rows[i];

		buffer_printf(out, "%-11s %7d %-8s %9lld %9lld %7lld  ",
			scoreboard_role_words[row->role], (int)row->pid,
			scoreboard_state_words[row->state],
			(long long)((clock_now_us() - row->started_us) /
				CLOCK_US_PER_S),
			(long long)row->requests,
			(long long)(row->resident_bytes / MIB));
		if (row->request_us != 0)
			buffer_printf(out, "%9lld %-7s %s",
				(long long)(request_age_us(row) /
					CLOCK_US_PER_MS),
				scoreboard_step_words[row->step], row->path);
		buffer_add_char(out, '\n');
	}
}

static bool
is_text_wanted(struct slice query)
{
	struct slice pair;

	while (slice_split(&query, '&', &pair))
		if (slice_equals_text(pair, "format=text"))
			return true;
	return false;
}

enum status
monitoring_answer_status(struct services *s, struct exchange *x)
{
	struct overview overview;

	look_around(&overview, s);
	if (is_text_wanted(x->request->query)) {
		x->response.content_type = "text/plain; charset=utf-8";
		add_text(&s->data, &overview);
	} else {
		add_json(&s->data, &overview);
	}
	response_add_body(&x->response, buffer_slice(&s->data));
	return STATUS_OK;
}
