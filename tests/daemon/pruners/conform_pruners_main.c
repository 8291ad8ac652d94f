/* conform_pruners FILE: plays a golden file's learning curves to the pruners. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/daemon/pruners/conform_pruners.h"

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: conform_pruners FILE\n");
		return EXIT_FAILURE;
	}
	cJSON *root = golden_read(argv[1]);
	if (!root)
		return EXIT_FAILURE;
	struct tally tally = {0};
	conform_pruners(&tally, root);
	cJSON_Delete(root);
	return tally_report(&tally);
}
