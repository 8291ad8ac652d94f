#define _GNU_SOURCE /* memfd_create */
#include "worker/agent/usage_note.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "schema/base/log.h"

int usage_note_open(void)
{
	int note = memfd_create("usage", MFD_CLOEXEC);
	return note < 0 ? -errno : note;
}

void usage_note_write(int note, const struct run_usage *usage)
{
	if (pwrite(note, usage, sizeof *usage, 0) != (ssize_t)sizeof *usage)
		log_debug("what the run took of the machine is not known");
}

bool usage_note_read(struct run_usage *out, int note)
{
	struct run_usage usage;
	if (note < 0 || pread(note, &usage, sizeof usage, 0) != (ssize_t)sizeof usage)
		return false;
	*out = usage;
	return true;
}
