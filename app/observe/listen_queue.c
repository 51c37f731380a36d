#include "config.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "my500/listen_queue.h"
#include "my500/slice.h"

/* Of a listening socket the kernel has its queue there where it has a
 * connection's unacknowledged segments. */
static enum status
read_tcp(int fd, struct listen_queue *queue)
{
	struct tcp_info info = { .tcpi_state = 0 };
	socklen_t size = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
		info.tcpi_state != TCP_LISTEN)
		return STATUS_UNAVAILABLE;
	*queue = (struct listen_queue){ info.tcpi_unacked, info.tcpi_sacked };
	return STATUS_OK;
}

/* Sends the question for the one unix socket with this inode (sock_diag(7)). */
static bool
ask(int netlink, ino_t inode)
{
	struct {
		struct nlmsghdr header;
		struct unix_diag_req request;
	} question = {
		.header = { .nlmsg_len = sizeof(question),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST },
		.request = { .sdiag_family = AF_UNIX,
			.udiag_states = UINT32_MAX,
			.udiag_ino = (uint32_t)inode,
			.udiag_show = UDIAG_SHOW_RQLEN,
			.udiag_cookie = { UINT32_MAX, UINT32_MAX } },
	};
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	return sendto(netlink, &question, sizeof(question), 0,
		       (const struct sockaddr *)&kernel,
		       sizeof(kernel)) == sizeof(question);
}

/* Finds the queue among the attributes that follow the answer's head. */
static enum status
find_queue(struct slice rest, struct listen_queue *queue)
{
	struct unix_diag_rqlen length;
	struct rtattr attribute;
	size_t step;

	while (rest.len >= sizeof(attribute)) {
		memcpy(&attribute, rest.ptr, sizeof(attribute));
		step = RTA_ALIGN((size_t)attribute.rta_len);
		if (step < sizeof(attribute) || step > rest.len)
			break;
		if (attribute.rta_type == UNIX_DIAG_RQLEN &&
			attribute.rta_len >= RTA_LENGTH(sizeof(length))) {
			memcpy(&length, rest.ptr + RTA_LENGTH(0),
				sizeof(length));
			*queue = (struct listen_queue){ length.udiag_rqueue,
				length.udiag_wqueue };
			return STATUS_OK;
		}
		rest.ptr += step;
		rest.len -= step;
	}
	return STATUS_UNAVAILABLE;
}

static enum status
read_answer(int netlink, struct listen_queue *queue)
{
	struct {
		struct nlmsghdr header;
		struct unix_diag_msg message;
		char attributes[256];
	} answer = { .header = { .nlmsg_len = 0 } };
	const size_t head = offsetof(__typeof__(answer), attributes);
	ssize_t len = recv(netlink, &answer, sizeof(answer), MSG_DONTWAIT);

	if (len < (ssize_t)head ||
		answer.header.nlmsg_type != SOCK_DIAG_BY_FAMILY ||
		answer.message.udiag_state != TCP_LISTEN)
		return STATUS_UNAVAILABLE;
	return find_queue(
		(struct slice){ answer.attributes, (size_t)len - head }, queue);
}

static enum status
read_unix(int fd, struct listen_queue *queue)
{
	enum status st = STATUS_UNAVAILABLE;
	struct stat found;
	int netlink;

	if (fstat(fd, &found) != 0)
		return STATUS_UNAVAILABLE;
	netlink = socket(
		AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (netlink < 0)
		return STATUS_UNAVAILABLE;
	if (ask(netlink, found.st_ino))
		st = read_answer(netlink, queue);
	close(netlink);
	return st;
}

enum status
listen_queue_read(int fd, struct listen_queue *queue)
{
	int family = AF_UNSPEC;
	socklen_t size = sizeof(family);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) != 0)
		return STATUS_UNAVAILABLE;
	return family == AF_UNIX ? read_unix(fd, queue) : read_tcp(fd, queue);
}
