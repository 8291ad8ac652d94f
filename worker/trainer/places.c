#define _GNU_SOURCE /* realpath */
#include "worker/trainer/places.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/home.h"
#include "schema/base/memory.h"

#define CACHE_OPTION "cache"

extern char **environ;

bool places_are_confined(void)
{
	const char *confined = getenv("KRE_CONFINED");
	return confined && *confined;
}

static bool writes(const char *option)
{
	static const char *const names[] = {"save", "oof", "out", CACHE_OPTION};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(option, names[i]) == 0)
			return true;
	return false;
}

/* True when `real` is that place, or lies in it, links followed. */
static bool is_within(const char *real, const char *place)
{
	char *root = place && *place ? realpath(place, NULL) : NULL;
	size_t length = root ? strlen(root) : 0;
	bool within = root && strncmp(real, root, length) == 0 && (!real[length] || real[length] == '/');
	free(root);
	return within;
}

static bool is_in_the_run(const char *real)
{
	return is_within(real, getenv("KRE_RUN_DIR")) || is_within(real, getenv("KRE_CHECKPOINT_DIR"));
}

static bool is_of_the_study(const char *real)
{
	static const char start[] = "KRE_FILE_";
	for (char **entry = environ; *entry; entry++) {
		const char *path = strchr(*entry, '=');
		if (path && strncmp(*entry, start, strlen(start)) == 0 && is_within(real, path + 1))
			return true;
	}
	return false;
}

/* What is to be made is where its folder is: cuts off what is not there yet. NULL when that goes
 * back up. */
static char *real_beginning(char *path)
{
	char *real = realpath(path, NULL);
	while (!real && errno == ENOENT) {
		char *slash = strrchr(path, '/');
		const char *last = slash ? slash + 1 : path;
		if (strcmp(last, "..") == 0)
			return NULL;
		if (!slash || slash == path)
			return realpath(slash ? "/" : ".", NULL);
		*slash = '\0';
		real = realpath(path, NULL);
	}
	return real;
}

static bool may_be_made(const char *option, const char *real)
{
	return is_in_the_run(real) ||
	       (strcmp(option, CACHE_OPTION) == 0 && is_within(real, getenv(HOME_CACHE_VARIABLE)));
}

static int check_output(const char *name, const char *path, struct error *error)
{
	char *copy = memory_strdup(path), *real = copy ? real_beginning(copy) : NULL;
	bool fine = real && may_be_made(name, real);
	int rc = copy ? 0 : error_no_memory(error);
	free(real);
	memory_free(copy);
	if (rc == 0 && !fine)
		rc = error_set(error, -EPERM,
		        "--%s: a study's training writes into its run's folder%s, which %s is not in: name one below "
		        "${run_dir}",
		        name, strcmp(name, CACHE_OPTION) == 0 ? " or the worker's KRE_CACHE" : "", path);
	return rc;
}

/* One that is not there is the reader's to tell. */
static int check_input(const char *name, const char *path, struct error *error)
{
	char *real = realpath(path, NULL);
	bool fine = !real || is_of_the_study(real) || is_in_the_run(real);
	free(real);
	if (fine)
		return 0;
	return error_set(error, -EPERM,
	        "--%s: a study's training reads the study's files, and %s is none of them: name it in `files:`", name,
	        path);
}

/* These are no paths, even where a file is called so. */
static bool is_word(const char *option, const char *value)
{
	return strcmp(value, "none") == 0 || (strcmp(option, "label_names") == 0 && strcmp(value, "datasets") == 0);
}

int places_check(const char *name, const char *path, struct error *error)
{
	if (!path || !places_are_confined() || is_word(name, path))
		return 0;
	return writes(name) ? check_output(name, path, error) : check_input(name, path, error);
}

int places_check_group(const struct option_group *group, struct error *error)
{
	int rc = 0;
	for (size_t i = 0; i < group->count && rc == 0; i++) {
		const struct option *option = &group->options[i];
		const char *path = NULL;
		if (option->kind != OPTION_TEXT)
			continue;
		memcpy(&path, (const char *)group->values + option->offset, sizeof path);
		rc = places_check(option->name, path, error);
	}
	return rc;
}
