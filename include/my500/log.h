#ifndef MY500_LOG_H
#define MY500_LOG_H

#include <stdint.h>

#include "my500/slice.h"

enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_ERROR
};
enum log_target {
	LOG_TARGET_STDERR,
	LOG_TARGET_SYSLOG
};

/*
 * One event is one JSON object on one line, written by one write(2): time,
 * level, event, pid, then the typed fields.  Never a token, key, query text,
 * e-mail address or name of a person.
 *
 *	log_warning("database_lost", log_text("error", message),
 *		log_int("retryMs", retry_ms));
 */
#define log_debug(...)   LOG_EVENT(LOG_LEVEL_DEBUG, __VA_ARGS__, LOG_END)
#define log_info(...)    LOG_EVENT(LOG_LEVEL_INFO, __VA_ARGS__, LOG_END)
#define log_warning(...) LOG_EVENT(LOG_LEVEL_WARNING, __VA_ARGS__, LOG_END)
#define log_error(...)   LOG_EVENT(LOG_LEVEL_ERROR, __VA_ARGS__, LOG_END)

enum log_kind {
	LOG_KIND_END,
	LOG_KIND_TEXT,
	LOG_KIND_INT,
	LOG_KIND_MS
};

struct log_field {
	const char *name;
	enum log_kind kind;
	struct slice text;
	int64_t number;
};

struct log_field log_text(const char *name, const char *text);
struct log_field log_slice(const char *name, struct slice text);
struct log_field log_int(const char *name, int64_t number);

/* Microseconds, written as milliseconds with three decimals. */
struct log_field log_duration(const char *name, int64_t duration_us);

/* The path of a request when it can hold nothing personal, else "?". */
struct slice log_plain_path(struct slice path);

/*
 * For what may go wrong again and again: each event is written once in 5 s at
 * most, and then says as "repeated" how many were left out since.  The last
 * ones of a row are told by the next occurrence, or by none.  Of more events
 * than the table has room for, each line is written.
 */
#define log_repeated(level, ...) LOG_REPEATED_EVENT(level, __VA_ARGS__, LOG_END)

/* Until this is called: stderr, info. */
void log_open(enum log_target target, enum log_level level);

/*
 * Connects to syslog anew.  For stderr there is nothing to be done: a pipe, a
 * terminal or the journal stays what it is, and a file that was renamed is
 * known to us by its descriptor only; who rotates that copies and truncates it
 * (logrotate's copytruncate), and opens it for appending (2>>file).
 */
void log_reopen(void);

/* The next line does it.  Async-signal-safe, for a handler of SIGUSR1. */
void log_reopen_later(void);

/* Lines that could not be written since this was last asked. */
int64_t log_take_lost(void);

/* What the macros call; LOG_KIND_END ends `fields`. */
void log_write(enum log_level level, const char *event,
	const struct log_field *fields);
void log_write_repeated(enum log_level level, const char *event,
	const struct log_field *fields);

#define LOG_END ((struct log_field){ .kind = LOG_KIND_END })
#define LOG_EVENT(level, event, ...) \
	log_write(level, event, (const struct log_field[]){ __VA_ARGS__ })
#define LOG_REPEATED_EVENT(level, event, ...) \
	log_write_repeated(                   \
		level, event, (const struct log_field[]){ __VA_ARGS__ })

#endif
