#ifndef MY500_SCOREBOARD_H
#define MY500_SCOREBOARD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "my500/slice.h"
#include "my500/status.h"

/*
 * What all processes do, for all of them to see: shared memory with a place
 * for each.  A place has a row, which tells of the process in it, and cells,
 * the counters of all processes that were ever in it: they outlive a worker,
 * so that sums never go down.
 *
 * One process at a time writes a place, and nobody locks: the supervisor
 * reserves it, its child enters it, and when the child is gone the supervisor
 * releases it.  Readers always see a row as it was written at once, also that
 * of a process which was killed while it wrote.
 */
enum scoreboard_role {
#define ROLE(name, places) SCOREBOARD_ROLE_##name,
#include "my500/scoreboard.def"
	SCOREBOARD_ROLES
};
enum scoreboard_state {
#define STATE(name) SCOREBOARD_STATE_##name,
#include "my500/scoreboard.def"
	SCOREBOARD_STATES
};
enum scoreboard_step {
#define STEP(name) SCOREBOARD_STEP_##name,
#include "my500/scoreboard.def"
	SCOREBOARD_STEPS
};
enum scoreboard_database {
#define DATABASE(name) SCOREBOARD_DATABASE_##name,
#include "my500/scoreboard.def"
	SCOREBOARD_DATABASES
};

extern const char *const scoreboard_role_words[SCOREBOARD_ROLES];
extern const char *const scoreboard_state_words[SCOREBOARD_STATES];
extern const char *const scoreboard_step_words[SCOREBOARD_STEPS];

#define SCOREBOARD_ID_BYTES   72
#define SCOREBOARD_PATH_BYTES 64

struct scoreboard_row {
	enum scoreboard_role role;
	enum scoreboard_state state;
	enum scoreboard_step step;
	enum scoreboard_database database;
	pid_t pid;          /* 0: reserved, not entered yet */
	int64_t started_us; /* as clock_now_us() has it, like all times */
	int64_t requests;   /* answered by this process */
	int64_t resident_bytes;
	int64_t request_us; /* when the current request was accepted */
	char request_id[SCOREBOARD_ID_BYTES];
	char path[SCOREBOARD_PATH_BYTES]; /* log_plain_path(), cut */
};

/*
 * Maps it, with nobody in it; children inherit it.  STATUS_UNAVAILABLE: there
 * is no memory.  A process that has no place, or no scoreboard, writes what it
 * writes where nobody reads it.
 */
CHECKED enum status scoreboard_open(void);
void scoreboard_close(void);

/* The supervisor's part: takes a free place for a process that is about to
 * start, -1 when there is none, and empties it when that process is gone. */
int scoreboard_reserve(enum scoreboard_role role);
void scoreboard_release(int place);

/* The process's own part, once after fork(): the place is mine. */
void scoreboard_enter(int place);

void scoreboard_set_state(enum scoreboard_state state);
void scoreboard_set_database(enum scoreboard_database database);
void scoreboard_set_resident(int64_t resident_bytes);

/* A worker's request: it is busy from begin to end. */
void scoreboard_begin(
	const char *request_id, struct slice path, int64_t accepted_us);
void scoreboard_step(enum scoreboard_step step);
void scoreboard_end(void);

/*
 * Asks to be the one worker that retires.  true: it is, until
 * scoreboard_end_retirement() of its pid, which the supervisor calls when
 * there is a replacement, or when the worker died.
 */
bool scoreboard_may_retire(void);
void scoreboard_end_retirement(pid_t pid);

/* The places that were ever reserved are below this number. */
int scoreboard_places(void);

/* The row of a place, as of one moment; false when it is free. */
CHECKED bool scoreboard_read(int place, struct scoreboard_row *row);

/* How a place is called among those of its role: 0, 1, 2... */
int scoreboard_number(int place);

/*
 * The cells of a place, and my own; metrics.h says what they mean.  Only the
 * process in the place writes them, so it needs no read-modify-write.
 */
#define SCOREBOARD_CELLS 1024
uint64_t scoreboard_cell(int place, int cell);
void scoreboard_add(int cell, uint64_t n);

#endif
