#include "config.h"

#include <assert.h>
#include <fastcgi.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "my500/fastcgi_client.h"

#define REQUEST_ID    1
#define SILENCE_S     5
#define READ_BYTES    65536
#define SHORT_LEN_MAX 127 /* beyond, a length takes four bytes */

static void
add_record(struct buffer *out, unsigned char type, struct slice content)
{
	const FCGI_Header header = {
		.version = FCGI_VERSION_1,
		.type = type,
		.requestIdB0 = REQUEST_ID,
		.contentLengthB1 = (unsigned char)(content.len >> 8),
		.contentLengthB0 = (unsigned char)(content.len & 0xff),
	};

	assert(content.len <= FCGI_MAX_LENGTH);
	buffer_add(out, (const char *)&header, sizeof(header));
	buffer_add_slice(out, content);
}

static void
add_length(struct buffer *out, size_t len)
{
	assert(len <= FCGI_MAX_LENGTH);
	if (len > SHORT_LEN_MAX) {
		buffer_add_char(out, (char)0x80);
		buffer_add_char(out, 0);
		buffer_add_char(out, (char)(len >> 8));
	}
	buffer_add_char(out, (char)(len & 0xff));
}

static void
add_parameter(struct buffer *out, const char *name, const char *value)
{
	add_length(out, strlen(name));
	add_length(out, strlen(value));
	buffer_add_text(out, name);
	buffer_add_text(out, value);
}

static void
write_request(struct buffer *out, const char *path, const char *query)
{
	const FCGI_BeginRequestBody begin = { .roleB0 = FCGI_RESPONDER };
	struct buffer parameters = { NULL, 0, 0 };

	add_parameter(&parameters, "GATEWAY_INTERFACE", "CGI/1.1");
	add_parameter(&parameters, "REQUEST_METHOD", "GET");
	add_parameter(&parameters, "SCRIPT_NAME", path);
	add_parameter(&parameters, "QUERY_STRING", query);
	add_record(out, FCGI_BEGIN_REQUEST,
		(struct slice){ (const char *)&begin, sizeof(begin) });
	add_record(out, FCGI_PARAMS, buffer_slice(&parameters));
	add_record(out, FCGI_PARAMS, slice_of(""));
	add_record(out, FCGI_STDIN, slice_of(""));
	buffer_close(&parameters);
}

static bool
send_all(int fd, struct slice bytes)
{
	while (bytes.len > 0) {
		ssize_t sent = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		bytes.ptr += sent;
		bytes.len -= (size_t)sent;
	}
	return true;
}

static bool
receive_all(int fd, struct buffer *in)
{
	ssize_t count;

	do {
		count = recv(fd, buffer_reserve(in, READ_BYTES), READ_BYTES, 0);
		if (count > 0)
			in->len += (size_t)count;
	} while (count > 0);
	return count == 0;
}

/* Puts the output together; false when its end is missing. */
static bool
read_records(struct slice records, struct buffer *answer)
{
	FCGI_Header header;

	while (records.len >= sizeof(header)) {
		size_t content, all;

		memcpy(&header, records.ptr, sizeof(header));
		content = (size_t)header.contentLengthB1 << 8 |
			header.contentLengthB0;
		all = sizeof(header) + content + header.paddingLength;
		if (header.type == FCGI_END_REQUEST)
			return true;
		if (records.len < all)
			return false;
		if (header.type == FCGI_STDOUT)
			buffer_add(
				answer, records.ptr + sizeof(header), content);
		records.ptr += all;
		records.len -= all;
	}
	return false;
}

/* The head ends with an empty line; without a Status the answer is 200. */
static enum status
find_body(struct slice answer, struct slice *body)
{
	static const char status[] = "Status:", end[] = "\r\n\r\n";
	const char *at = memmem(answer.ptr, answer.len, end, strlen(end));

	if (at == NULL)
		return STATUS_UNAVAILABLE;
	body->ptr = at + strlen(end);
	body->len = answer.len - (size_t)(body->ptr - answer.ptr);
	return answer.len > strlen(status) &&
			memcmp(answer.ptr, status, strlen(status)) == 0 &&
			strncmp(answer.ptr + strlen(status), " 200", 4) != 0
		? STATUS_NOT_FOUND
		: STATUS_OK;
}

enum status
fastcgi_client_get(int fd, const char *path, const char *query,
	struct buffer *answer, struct slice *body)
{
	const struct timeval silence = { .tv_sec = SILENCE_S };
	struct buffer bytes = { NULL, 0, 0 };
	bool is_whole;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof(silence));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &silence, sizeof(silence));
	write_request(&bytes, path, query);
	is_whole = send_all(fd, buffer_slice(&bytes));
	buffer_clear(&bytes, bytes.capacity);
	buffer_clear(answer, answer->capacity);
	is_whole = is_whole && receive_all(fd, &bytes) &&
		read_records(buffer_slice(&bytes), answer);
	buffer_close(&bytes);
	return is_whole ? find_body(buffer_slice(answer), body)
			: STATUS_UNAVAILABLE;
}
