#ifndef MY500_CONFIG_FILE_H
#define MY500_CONFIG_FILE_H

#include "my500/buffer.h"
#include "my500/slice.h"
#include "my500/status.h"

#define CONFIG_FILE_BYTES_MAX 65536

/*
 * Adds the whole of a small text file, a configuration or a key, to `text`.
 * STATUS_INVALID with `why`, about the setting `field`, when it can not be
 * read, is larger than CONFIG_FILE_BYTES_MAX, or holds a NUL.
 */
CHECKED enum status config_file_read(const char *path, const char *field,
	struct buffer *text, struct reason *why);

/*
 * Takes a line apart: NAME=value, with blanks around both and one pair of
 * quotes around the value removed, as systemd's EnvironmentFile= has it.
 * STATUS_NOT_FOUND: blank, or a # comment.  STATUS_INVALID: none of these.
 */
CHECKED enum status config_file_line(struct slice line, struct slice *name,
	struct slice *value, struct reason *why);

#endif
