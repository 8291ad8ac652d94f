/* The door to the network: opened, closed, looked at. Only from this machine. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/access/listening.h"
#include "daemon/network/own_names.h"
#include "daemon/network/request.h"
#include "schema/api/access.h"
#include "schema/transport/join_token.h"

#define PORT_MAX 65535

/* ---- answers ---- */

static const char *write_pin(const struct request *request)
{
	char digits[2 * JOIN_PIN_BYTES + 1];
	const unsigned char *pin = request->around->pin;
	for (size_t i = 0; pin && i < JOIN_PIN_BYTES; i++)
		snprintf(digits + 2 * i, 3, "%02x", pin[i]);
	return pin ? arena_strdup(request->arena, digits) : NULL;
}

static int fill(struct listen_answer *answer, const struct request *request, const struct listening *listening)
{
	const struct surroundings *around = request->around;
	*answer = (struct listen_answer){.listening = around->door_is_open && around->door_is_open(around->network),
	        .address = listening ? listening->address : "",
	        .port = listening ? listening->port : 0,
	        .pin = write_pin(request)};
	if (listening) {
		answer->advertise.count = listening->names.count;
		answer->advertise.items = listening->names.items;
	}
	return around->pin && !answer->pin ? -ENOMEM : 0;
}

/* ---- start ---- */

static int check_wish(struct request *request, const struct listen_request *wish)
{
	if (wish->port > PORT_MAX)
		return request_wrong(request, "port", "0 for any that is free, or up to 65535");
	if (wish->advertise.count > LISTENING_NAMES_MAX)
		return request_wrong(request, "advertise", "at most 8 names");
	for (size_t i = 0; i < wish->advertise.count; i++)
		if (!address_is_host(wish->advertise.items[i]))
			return request_wrong(request, "advertise", "names of hosts, or addresses (IPv6 as [::1])");
	return 0;
}

/* What was wished, and where nothing was, what is; else what this machine is called. */
static int settle(struct listening *out, struct request *request, const struct listen_request *wish)
{
	struct listening now = {.address = "", .port = LISTEN_PORT};
	int rc = listening_load(&now, request->around->access, request->arena, &request->error);
	if (rc < 0)
		return rc;
	if (*wish->address)
		now.address = wish->address;
	if (wish->port >= 0)
		now.port = wish->port;
	if (wish->advertise.count) {
		now.names.count = wish->advertise.count;
		now.names.items = wish->advertise.items;
	}
	*out = now;
	return now.names.count ? 0 : own_names_fill(out, request->arena);
}

static int open_door(struct request *request, struct listening *listening)
{
	const struct surroundings *around = request->around;
	struct network_door door = {listening->address, listening->port};
	if (!around->open_door)
		return error_set(&request->error, -ENOTSUP, "this daemon has no door to the network");
	int rc = around->open_door(around->network, &door, &request->error);
	listening->port = door.port;
	return rc;
}

int request_listen_start(struct request *request, const void *params, void *answer)
{
	const struct listen_request *wish = params;
	const struct surroundings *around = request->around;
	struct listening listening;
	int rc = check_wish(request, wish);
	if (rc == 0)
		rc = settle(&listening, request, wish);
	if (rc == 0)
		rc = open_door(request, &listening);
	if (rc == 0 && wish->new_key)
		rc = around->make_key(around->network, &request->error);
	if (rc == 0)
		rc = listening_keep(around->access, &listening, &request->error);
	return rc == 0 ? fill(answer, request, &listening) : rc;
}

/* ---- stop, get ---- */

int request_listen_stop(struct request *request, const void *params, void *answer)
{
	const struct surroundings *around = request->around;
	(void)params;
	int rc = listening_keep(around->access, NULL, &request->error);
	if (rc == 0 && around->close_door)
		around->close_door(around->network);
	return rc == 0 ? fill(answer, request, NULL) : rc;
}

int request_listen_get(struct request *request, const void *params, void *answer)
{
	struct listening listening;
	(void)params;
	int rc = listening_load(&listening, request->around->access, request->arena, &request->error);
	return rc < 0 ? rc : fill(answer, request, rc == 0 ? &listening : NULL);
}
