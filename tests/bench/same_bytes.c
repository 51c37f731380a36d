/*
 * What a hit is compared with: answers every request with the same bytes.
 *
 *	same_bytes SOCKET WORKERS FILE [MEMCACHED]
 *
 * FILE holds a whole answer, head and body, as my500 sent it to the web server.
 * The workers are forked beside one another over a unix socket and call the
 * same library in the same way, but look at nothing and ask nobody.  With
 * MEMCACHED, a socket's path, they get the bytes from there with each request,
 * which is the least that a page in memcached can cost.  They end with their
 * parent.
 */
#include <fcgiapp.h>
#include <libmemcached/memcached.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* The answer kept in memcached, as libmemcached reaches it for my500. */
static memcached_st *
keep(const char *path, const char *key)
{
	memcached_st *m = memcached_create(NULL);

	memcached_behavior_set(m, MEMCACHED_BEHAVIOR_NO_BLOCK, 1);
	memcached_server_add_unix_socket(m, path);
	if (memcached_set(m, key, strlen(key), answer, (size_t)answer_bytes, 0,
		    0) != MEMCACHED_SUCCESS)
		exit(69);
	return m;
}

static void
put_kept(memcached_st *m, const char *key, FCGX_Stream *out)
{
	memcached_return_t rc;
	size_t len;
	uint32_t flags;
	char *kept = memcached_get(m, key, strlen(key), &len, &flags, &rc);

	if (kept != NULL)
		FCGX_PutStr(kept, (int)len, out);
	free(kept);
}

static void
serve(int listen_fd, const char *memcached)
{
	FCGX_Request request;
	memcached_st *m = NULL;
	char key[32];

	snprintf(key, sizeof(key), "same_bytes:%d", answer_bytes);
	if (memcached != NULL)
		m = keep(memcached, key);
	FCGX_Init();
	FCGX_InitRequest(&request, listen_fd, 0);
	while (FCGX_Accept_r(&request) == 0) {
		if (m == NULL)
			FCGX_PutStr(answer, answer_bytes, request.out);
		else
			put_kept(m, key, request.out);
		FCGX_Finish_r(&request);
	}
}

int
main(int argc, char **argv)
{
	long workers = argc == 4 || argc == 5 ? strtol(argv[2], NULL, 10) : 0;
	int listen_fd;

	if (workers < 1 || workers > WORKERS_MAX || read_answer(argv[3]) != 0) {
		fputs("usage: same_bytes SOCKET WORKERS FILE [MEMCACHED]\n",
			stderr);
		return 64;
	}
	listen_fd = FCGX_OpenSocket(argv[1], BACKLOG);
	if (listen_fd < 0)
		return 71;
	for (long i = 0; i < workers; i++)
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGTERM);
			serve(listen_fd, argv[4]);
			return 0;
		}
	while (wait(NULL) > 0)
		continue;
	return 0;
}
