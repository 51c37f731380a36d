/*
 * What a hit is compared with: answers every request with the same bytes.
 *
 *	same_bytes SOCKET WORKERS FILE
 *
 * FILE holds a whole answer, head and body, as my500 sent it to the web server.
 * The workers are forked beside one another over a unix socket and call the
 * same library in the same way, but look at nothing and ask nobody.  They end
 * with their parent.
 */
#include <fcgiapp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define BACKLOG     1024
#define ANSWER_MAX  (1 << 20)
#define WORKERS_MAX 1024

static char answer[ANSWER_MAX];
static int answer_bytes;

static int
read_answer(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t count;

	if (file == NULL)
		return -1;
	count = fread(answer, 1, sizeof(answer), file);
	fclose(file);
	answer_bytes = (int)count;
	return count > 0 && count < sizeof(answer) ? 0 : -1;
}

static void
serve(int listen_fd)
{
	FCGX_Request request;

	FCGX_Init();
	FCGX_InitRequest(&request, listen_fd, 0);
	while (FCGX_Accept_r(&request) == 0) {
		FCGX_PutStr(answer, answer_bytes, request.out);
		FCGX_Finish_r(&request);
	}
}

int
main(int argc, char **argv)
{
	long workers = argc == 4 ? strtol(argv[2], NULL, 10) : 0;
	int listen_fd;

	if (workers < 1 || workers > WORKERS_MAX || read_answer(argv[3]) != 0) {
		fputs("usage: same_bytes SOCKET WORKERS FILE\n", stderr);
		return 64;
	}
	listen_fd = FCGX_OpenSocket(argv[1], BACKLOG);
	if (listen_fd < 0)
		return 71;
	for (long i = 0; i < workers; i++)
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGTERM);
			serve(listen_fd);
			return 0;
		}
	while (wait(NULL) > 0)
		continue;
	return 0;
}
