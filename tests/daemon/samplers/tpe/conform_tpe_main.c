/* conform_tpe FILE: compares TPE's parts with a golden file. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/daemon/samplers/tpe/conform_tpe.h"

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: conform_tpe FILE\n");
		return EXIT_FAILURE;
	}
	cJSON *root = golden_read(argv[1]);
	if (!root)
		return EXIT_FAILURE;
	struct tally tally = {0};
	conform_tpe(&tally, root);
	cJSON_Delete(root);
	return tally_report(&tally);
}
