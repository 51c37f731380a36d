#include "config.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "my500/clock.h"
#include "my500/json_text.h"
#include "my500/log.h"

/* Longer texts are cut, and what would make a line longer than PIPE_BUF is left
 * out: up to there one write() goes into a pipe undivided (pipe(7)). */
#define TEXT_MAX_BYTES ((size_t)512)
#define LINE_MAX_BYTES ((size_t)PIPE_BUF)
#define KEEP_BYTES     ((size_t)2 * PIPE_BUF)
#define LINE_END       "}\n"

#define REPEAT_US    (5 * CLOCK_US_PER_S)
#define REPEATED_MAX 32

/* Characters of a path that can hold nothing personal. */
#define PLAIN_CHARACTERS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-"

static enum log_target log_target = LOG_TARGET_STDERR;
static enum log_level log_threshold = LOG_LEVEL_INFO;
static bool is_file; /* stderr: writing there never waits */
static volatile sig_atomic_t is_reopen_due;
static int64_t lost_lines;

/* An event that is thinned. */
static struct repeated {
	const char *event; /* NULL: free, and so are those behind it */
	int64_t next_us;
	int64_t left_out;
} repeated_events[REPEATED_MAX];

static const struct {
	const char *word;
	int priority;
} levels[] = {
	[LOG_LEVEL_DEBUG] = { "debug", LOG_DEBUG },
	[LOG_LEVEL_INFO] = { "info", LOG_INFO },
	[LOG_LEVEL_WARNING] = { "warning", LOG_WARNING },
	[LOG_LEVEL_ERROR] = { "error", LOG_ERR },
};

struct log_field
log_text(const char *name, const char *text)
{
	return log_slice(name, slice_of(text));
}

struct log_field
log_slice(const char *name, struct slice text)
{
	return (struct log_field){
		.name = name, .kind = LOG_KIND_TEXT, .text = text
	};
}

struct log_field
log_int(const char *name, int64_t number)
{
	return (struct log_field){
		.name = name, .kind = LOG_KIND_INT, .number = number
	};
}

struct log_field
log_duration(const char *name, int64_t duration_us)
{
	return (struct log_field){
		.name = name, .kind = LOG_KIND_MS, .number = duration_us
	};
}

struct slice
log_plain_path(struct slice path)
{
	return slice_consists_of(path, PLAIN_CHARACTERS) ? path : slice_of("?");
}

void
log_open(enum log_target target, enum log_level level)
{
	struct stat about;

	is_file = fstat(STDERR_FILENO, &about) == 0 && S_ISREG(about.st_mode);
	log_target = target;
	log_threshold = level;
	log_reopen();
}

void
log_reopen(void)
{
	is_reopen_due = 0;
	if (log_target != LOG_TARGET_SYSLOG)
		return;
	closelog();
	openlog("my500", LOG_NDELAY, LOG_DAEMON);
}

void
log_reopen_later(void)
{
	is_reopen_due = 1;
}

int64_t
log_take_lost(void)
{
	int64_t lost = lost_lines;

	lost_lines = 0;
	return lost;
}

/* Cut at a character's border, so that the line stays UTF-8. */
static struct slice
cut(struct slice text)
{
	if (text.len > TEXT_MAX_BYTES) {
		text.len = TEXT_MAX_BYTES;
		while (text.len > 0 && (text.ptr[text.len] & 0xc0) == 0x80)
			text.len--;
	}
	return text;
}

static void
add_field(struct buffer *line, const struct log_field *field)
{
	size_t start = line->len;

	buffer_add_text(line, ",\"");
	buffer_add_text(line, field->name);
	buffer_add_text(line, "\":");
	switch (field->kind) {
	case LOG_KIND_TEXT:
		/* a byte that is no UTF-8 must not spoil the line */
		json_add_string(line,
			slice_is_utf8(cut(field->text))
				? cut(field->text)
				: slice_of("(not UTF-8)"));
		break;
	case LOG_KIND_INT:
		buffer_add_int(line, field->number);
		break;
	case LOG_KIND_MS:
		json_add_ms(line, field->number);
		break;
	case LOG_KIND_END:
		break;
	}
	if (line->len + sizeof(LINE_END) > LINE_MAX_BYTES)
		line->len = start;
}

/* Whether it takes a line without a wait. */
static bool
is_writable(void)
{
	struct pollfd log = { .fd = STDERR_FILENO, .events = POLLOUT };

	return is_file || (poll(&log, 1, 0) == 1 && log.revents & POLLOUT);
}

/* A log that nobody reads costs lines, never a request. */
static bool
is_written(struct slice line)
{
	return is_writable() &&
		write(STDERR_FILENO, line.ptr, line.len) == (ssize_t)line.len;
}

static void
write_line(enum log_level level, const char *event, int64_t left_out,
	const struct log_field *fields)
{
	static struct buffer line;
	char now[CLOCK_TEXT_BYTES];

	if (is_reopen_due)
		log_reopen();
	clock_format(clock_wall_us(), now);
	buffer_clear(&line, KEEP_BYTES);
	buffer_printf(&line,
		"{\"time\":\"%s\",\"level\":\"%s\",\"event\":\"%s\",\"pid\":%d",
		now, levels[level].word, event, (int)getpid());
	if (left_out > 0)
		buffer_printf(&line, ",\"repeated\":%lld", (long long)left_out);
	for (; fields->kind != LOG_KIND_END; fields++)
		add_field(&line, fields);
	buffer_add_text(&line, LINE_END);
	if (log_target == LOG_TARGET_SYSLOG)
		syslog(levels[level].priority, "%.*s", (int)line.len - 1,
			line.ptr);
	else if (!is_written(buffer_slice(&line)))
		lost_lines++;
}

void
log_write(
	enum log_level level, const char *event, const struct log_field *fields)
{
	if (level >= log_threshold)
		write_line(level, event, 0, fields);
}

/* The row of an event, a new one at its first time; NULL: the table is full. */
static struct repeated *
find_repeated(const char *event)
{
	for (size_t i = 0; i < REPEATED_MAX; i++) {
		struct repeated *r = &repeated_events[i];

		if (r->event == NULL)
			*r = (struct repeated){ .event = event };
		if (strcmp(r->event, event) == 0)
			return r;
	}
	return NULL;
}

void
log_write_repeated(
	enum log_level level, const char *event, const struct log_field *fields)
{
	struct repeated *r;
	int64_t now_us = clock_now_us();

	if (level < log_threshold)
		return;
	r = find_repeated(event);
	if (r != NULL && now_us < r->next_us) {
		r->left_out++;
		return;
	}
	write_line(level, event, r == NULL ? 0 : r->left_out, fields);
	if (r != NULL) {
		r->next_us = now_us + REPEAT_US;
		r->left_out = 0;
	}
}
