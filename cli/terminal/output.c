#include "cli/terminal/output.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/terminal/exit_code.h"
#include "schema/base/error.h"

/* A terminal that calls itself dumb, or nothing, shows escapes as they are. */
static bool knows_escapes(void)
{
	const char *term = getenv("TERM");
	return term && *term && strcmp(term, "dumb") != 0;
}

static bool wants_colour(const char *word, bool screen)
{
	if (strcmp(word, "auto") != 0)
		return strcmp(word, "always") == 0;
	const char *no_colour = getenv("NO_COLOR");
	return screen && !(no_colour && *no_colour);
}

void output_init(struct output *out, const char *colour)
{
	bool terminal = isatty(STDOUT_FILENO) == 1, screen = terminal && knows_escapes();
	*out = (struct output){
	        .results = stdout,
	        .remarks = stderr,
	        .terminal = terminal,
	        .screen = screen,
	        .colour = wants_colour(colour, screen),
	};
	out->width = output_width(out);
}

size_t output_width(const struct output *output)
{
	struct winsize size;
	if (!output->terminal)
		return SIZE_MAX;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	const char *columns = getenv("COLUMNS");
	long width = columns ? strtol(columns, NULL, 10) : 0;
	return width > 0 ? (size_t)width : 80;
}

const char *output_style(const struct output *output, enum style style)
{
	static const char *const escapes[] = {
	        [STYLE_PLAIN] = "\033[0m",
	        [STYLE_BOLD] = "\033[1m",
	        [STYLE_DIM] = "\033[2m",
	        [STYLE_GOOD] = "\033[32m",
	        [STYLE_BAD] = "\033[31m",
	        [STYLE_NOTE] = "\033[33m",
	};
	return output->colour ? escapes[style] : "";
}

bool output_is_read(const struct output *output)
{
	struct pollfd results = {.fd = fileno(output->results), .events = POLLOUT};
	return poll(&results, 1, 0) <= 0 || !(results.revents & (POLLERR | POLLHUP));
}

int output_no_memory(const struct output *output)
{
	return output_failure(output, EXIT_FAILED, "out of memory");
}

int output_text(const struct output *output, const struct text *text)
{
	if (text->failed) {
		output_no_memory(output);
		return -ENOMEM;
	}
	fwrite(text_string(text), 1, text->length, output->results);
	return 0;
}

void output_line(const struct output *output, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vfprintf(output->results, format, args);
	va_end(args);
	fputc('\n', output->results);
}

void output_remark(const struct output *output, const char *format, ...)
{
	if (output->quiet || output->json)
		return;
	va_list args;
	va_start(args, format);
	vfprintf(output->remarks, format, args);
	va_end(args);
	fputc('\n', output->remarks);
}

int output_failure(const struct output *output, int exit_code, const char *format, ...)
{
	char sentence[2 * ERROR_TEXT_BYTES];
	va_list args;
	va_start(args, format);
	vsnprintf(sentence, sizeof sentence, format, args);
	va_end(args);
	fflush(output->results);
	if (!output->json) {
		fprintf(output->remarks, "kre-search: %s\n", sentence);
		return exit_code;
	}
	struct text line = TEXT_NULL;
	text_append(&line, "{\"error\":");
	text_json_string(&line, sentence, false);
	text_printf(&line, ",\"exit\":%d}\n", exit_code);
	fputs(text_string(&line), output->remarks);
	text_finish(&line);
	return exit_code;
}
