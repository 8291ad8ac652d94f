/* Which file a name stands for, so that it is noticed when the file is gone or another one has
 * taken its place. */
#ifndef SCHEMA_BASE_INODE_H
#define SCHEMA_BASE_INODE_H

#include <stdbool.h>
#include <sys/types.h>

struct inode {
	dev_t device;
	ino_t number; /* 0 = none */
};

/* The file of that name (links are followed), or none. */
struct inode inode_at(const char *path);

/* False once the name stands for no file, or for another. True for none, and where it cannot be
 * told. */
bool inode_is_at(const struct inode *inode, const char *path);

#endif
