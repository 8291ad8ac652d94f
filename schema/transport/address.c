#include "schema/transport/address.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char scheme[] = "kre://";

bool address_is_network(const char *text)
{
	return strncmp(text, scheme, strlen(scheme)) == 0;
}

void address_place(char out[ADDRESS_PLACE_BYTES], const char *text)
{
	const bool network = address_is_network(text);
	const char *place = network ? text + strlen(scheme) : text;
	const size_t length = network ? strcspn(place, "/") : strlen(place);
	snprintf(out, ADDRESS_PLACE_BYTES, "%.*s", (int)length, place);
}

/* ---- hosts ---- */

static bool is_bracketed(const char *name, size_t length)
{
	return length > 2 && name[0] == '[' && name[length - 1] == ']' &&
	       strspn(name + 1, "0123456789abcdefABCDEF:.") == length - 2;
}

bool address_is_host(const char *name)
{
	const size_t length = strlen(name);
	if (length == 0 || length >= ADDRESS_HOST_BYTES)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr(".-_", name[i]))
			return is_bracketed(name, length);
	return name[0] != '-';
}

/* ---- kre:// ---- */

static int refuse(struct error *error)
{
	return error_set(error, -EINVAL,
	        "an address over the network is kre://HOST:PORT/TOKEN: 'kre-search join' prints one, copy the whole "
	        "line");
}

static int read_host(struct address *out, const char *text, size_t length)
{
	const bool brackets = length > 2 && text[0] == '[' && text[length - 1] == ']';
	const char *name = brackets ? text + 1 : text;
	const size_t bytes = brackets ? length - 2 : length;
	if (bytes == 0 || bytes >= ADDRESS_HOST_BYTES || out->host_count == ADDRESS_HOSTS_MAX)
		return -EINVAL;
	for (size_t i = 0; i < bytes; i++)
		if ((unsigned char)name[i] <= ' ' || strchr("/,[]@", name[i]) || (!brackets && name[i] == ':'))
			return -EINVAL;
	char *host = out->hosts[out->host_count++];
	memcpy(host, name, bytes);
	host[bytes] = '\0';
	return 0;
}

static int read_hosts(struct address *out, const char *text, size_t length)
{
	int rc = 0;
	for (size_t at = 0; rc == 0 && at <= length;) {
		const char *comma = memchr(text + at, ',', length - at);
		const size_t end = comma ? (size_t)(comma - text) : length;
		rc = read_host(out, text + at, end - at);
		at = end + 1;
	}
	return rc;
}

/* Digits up to the slash. */
static int read_port(struct address *out, const char *text, const char *slash)
{
	char *end;
	const unsigned long port = *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;
	if (port == 0 || port > UINT16_MAX || end != slash)
		return -EINVAL;
	out->port = (uint16_t)port;
	return 0;
}

static const char *last_colon(const char *text, const char *end)
{
	while (end > text && *--end != ':')
		;
	return end > text ? end : NULL;
}

static int read_network(struct address *out, const char *text, struct error *error)
{
	const char *place = text + strlen(scheme), *slash = strchr(place, '/');
	const char *colon = slash ? last_colon(place, slash) : NULL;
	if (!colon || read_hosts(out, place, (size_t)(colon - place)) < 0 || read_port(out, colon + 1, slash) < 0)
		return refuse(error);
	int rc = join_token_read(&out->token, slash + 1, error);
	if (rc == 0)
		join_token_write(out->token_text, &out->token);
	return rc;
}

/* ---- a path ---- */

static int read_path(struct address *out, const char *text, struct error *error)
{
	if (!*text)
		return error_set(
		        error, -EINVAL, "an address is the path of the daemon's socket, and this one is empty");
	if (strstr(text, "://") || (strchr(text, ':') && !strchr(text, '/')))
		return error_set(error, -EINVAL,
		        "%s: an address is the path of a socket, HOME/daemon.sock, or the line that 'kre-search join' "
		        "prints",
		        text);
	if (strlen(text) >= ADDRESS_PATH_BYTES)
		return error_set(
		        error, -ENAMETOOLONG, "a socket's path has at most %d bytes: %s", ADDRESS_PATH_BYTES - 1, text);
	strcpy(out->path, text);
	return 0;
}

int address_read(struct address *out, const char *text, struct error *error)
{
	struct address address = {.path = ""};
	int rc = address_is_network(text) ? read_network(&address, text, error) : read_path(&address, text, error);
	if (rc == 0)
		*out = address;
	return rc;
}
