#include "cli/terminal/progress_line.h"

#include <stdarg.h>
#include <unistd.h>

enum { FIRST_MS = 1000, AGAIN_MS = 200, LINES_MS = 10000 };

static int64_t now_ms(const struct progress_line *progress)
{
	return progress->clock->monotonic(progress->clock).ms;
}

void progress_line_init(struct progress_line *progress, const struct output *output, struct clock *clock)
{
	*progress = (struct progress_line){.output = output, .clock = clock};
	progress->terminal = isatty(fileno(output->remarks)) == 1;
	progress->next.ms = now_ms(progress) + FIRST_MS;
}

void progress_line_say(struct progress_line *progress, const char *format, ...)
{
	FILE *out = progress->output->remarks;
	const int64_t now = now_ms(progress);
	if (progress->output->quiet || progress->output->json || now < progress->next.ms)
		return;
	va_list arguments;
	va_start(arguments, format);
	if (progress->terminal)
		fputs("\r\033[K", out);
	vfprintf(out, format, arguments);
	va_end(arguments);
	if (!progress->terminal)
		fputc('\n', out);
	fflush(out);
	progress->shown = progress->terminal;
	progress->next.ms = now + (progress->terminal ? AGAIN_MS : LINES_MS);
}

void progress_line_wipe(struct progress_line *progress)
{
	if (progress->shown)
		fputs("\r\033[K", progress->output->remarks);
	progress->shown = false;
}
