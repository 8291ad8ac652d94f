#include "schema/study/file_folder.h"

#include <string.h>

bool file_name_is_good(const char *name)
{
	for (;;) {
		const size_t length = strcspn(name, "/");
		if (length == 0 || (length == 1 && name[0] == '.') || (length == 2 && memcmp(name, "..", 2) == 0))
			return false;
		if (!name[length])
			return true;
		name += length + 1;
	}
}

size_t file_folder_name_length(const char *name)
{
	const char *slash = strchr(name, '/');
	return slash ? (size_t)(slash - name) : 0;
}

bool file_folder_has(const char *folder, size_t length, const char *name)
{
	return length > 0 && file_folder_name_length(name) == length && memcmp(folder, name, length) == 0;
}

size_t file_folder_path_length(const char *path, const char *name)
{
	const char *rest = strchr(name, '/');
	const size_t all = strlen(path), tail = rest ? strlen(rest) : 0;
	return tail > 0 && tail < all && strcmp(path + all - tail, rest) == 0 ? all - tail : 0;
}
