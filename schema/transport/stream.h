/* One stream of lines between two programs, whatever carries it: the daemon accepts it, a client
 * opens it. Bytes become lines here and nowhere else, what is written waits in a queue with a
 * bound, and the stream vouches for who is on the other side.
 *
 * A secure one is opening until the handshake is done. At a daemon's door it waits for its turn
 * before each step (handshakes.h): what it has said until then stays with the kernel but for 2 KiB,
 * before the first step there is no TLS, and one of more than STREAM_OPENING_BYTES is none.
 *
 *   opening ──▶ open ──▶ ended (nothing more is read) ──▶ draining (what is queued leaves) ──▶ closed
 *      └─────────┴─────────────┴──────── stream_destroy
 * ────────────┴────────────────────────────▲ */
#ifndef SCHEMA_TRANSPORT_STREAM_H
#define SCHEMA_TRANSPORT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#include <openssl/types.h>

#include "schema/base/error.h"
#include "schema/transport/address.h"
#include "schema/transport/handshakes.h"
#include "schema/transport/unsent.h"

#define STREAM_OPENING_BYTES 4096 /* that a handshake may take from who knocks at a door */

/* Who is on the other side, as the kernel says; never what they say themselves. */
enum identity_kind { IDENTITY_UNKNOWN, IDENTITY_USER, IDENTITY_NETWORK };

struct identity {
	enum identity_kind kind;
	uid_t uid; /* of a user of this machine */
	pid_t pid;
	char from[64]; /* over the network: the address; who it is a token has to say */
};

/* What carries bytes. Each returns 0 or a negative errno; `handle` is one that `init` made. */
struct stream_kind {
	int (*init)(uv_loop_t *loop, union uv_any_handle *handle);
	/* Binds a listener to `at`; with a sentence when it cannot. */
	int (*bind)(union uv_any_handle *handle, const struct address *at, struct error *error);
	int (*connect)(
	        uv_connect_t *request, union uv_any_handle *handle, const struct address *to, uv_connect_cb connected);
	int (*identify)(struct identity *out, const union uv_any_handle *handle);
	/* stream_set_patience; NULL where the other side is the same machine. */
	void (*bear)(const union uv_any_handle *handle, uint64_t silence_ms);
	bool secure;                   /* TLS: a client believes the pin of the address … */
	SSL_CTX *server;               /* … and a daemon's door has this … */
	struct handshakes *handshakes; /* … and these; both borrowed */
};

struct stream;

/* What the owner wants to know, from the loop; any may be NULL, and any of the calls below is
 * allowed in each. */
struct stream_events {
	/* After stream_open, and after stream_accept of a secure one: lines may be written. */
	void (*opened)(void *context);
	/* One line without its newline, borrowed for the call. */
	void (*line)(void *context, char *line, size_t length);
	/* Bytes came, be they a line or not. */
	void (*heard)(void *context);
	/* After STREAM_FULL, or stream_is_behind: no more than half of that waits. */
	void (*writable)(void *context);
	/* Nothing more will be read, told once: 0 = the other side closed its half, -EMSGSIZE = a
	 * line over the limit, -EKEYREJECTED or -EPROTO = it could not be secured
	 * (stream_explain), or what was said while connecting or reading. What cannot be
	 * written is lost in silence: what was read before is still to be delivered. */
	void (*ended)(void *context, int why);
	/* The last call, after stream_close; the stream is freed behind it. */
	void (*closed)(void *context);
	void *context;
};

/* Connects to `to`. 0, or a negative errno with nothing left; what fails later is told by
 * `ended`. */
int stream_open(struct stream **out, uv_loop_t *loop, const struct stream_kind *kind, const struct address *to,
        const struct stream_events *events);

/* Takes a connection that waits at a listener of that kind. 0, or a negative errno with nothing
 * left. */
int stream_accept(
        struct stream **out, uv_stream_t *listener, const struct stream_kind *kind, const struct stream_events *events);

#define STREAM_FULL 1

/* Queues one line that ends in \n (taken, also when it fails). 0; STREAM_FULL: it is queued, but
 * more than STREAM_UNSENT_LIMIT_BYTES wait and nothing more is taken until `writable`; -ENOBUFS
 * when it should have waited; -ENOTCONN unless open or ended; -ENOMEM, also for NULL. */
int stream_write(struct stream *stream, char *line);

/* Lines that come from now on may have so many bytes, 0 = FRAME_MAX_BYTES. */
void stream_limit(struct stream *stream, size_t line_bytes);

/* Delivers no line, and reads no more than one buffer, until stream_resume, which delivers what it
 * has at once. Repeating them is fine. */
void stream_pause(struct stream *stream);
void stream_resume(struct stream *stream);

/* True while more than STREAM_BEHIND_BYTES wait for the other side to read; `writable` tells when
 * that is over. */
bool stream_is_behind(struct stream *stream);

/* How long somebody may be silent who should say something, where leases last so long: a third of
 * that, and 5 s at least, for below that a lost packet or two would be taken for the end. */
uint64_t stream_patience_ms(int64_t lease_ms);

/* From now on it ends when the other machine does not acknowledge for so long what it was sent;
 * until then after a time that suits most. */
void stream_set_patience(struct stream *stream, uint64_t silence_ms);

/* Reads no more: neither `line` nor `ended` is called again. Repeating it is fine. */
void stream_stop(struct stream *stream);

/* Reads no more, closes once all that was written has left or cannot leave. Repeating it is
 * fine. */
void stream_close(struct stream *stream);

/* Closes at once, unsent lines are lost; no further callbacks. libuv frees it in a later turn. NULL
 * is fine. */
void stream_destroy(struct stream *stream);

/* From now on others are told. */
void stream_set_events(struct stream *stream, const struct stream_events *events);

/* The sentence for what `ended` told, in it. */
void stream_explain(const struct stream *stream, int why, struct error *error);

/* Who is on the other side, from `opened` or stream_accept on. */
const struct identity *stream_identity(const struct stream *stream);

/* True unless the other side is known to be gone; one that only closed its half still listens. */
bool stream_has_listener(const struct stream *stream);

#endif
