#include "schema/base/inode.h"

#include <errno.h>
#include <sys/stat.h>

struct inode inode_at(const char *path)
{
	struct stat status;
	if (stat(path, &status) < 0)
		return (struct inode){0};
	return (struct inode){status.st_dev, status.st_ino};
}

bool inode_is_at(const struct inode *inode, const char *path)
{
	struct stat status;
	if (inode->number == 0)
		return true;
	if (stat(path, &status) < 0)
		return errno != ENOENT && errno != ENOTDIR;
	return status.st_dev == inode->device && status.st_ino == inode->number;
}
