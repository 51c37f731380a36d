#include "config.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "my500/clock.h"
#include "my500/log.h"
#include "my500/scoreboard.h"

#define CACHE_LINE_BYTES 64

/* A row as it is shared: word by word, for two processes must not touch the
 * same memory at once but by atomics. */
#define ROW_WORDS (sizeof(struct scoreboard_row) / sizeof(uint64_t))
union shared_row {
	struct scoreboard_row row;
	uint64_t words[ROW_WORDS];
};
_Static_assert(sizeof(union shared_row) == sizeof(struct scoreboard_row),
	"a row is made of whole words");

/* Row number `sequence` is in rows[sequence % 2]; the other one is the place
 * for the next, which nobody reads yet. */
struct slot {
	alignas(CACHE_LINE_BYTES) _Atomic uint64_t sequence;
	_Atomic uint64_t rows[2][ROW_WORDS];
	alignas(CACHE_LINE_BYTES) _Atomic uint64_t cells[SCOREBOARD_CELLS];
};

static const int role_places[SCOREBOARD_ROLES] = {
#define ROLE(name, places) places,
#include "my500/scoreboard.def"
};

/* The places stand by their roles, workers last. */
enum {
	PLACES = 0
#define ROLE(name, places) +places
#include "my500/scoreboard.def"
};

/* Memory that was never touched costs nothing, so there is room for all; who
 * reads must not touch it either: hence `places`. */
struct scoreboard {
	_Atomic int places;
	_Atomic pid_t retiring; /* 0: nobody */
	struct slot slots[PLACES];
};

const char *const scoreboard_role_words[SCOREBOARD_ROLES] = {
#define ROLE(name, places) #name,
#include "my500/scoreboard.def"
};
const char *const scoreboard_state_words[SCOREBOARD_STATES] = {
#define STATE(name) #name,
#include "my500/scoreboard.def"
};
const char *const scoreboard_step_words[SCOREBOARD_STEPS] = {
#define STEP(name) #name,
#include "my500/scoreboard.def"
};

static struct slot nowhere; /* for who has no place */
static struct slot *own = &nowhere;
static union shared_row mine; /* the row in it */
static struct scoreboard *board;

enum status
scoreboard_open(void)
{
	void *memory = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return STATUS_UNAVAILABLE;
	board = memory;
	return STATUS_OK;
}

void
scoreboard_close(void)
{
	if (board == NULL)
		return;
	munmap(board, sizeof(*board));
	board = NULL;
	own = &nowhere;
}

static void
publish(struct slot *slot, const union shared_row *row)
{
	uint64_t next = atomic_load_explicit(
				&slot->sequence, memory_order_relaxed) +
		1;
	_Atomic uint64_t *words = slot->rows[next % 2];

	/* who sees a word of this row sees the last sequence, too */
	atomic_thread_fence(memory_order_release);
	for (size_t i = 0; i < ROW_WORDS; i++)
		atomic_store_explicit(
			&words[i], row->words[i], memory_order_relaxed);
	atomic_store_explicit(&slot->sequence, next, memory_order_release);
}

/* Again when a new row came while we read: the next one after it goes where
 * we were reading. */
static void
take(struct slot *slot, union shared_row *row)
{
	uint64_t sequence;

	do {
		const _Atomic uint64_t *words;

		sequence = atomic_load_explicit(
			&slot->sequence, memory_order_acquire);
		words = slot->rows[sequence % 2];
		for (size_t i = 0; i < ROW_WORDS; i++)
			row->words[i] = atomic_load_explicit(
				&words[i], memory_order_relaxed);
		atomic_thread_fence(memory_order_acquire);
	} while (atomic_load_explicit(&slot->sequence, memory_order_relaxed) !=
		sequence);
}

static int
first_place(enum scoreboard_role role)
{
	int first = 0;

	for (int i = 0; i < (int)role; i++)
		first += role_places[i];
	return first;
}

int
scoreboard_reserve(enum scoreboard_role role)
{
	int first = first_place(role);
	union shared_row row = { .row = { .role = role,
					 .state = SCOREBOARD_STATE_starting,
					 .started_us = clock_now_us() } };
	struct scoreboard_row there;
	int place = first;

	if (board == NULL)
		return -1;
	while (place < first + role_places[role] &&
		scoreboard_read(place, &there))
		place++;
	if (place == first + role_places[role])
		return -1;
	publish(&board->slots[place], &row);
	if (place >= scoreboard_places())
		atomic_store(&board->places, place + 1);
	return place;
}

void
scoreboard_release(int place)
{
	static const union shared_row empty;

	assert(place >= 0 && place < scoreboard_places());
	publish(&board->slots[place], &empty);
}

void
scoreboard_enter(int place)
{
	assert(place >= 0 && place < scoreboard_places());
	own = &board->slots[place];
	take(own, &mine);
	mine.row.pid = getpid();
	publish(own, &mine);
}

void
scoreboard_set_state(enum scoreboard_state state)
{
	mine.row.state = state;
	publish(own, &mine);
}

void
scoreboard_set_database(enum scoreboard_database database)
{
	mine.row.database = database;
	publish(own, &mine);
}

void
scoreboard_set_resident(int64_t resident_bytes)
{
	mine.row.resident_bytes = resident_bytes;
	publish(own, &mine);
}

void
scoreboard_begin(const char *request_id, struct slice path, int64_t accepted_us)
{
	path = log_plain_path(path);
	mine.row.state = SCOREBOARD_STATE_busy;
	mine.row.step = SCOREBOARD_STEP_receive;
	mine.row.request_us = accepted_us;
	snprintf(mine.row.request_id, sizeof(mine.row.request_id), "%s",
		request_id);
	snprintf(mine.row.path, sizeof(mine.row.path), "%.*s",
		(int)(path.len < SCOREBOARD_PATH_BYTES ? path.len
						       : SCOREBOARD_PATH_BYTES),
		path.len == 0 ? "" : path.ptr);
	publish(own, &mine);
}

void
scoreboard_step(enum scoreboard_step step)
{
	mine.row.step = step;
	publish(own, &mine);
}

void
scoreboard_end(void)
{
	mine.row.state = SCOREBOARD_STATE_idle;
	mine.row.step = SCOREBOARD_STEP_none;
	mine.row.request_us = 0;
	mine.row.request_id[0] = mine.row.path[0] = '\0';
	mine.row.requests++;
	publish(own, &mine);
}

bool
scoreboard_may_retire(void)
{
	pid_t holder = 0, pid = getpid();

	return board == NULL ||
		atomic_compare_exchange_strong(
			&board->retiring, &holder, pid) ||
		holder == pid;
}

void
scoreboard_end_retirement(pid_t pid)
{
	if (board != NULL)
		(void)atomic_compare_exchange_strong(&board->retiring, &pid, 0);
}

int
scoreboard_places(void)
{
	return board == NULL ? 0 : atomic_load(&board->places);
}

bool
scoreboard_read(int place, struct scoreboard_row *row)
{
	union shared_row shared;

	take(&board->slots[place], &shared);
	*row = shared.row;
	return row->state != SCOREBOARD_STATE_free;
}

int
scoreboard_number(int place)
{
	int role = 0;

	while (place >= role_places[role])
		place -= role_places[role++];
	return place;
}

uint64_t
scoreboard_cell(int place, int cell)
{
	return atomic_load_explicit(
		&board->slots[place].cells[cell], memory_order_relaxed);
}

void
scoreboard_add(int cell, uint64_t n)
{
	_Atomic uint64_t *at = &own->cells[cell];

	atomic_store_explicit(at,
		atomic_load_explicit(at, memory_order_relaxed) + n,
		memory_order_relaxed);
}
