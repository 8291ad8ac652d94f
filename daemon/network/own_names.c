#include "daemon/network/own_names.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

struct naming {
	struct arena *arena;
	const char **items; /* (LISTENING_NAMES_MAX) */
	size_t count;
	bool failed;
};

static void add(struct naming *naming, const char *name)
{
	if (naming->count == LISTENING_NAMES_MAX || !address_is_host(name))
		return;
	for (size_t i = 0; i < naming->count; i++)
		if (strcmp(naming->items[i], name) == 0)
			return;
	const char *copy = arena_strdup(naming->arena, name);
	naming->failed |= !copy;
	if (copy)
		naming->items[naming->count++] = copy;
}

static bool is_local(const uv_interface_address_t *at)
{
	if (at->address.address4.sin_family == AF_INET)
		return at->is_internal;
	const unsigned char *bytes = at->address.address6.sin6_addr.s6_addr;
	return at->is_internal || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
}

static void add_address(struct naming *naming, const uv_interface_address_t *at)
{
	char text[64] = "[";
	if (at->address.address4.sin_family == AF_INET) {
		if (uv_ip4_name(&at->address.address4, text, sizeof text) == 0)
			add(naming, text);
	} else if (uv_ip6_name(&at->address.address6, text + 1, sizeof text - 2) == 0) {
		strcat(text, "]");
		add(naming, text);
	}
}

static void add_addresses(struct naming *naming)
{
	static const int families[] = {AF_INET, AF_INET6};
	uv_interface_address_t *addresses = NULL;
	int count = 0;
	if (uv_interface_addresses(&addresses, &count) < 0)
		return;
	for (size_t f = 0; f < sizeof families / sizeof *families; f++)
		for (int i = 0; i < count; i++)
			if (addresses[i].address.address4.sin_family == families[f] && !is_local(&addresses[i]))
				add_address(naming, &addresses[i]);
	uv_free_interface_addresses(addresses, count);
}

/* A name that only this machine knows would cost others a wait; addresses follow it. */
static void add_host(struct naming *naming)
{
	char host[256] = "";
	if (gethostname(host, sizeof host - 1) == 0 && strncmp(host, "localhost", 9) != 0)
		add(naming, host);
}

int own_names_fill(struct listening *out, struct arena *arena)
{
	struct naming naming = {.arena = arena};
	naming.items = arena_alloc(arena, LISTENING_NAMES_MAX * sizeof *naming.items);
	if (!naming.items)
		return -ENOMEM;
	add_host(&naming);
	const size_t named = naming.count;
	add_addresses(&naming);
	if (naming.count == named)
		add(&naming, "127.0.0.1");
	out->names.items = naming.items;
	out->names.count = naming.count;
	return naming.failed ? -ENOMEM : 0;
}
