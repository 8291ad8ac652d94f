/* Runs a fuzz target over the files named on the command line, so that ordinary builds replay its
 * corpus. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_BYTES 1048576

int main(int argc, char **argv)
{
	uint8_t *bytes = malloc(INPUT_BYTES);
	for (int i = 1; bytes && i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		if (!file) {
			perror(argv[i]);
			free(bytes);
			return 1;
		}
		size_t length = fread(bytes, 1, INPUT_BYTES, file);
		fclose(file);
		LLVMFuzzerTestOneInput(bytes, length);
	}
	int code = bytes && argc > 1 ? 0 : 1;
	free(bytes);
	return code;
}
