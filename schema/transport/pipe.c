#define _GNU_SOURCE /* struct ucred */
#include "schema/transport/pipe.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int init(uv_loop_t *loop, union uv_any_handle *handle)
{
	return uv_pipe_init(loop, &handle->pipe, 0);
}

static int bind_path(union uv_any_handle *handle, const struct address *at, struct error *error)
{
	unlink(at->path);
	mode_t before = umask(0177);
	int rc = uv_pipe_bind(&handle->pipe, at->path);
	umask(before);
	return rc < 0 ? error_set(error, rc, "cannot listen at %s: %s", at->path, uv_strerror(rc)) : 0;
}

static int connect_path(
        uv_connect_t *request, union uv_any_handle *handle, const struct address *to, uv_connect_cb connected)
{
	uv_pipe_connect(request, &handle->pipe, to->path, connected);
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
