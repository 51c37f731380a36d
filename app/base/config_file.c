#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "my500/config_file.h"

static enum status
refuse_errno(struct reason *why, const char *field, int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return status_refuse(why, field, "there is no such file");
	case EISDIR:
		return status_refuse(why, field, "is a directory, not a file");
	case EACCES:
	case EPERM:
		return status_refuse(why, field,
			"the user of this process (uid %lu) may not read it",
			(unsigned long)geteuid());
	default:
		return status_refuse(
			why, field, "can not be read: %s", strerror(error));
	}
}

/* Reads to the end of the file; one byte too many shows that it is too big. */
static int
read_all(int fd, struct buffer *text)
{
	const size_t limit = CONFIG_FILE_BYTES_MAX + 1;
	ssize_t n;

	do {
		char *end = buffer_reserve(text, limit - text->len);

		n = read(fd, end, limit - text->len);
		if (n < 0 && errno != EINTR)
			return errno;
		text->len += n > 0 ? (size_t)n : 0;
	} while (n != 0 && text->len < limit);
	return 0;
}

enum status
config_file_read(const char *path, const char *field, struct buffer *text,
	struct reason *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int error;

	if (fd < 0)
		return refuse_errno(why, field, errno);
	error = read_all(fd, text);
	close(fd);
	if (error != 0)
		return refuse_errno(why, field, error);
	if (text->len > CONFIG_FILE_BYTES_MAX)
		return status_refuse(why, field,
			"is larger than %d bytes: not what belongs here",
			CONFIG_FILE_BYTES_MAX);
	if (memchr(text->ptr, '\0', text->len) != NULL)
		return status_refuse(why, field, "holds a NUL byte: not text");
	return STATUS_OK;
}

/* Without the quotes around it; false when the first one is never closed. */
static bool
unquote(struct slice *value)
{
	char quote = value->len == 0 ? '\0' : value->ptr[0];

	if (quote != '"' && quote != '\'')
		return true;
	if (value->len < 2 || value->ptr[value->len - 1] != quote)
		return false;
	*value = (struct slice){ value->ptr + 1, value->len - 2 };
	return true;
}

enum status
config_file_line(struct slice line, struct slice *name, struct slice *value,
	struct reason *why)
{
	static const char configuration[] = "configuration";

	line = slice_trim(line);
	if (line.len == 0 || line.ptr[0] == '#')
		return STATUS_NOT_FOUND;
	*value = line;
	if (!slice_split(value, '=', name) || value->ptr == NULL)
		return status_refuse(why, configuration,
			"a line that is neither NAME=value nor a # comment");
	*name = slice_trim(*name);
	*value = slice_trim(*value);
	if (!unquote(value))
		return status_refuse(
			why, configuration, "a quote without its end");
	return STATUS_OK;
}
