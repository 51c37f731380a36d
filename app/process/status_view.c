#include "config.h"

#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "my500/arena.h"
#include "my500/buffer.h"
#include "my500/config.h"
#include "my500/fastcgi_client.h"
#include "my500/socket_address.h"
#include "my500/status_view.h"

#define PAUSE_S 1

/* The cursor to the first line, and all below it erased: ECMA-48, CUP, ED. */
#define FROM_THE_TOP "\033[H\033[J"

static const char setting[] = "MY500_ADMIN_LISTEN";

/* What is asked, where, again and again. */
struct view {
	struct socket_address address;
	const char *path;
	struct buffer answer;
};

/* The table, borrowed from the view's answer. */
static enum status
ask(struct view *v, struct slice *table, struct reason *why)
{
	int fd;
	enum status st = socket_address_connect(&v->address, setting, &fd, why);

	if (st != STATUS_OK)
		return st;
	st = fastcgi_client_get(fd, v->path, "format=text", &v->answer, table);
	close(fd);
	if (st == STATUS_NOT_FOUND)
		return status_refuse(why, setting,
			"is reached, but is no admin worker's: it knows no "
			"/status");
	if (st != STATUS_OK)
		return status_refuse(
			why, setting, "is reached, but gives no answer");
	return STATUS_OK;
}

/* One round; false when nobody reads it. */
static bool
show(struct view *v, const char *before, enum status *st)
{
	struct reason why;
	struct slice table;

	*st = ask(v, &table, &why);
	fputs(before, stdout);
	if (*st == STATUS_OK)
		fwrite(table.ptr, 1, table.len, stdout);
	fflush(stdout);
	if (*st != STATUS_OK)
		fprintf(stderr, "my500.fcgi: %s %s\n", why.field, why.text);
	return !ferror(stdout);
}

static int
run(struct view *v, bool is_watched)
{
	const char *again = isatty(STDOUT_FILENO) ? FROM_THE_TOP : "\n";
	enum status st;
	bool is_read = show(v, is_watched ? again : "", &st);

	while (is_watched && is_read) {
		sleep(PAUSE_S);
		is_read = show(v, again, &st);
	}
	return !is_read ? EX_IOERR : st == STATUS_OK ? EX_OK : EX_UNAVAILABLE;
}

int
status_view_run(
	const struct config *config, struct arena *arena, bool is_watched)
{
	struct slice base = slice_of(config->base_path);
	struct view view = { .path = NULL };
	struct reason why;
	int exit_code;

	if (*config->admin_listen == '\0') {
		fprintf(stderr,
			"my500.fcgi: --status asks the admin worker: set %s, "
			"as it is for the running one\n",
			setting);
		return EX_CONFIG;
	}
	if (socket_address_parse(&view.address, config->admin_listen, setting,
		    &why) != STATUS_OK) {
		fprintf(stderr, "my500.fcgi: %s %s\n", why.field, why.text);
		return EX_CONFIG;
	}
	while (slice_cut_end(&base, "/"))
		continue;
	view.path = arena_printf(arena, "%.*s/status", (int)base.len, base.ptr);
	exit_code = run(&view, is_watched);
	buffer_close(&view.answer);
	return exit_code;
}
