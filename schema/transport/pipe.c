#define _GNU_SOURCE /* struct ucred, O_PATH */
#include "schema/transport/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int init(uv_loop_t *loop, union uv_any_handle *handle)
{
	return uv_pipe_init(loop, &handle->pipe, 0);
}

/* The kernel has little room for a path: a longer one is named by the folder's descriptor. */
struct socket_name {
	struct sockaddr_un address;
	int folder; /* has to be open as long as the address is used; -1 = none is needed */
};

static int name_in_folder(struct socket_name *out, const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[sizeof((struct address *)NULL)->path];
	snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	out->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (out->folder < 0)
		return -errno;
	int length = snprintf(out->address.sun_path, sizeof out->address.sun_path, "/proc/self/fd/%d/%s", out->folder,
	        slash ? slash + 1 : path);
	if (length < (int)sizeof out->address.sun_path)
		return 0;
	close(out->folder);
	return -ENAMETOOLONG;
}

static int name_socket(struct socket_name *out, const char *path)
{
	*out = (struct socket_name){{.sun_family = AF_UNIX}, -1};
	if (strlen(path) >= sizeof out->address.sun_path)
		return name_in_folder(out, path);
	strcpy(out->address.sun_path, path);
	return 0;
}

static int bind_socket(int fd, const char *path)
{
	struct socket_name name;
	int rc = name_socket(&name, path);
	if (rc < 0)
		return rc;
	unlink(path);
	mode_t before = umask(0177);
	rc = bind(fd, (struct sockaddr *)&name.address, sizeof name.address) < 0 ? -errno : 0;
	umask(before);
	if (name.folder >= 0)
		close(name.folder);
	return rc;
}

/* Not by uv_pipe_bind: in the end libuv would remove whatever has that name by then. */
static int bind_path(union uv_any_handle *handle, const struct address *at, struct error *error)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc = fd < 0 ? -errno : bind_socket(fd, at->path);
	if (rc == 0)
		rc = uv_pipe_open(&handle->pipe, fd);
	if (rc < 0 && fd >= 0)
		close(fd);
	return rc < 0 ? error_set(error, rc, "cannot listen at %s: %s", at->path, uv_strerror(rc)) : 0;
}

static int connect_path(
        uv_connect_t *request, union uv_any_handle *handle, const struct address *to, uv_connect_cb connected)
{
	struct socket_name name;
	int rc = name_socket(&name, to->path);
	if (rc < 0)
		return rc;
	uv_pipe_connect(request, &handle->pipe, name.address.sun_path, connected);
	if (name.folder >= 0) /* it has connected, or has failed, by now */
		close(name.folder);
	return 0;
}

static int identify(struct identity *out, const union uv_any_handle *handle)
{
	struct ucred who;
	socklen_t length = sizeof who;
	uv_os_fd_t fd;
	int rc = uv_fileno(&handle->handle, &fd);
	if (rc < 0)
		return rc;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) < 0)
		return -errno;
	*out = (struct identity){IDENTITY_USER, who.uid, who.pid};
	return 0;
}

const struct stream_kind stream_pipe = {init, bind_path, connect_path, identify};
