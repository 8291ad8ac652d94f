#include "daemon/network/door.h"

#include <errno.h>
#include <string.h>

#include "schema/base/log.h"
#include "schema/transport/tcp.h"
#include "schema/transport/tls.h"

int door_init(struct door *door, const char *keys_folder, struct error *error)
{
	*door = (struct door){.listener = NULL};
	handshakes_init(&door->handshakes);
	int rc = tls_keys_init(&door->keys, keys_folder, error);
	if (rc < 0)
		return rc;
	door->server = tls_server_create(&door->keys);
	if (!door->server)
		return error_no_memory(error);
	door->kind = stream_tcp_door(door->server, &door->handshakes);
	return 0;
}

void door_finish(struct door *door)
{
	door_close(door);
	tls_server_destroy(door->server);
	tls_keys_finish(&door->keys);
}

void door_close(struct door *door)
{
	listener_destroy(door->listener);
	door->listener = NULL;
}

/* All addresses are those of IPv6, which have those of IPv4 among them; where there is no IPv6,
 * IPv4. */
static int read_address(struct address *out, const char *text, uint16_t port)
{
	*out = (struct address){.port = port};
	if (uv_ip6_addr(*text ? text : "::", port, (struct sockaddr_in6 *)&out->socket) == 0)
		return 0;
	return uv_ip4_addr(text, port, (struct sockaddr_in *)&out->socket) == 0 ? 0 : -EINVAL;
}

static int listen_at(struct listener **out, struct door *door, uv_loop_t *loop, struct listener_options *options,
        struct error *error)
{
	options->kind = &door->kind;
	options->at = &door->at;
	int rc = listener_create(out, loop, options, error);
	if (rc == -EAFNOSUPPORT && uv_ip4_addr("0.0.0.0", door->at.port, (struct sockaddr_in *)&door->at.socket) == 0)
		rc = listener_create(out, loop, options, error);
	if (rc < 0)
		return rc;
	door->at.port = listener_port(*out);
	struct sockaddr_in *socket = (struct sockaddr_in *)&door->at.socket; /* IPv6 has its port in the same place */
	socket->sin_port = htons(door->at.port);
	return 0;
}

static bool is_same(const struct address *a, const struct address *b)
{
	return a->port == b->port && memcmp(&a->socket, &b->socket, sizeof a->socket) == 0;
}

/* The one that was in the way of itself comes back. */
static int open_again(struct door *door, uv_loop_t *loop, const struct listener_options *options, struct error *error)
{
	struct listener_options listening = *options;
	struct listener *opened = NULL;
	struct error why = {""};
	int rc = listen_at(&opened, door, loop, &listening, &why);
	if (rc < 0)
		error_fold(error, rc, error, "%s; the door is closed now: %s", error->text, why.text);
	else
		door->listener = opened;
	return rc;
}

int door_open(struct door *door, struct network_door *where, uv_loop_t *loop, const struct listener_options *options,
        struct error *error)
{
	struct address wanted;
	struct listener_options listening = *options;
	struct listener *opened = NULL;
	if (read_address(&wanted, where->address, (uint16_t)where->port) < 0)
		return error_set(error, -EINVAL, "address: expected a numeric address of this machine, not '%s'",
		        where->address);
	if (door->listener && is_same(&wanted, &door->at))
		return 0;
	int rc = tls_keys_pin(&door->keys) ? 0 : tls_keys_make(&door->keys, error);
	if (rc < 0)
		return rc;
	const struct address before = door->at;
	const bool in_the_way = door->listener && wanted.port == before.port;
	if (in_the_way)
		door_close(door);
	door->at = wanted;
	rc = listen_at(&opened, door, loop, &listening, error);
	if (rc < 0) {
		door->at = before;
		if (in_the_way)
			open_again(door, loop, options, error);
		return rc;
	}
	door_close(door);
	door->listener = opened;
	where->port = door->at.port;
	log_info("listening for others at port %u", door->at.port);
	return 0;
}
