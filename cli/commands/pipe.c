#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "cli/command_line/arguments.h"
#include "cli/session/session.h"
#include "schema/base/home.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"
#include "schema/transport/dial.h"
#include "schema/transport/frame.h"
#include "schema/transport/pipe.h"

#define READ_BYTES 65536

/* Lines of stdin on their way to the daemon, and its lines on their way to stdout. */
struct passage {
	uv_loop_t loop;
	struct session *session;
	struct address to;
	struct dial *dial;         /* on the way over the network; NULL else */
	struct stream *stream;     /* NULL until it is open */
	union uv_any_handle input; /* stdin, where it is a pipe or a terminal */
	bool has_input;
	struct frame_reader lines;        /* of stdin */
	bool input_ended, waits;          /* for the daemon to read */
	int64_t asked_count, heard_count; /* lines there, answers back */
	bool opened, over;
	int code;
	char buffer[READ_BYTES];
};

/* ---- the end ---- */

static void finish(struct passage *passage, int code)
{
	if (passage->over)
		return;
	passage->over = true;
	passage->code = code;
	dial_destroy(passage->dial);
	stream_destroy(passage->stream);
	if (passage->has_input)
		uv_close(&passage->input.handle, NULL);
}

static void finish_if_answered(struct passage *passage)
{
	if (passage->input_ended && frame_reader_is_empty(&passage->lines) &&
	        passage->heard_count >= passage->asked_count)
		finish(passage, EXIT_OK);
}

static void fail(struct passage *passage, int code, const char *reason)
{
	if (!passage->over)
		finish(passage, output_failure(&passage->session->output, code, "%s", reason));
}

/* ---- there ---- */

/* Over the network a hello without a token gets that of the address, so that scripts need not know
 * it. NULL without memory. */
static char *with_token(const struct passage *passage, const char *line, size_t length)
{
	cJSON *message = *passage->to.path ? NULL : json_parse(line, length, NULL);
	cJSON *params = cJSON_GetObjectItemCaseSensitive(message, "params");
	struct text text = TEXT_NULL;
	if (strcmp(json_string(message, "method", ""), "hello") == 0 && cJSON_IsObject(params) &&
	        !cJSON_HasObjectItem(params, "token") &&
	        cJSON_AddStringToObject(params, "token", passage->to.token_text))
		json_append(message, &text);
	else
		text_append_bytes(&text, line, length);
	text_append(&text, "\n");
	cJSON_Delete(message);
	char *copy = text.failed ? NULL : memory_strdup(text_string(&text));
	text_finish(&text);
	return copy;
}

static void send_lines(struct passage *passage)
{
	size_t length;
	char *line;
	int rc = 0;
	while (!passage->waits && !passage->over && rc >= 0 && (line = frame_reader_next(&passage->lines, &length))) {
		passage->asked_count++;
		rc = stream_write(passage->stream, with_token(passage, line, length));
		passage->waits = rc == STREAM_FULL;
	}
	if (rc < 0)
		fail(passage, EXIT_FAILED, uv_strerror(rc));
	else if (!passage->over)
		finish_if_answered(passage);
}

/* Its last line may have no newline. */
static int end_input(struct passage *passage)
{
	passage->input_ended = true;
	return frame_reader_is_empty(&passage->lines) ? 0 : frame_reader_push(&passage->lines, "\n", 1);
}

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct passage *passage = handle->data;
	(void)suggested;
	*buffer = uv_buf_init(passage->buffer, READ_BYTES);
}

static void on_input(uv_stream_t *input, ssize_t count, const uv_buf_t *buffer)
{
	struct passage *passage = input->data;
	int rc = count < 0 ? end_input(passage) : frame_reader_push(&passage->lines, buffer->base, (size_t)count);
	if (rc < 0) {
		fail(passage, EXIT_FAILED,
		        rc == -EMSGSIZE ? "a line of the input is longer than 1 MiB" : uv_strerror(rc));
		return;
	}
	send_lines(passage);
	if (passage->waits || passage->input_ended)
		uv_read_stop(input);
}

/* A file has all its lines at once. */
static int read_file(struct passage *passage)
{
	ssize_t count;
	int rc = 0;
	while (rc == 0 && (count = read(STDIN_FILENO, passage->buffer, READ_BYTES)) > 0)
		rc = frame_reader_push(&passage->lines, passage->buffer, (size_t)count);
	return rc == 0 ? end_input(passage) : rc;
}

static int read_input(struct passage *passage)
{
	const uv_handle_type type = uv_guess_handle(STDIN_FILENO);
	int rc;
	if (type == UV_NAMED_PIPE)
		rc = uv_pipe_init(&passage->loop, &passage->input.pipe, 0);
	else if (type == UV_TTY)
		rc = uv_tty_init(&passage->loop, &passage->input.tty, STDIN_FILENO, 0);
	else
		return read_file(passage);
	passage->has_input = rc == 0;
	passage->input.handle.data = passage;
	if (rc == 0 && type == UV_NAMED_PIPE)
		rc = uv_pipe_open(&passage->input.pipe, STDIN_FILENO);
	return rc < 0 ? rc : uv_read_start(&passage->input.stream, give_buffer, on_input);
}

/* ---- and back ---- */

static void on_line(void *context, char *line, size_t length)
{
	struct passage *passage = context;
	cJSON *message = json_parse(line, length, NULL);
	passage->heard_count += !cJSON_HasObjectItem(message, "method"); /* else it is an event */
	cJSON_Delete(message);
	if (fwrite(line, 1, length, stdout) != length || putchar('\n') == EOF || fflush(stdout) == EOF)
		finish(passage, EXIT_FAILED);
	else
		finish_if_answered(passage);
}

static void on_writable(void *context)
{
	struct passage *passage = context;
	passage->waits = false;
	send_lines(passage);
	if (!passage->over && !passage->waits && !passage->input_ended && passage->has_input)
		uv_read_start(&passage->input.stream, give_buffer, on_input);
}

static void on_ended(void *context, int why)
{
	struct passage *passage = context;
	const char *reason = why == 0 ? "the daemon closed the connection" : uv_strerror(why);
	fail(passage, passage->opened ? EXIT_FAILED : EXIT_NO_DAEMON, reason);
}

/* ---- the way ---- */

/* Whoever listens at a socket of this machine may be somebody else. */
static bool is_trusted(const struct passage *passage)
{
	const struct identity *other = stream_identity(passage->stream);
	return !*passage->to.path || (other->kind == IDENTITY_USER && other->uid == geteuid());
}

static void on_opened(void *context)
{
	struct passage *passage = context;
	passage->opened = true;
	if (!is_trusted(passage)) {
		fail(passage, EXIT_NO_DAEMON, "the daemon there is run by another user, who is not believed");
		return;
	}
	int rc = read_input(passage);
	if (rc < 0)
		fail(passage, EXIT_FAILED, uv_strerror(rc));
	else
		send_lines(passage);
}

static struct stream_events events_of(struct passage *passage)
{
	return (struct stream_events){
	        .opened = on_opened, .line = on_line, .writable = on_writable, .ended = on_ended, .context = passage};
}

static void on_dialed(void *context, struct stream *stream)
{
	struct passage *passage = context;
	const struct stream_events events = events_of(passage);
	dial_destroy(passage->dial);
	passage->dial = NULL;
	passage->stream = stream;
	stream_set_events(stream, &events);
	on_opened(passage);
}

static void on_nobody(void *context, int why, const char *reason)
{
	(void)why;
	fail(context, EXIT_NO_DAEMON, reason);
}

static int begin(struct passage *passage)
{
	const struct stream_events events = events_of(passage);
	const struct dial_events dialing = {on_dialed, on_nobody, passage};
	struct error error = {0};
	if (*passage->to.path && home_check_owner(passage->session->home, &error) < 0)
		return output_failure(&passage->session->output, EXIT_NO_DAEMON, "%s", error.text);
	int rc = *passage->to.path ? stream_open(&passage->stream, &passage->loop, &stream_pipe, &passage->to, &events)
	                           : dial_start(&passage->dial, &passage->loop, &passage->to, &dialing);
	if (rc < 0)
		return output_failure(
		        &passage->session->output, EXIT_NO_DAEMON, "%s: %s", passage->to.path, uv_strerror(rc));
	return EXIT_OK;
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct passage passage = {.session = session};
	struct error error = {0};
	(void)arguments;
	if (address_read(&passage.to, session->address, &error) < 0)
		return output_failure(&session->output, EXIT_USAGE, "%s", error.text);
	int rc = uv_loop_init(&passage.loop);
	if (rc < 0)
		return output_failure(&session->output, EXIT_FAILED, "%s", uv_strerror(rc));
	passage.code = begin(&passage);
	if (passage.code == EXIT_OK)
		uv_run(&passage.loop, UV_RUN_DEFAULT);
	frame_reader_finish(&passage.lines);
	uv_loop_close(&passage.loop);
	return passage.code;
}

const struct verb verb_pipe = {
        .name = "pipe",
        .group = "For shell scripts that work",
        .operands = "",
        .daemon = DAEMON_NONE,
        .summary = "pass lines between stdin, stdout and the daemon",
        .details = "\nThe lines are the wire's: JSON-RPC, one message a line, the first a hello (PROTOCOL.md). With "
                   "--connect a hello\n"
                   "gets the address's token. Through 'ssh HOST kre-search pipe' a script elsewhere needs neither a "
                   "port nor a\n"
                   "token. It ends when stdin has and all is answered. Exit code 4: no daemon; 1: it hung up.\n",
        .run = run,
};
