#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "my500/address_list.h"
#include "my500/memory.h"

#define NETWORKS_MAX      64
#define IPV4_IN_IPV6_BITS 96 /* ::ffff:0:0/96, RFC 4291, section 2.5.5.2 */

/* All as IPv6; an IPv4 network is mapped into it. */
struct network {
	struct in6_addr address;
	int bits;
};

struct address_list {
	struct network networks[NETWORKS_MAX];
	size_t count;
};

/* Reads an address of either family; `bits` is how many it has of its own. */
static bool
read_address(struct slice text, struct in6_addr *address, int *bits)
{
	static const uint8_t mapped[IPV4_IN_IPV6_BITS / 8] = { [10] = 0xff,
		0xff };
	char copy[INET6_ADDRSTRLEN];
	struct in_addr v4;

	if (text.len == 0 || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	*bits = 128;
	if (inet_pton(AF_INET6, copy, address) == 1)
		return true;
	*bits = 32;
	if (inet_pton(AF_INET, copy, &v4) != 1)
		return false;
	memcpy(address->s6_addr, mapped, sizeof(mapped));
	memcpy(address->s6_addr + sizeof(mapped), &v4, sizeof(v4));
	return true;
}

static bool
read_network(struct slice text, struct network *network)
{
	struct slice prefix = text, address;
	int64_t length;
	int own_bits;

	if (!slice_split(&prefix, '/', &address) ||
		!read_address(address, &network->address, &own_bits))
		return false;
	length = own_bits;
	if (prefix.ptr != NULL &&
		!slice_parse_int(prefix, 0, own_bits, &length))
		return false;
	network->bits = (int)length + (own_bits == 32 ? IPV4_IN_IPV6_BITS : 0);
	return true;
}

enum status
address_list_open(struct address_list **list, const char *text,
	const char *setting, struct reason *why)
{
	struct slice rest = slice_of(text), part;

	*list = memory_zeroed(1, sizeof(**list));
	while (*text != '\0' && slice_split(&rest, ',', &part)) {
		struct network *next = &(*list)->networks[(*list)->count];

		if ((*list)->count < NETWORKS_MAX &&
			read_network(slice_trim(part), next)) {
			(*list)->count++;
			continue;
		}
		address_list_close(list);
		return status_refuse(why, setting,
			"has \"%.*s\", which is no network; expected at most "
			"%d like 10.0.0.0/8 or ::1, with commas between",
			(int)(part.len < 60 ? part.len : 60), part.ptr,
			NETWORKS_MAX);
	}
	return STATUS_OK;
}

void
address_list_close(struct address_list **list)
{
	free(*list);
	*list = NULL;
}

static bool
is_within(const struct network *network, const struct in6_addr *address)
{
	const uint8_t *a = network->address.s6_addr, *b = address->s6_addr;
	int whole = network->bits / 8, rest = network->bits % 8;

	if (memcmp(a, b, (size_t)whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

bool
address_list_has(const struct address_list *list, struct slice address)
{
	struct in6_addr wanted;
	int own_bits;

	if (address.len == 0 || slice_equals_text(address, "unix:"))
		return true;
	if (!read_address(address, &wanted, &own_bits))
		return false;
	for (size_t i = 0; i < list->count; i++)
		if (is_within(&list->networks[i], &wanted))
			return true;
	return false;
}
