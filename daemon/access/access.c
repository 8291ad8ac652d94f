#include "daemon/access/access.h"

#include "daemon/storage/store.h"

int access_init(struct access *access, struct store *store, struct clock *clock, struct error *error)
{
	*access = (struct access){.store = store, .clock = clock};
	int rc = store_epoch(&access->epoch, store);
	if (rc == 0)
		return 0;
	const struct error *cause = store_error(store);
	return error_fold(error, rc < 0 ? rc : -EIO, cause, "%s", cause->text);
}
