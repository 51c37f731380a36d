#include "config.h"

#include <fcntl.h>
#include <unistd.h>

#include "my500/resident.h"
#include "my500/slice.h"

/* Its second number counts pages (proc(5)). */
#define STATM "/proc/self/statm"

int64_t
resident_bytes(void)
{
	int fd = open(STATM, O_RDONLY | O_CLOEXEC);
	char text[128];
	ssize_t len;
	struct slice rest, word;
	int64_t pages;

	if (fd < 0)
		return 0;
	len = read(fd, text, sizeof(text));
	close(fd);
	if (len <= 0)
		return 0;
	rest = (struct slice){ text, (size_t)len };
	if (!slice_split(&rest, ' ', &word) ||
		!slice_split(&rest, ' ', &word) ||
		!slice_parse_int(word, 0, INT32_MAX, &pages))
		return 0;
	return pages * sysconf(_SC_PAGESIZE);
}
