/* kre-searchd: keeps studies, hands out runs. */
#include <stdio.h>

#include "daemon/config.h"
#include "daemon/server.h"
#include "daemon/storage/store.h"
#include "schema/base/file.h"
#include "schema/base/memory.h"
#include "schema/blas/kernel.h"

static int print_help(void)
{
	struct text help = TEXT_NULL;
	config_append_help(&help);
	fputs(text_string(&help), stdout);
	text_finish(&help);
	return 0;
}

int main(int argc, char **argv)
{
	blas_kernel_choose(argv);
	log_find_place();
	file_allow_owner();
	memory_keep_freed();
	store_configure();
	struct config config;
	struct error error = {""};
	if (config_read(&config, argc, argv, &error) < 0) {
		fprintf(stderr, "kre-searchd: %s\n", error.text);
		return 2;
	}
	if (config.help)
		return print_help();
	if (config.version)
		return puts("kre-searchd " KRE_VERSION) < 0;
	log_set_level((enum log_level)config.log_level);
	if (*blas_kernel_replaced())
		log_info("OpenBLAS works with its kernel %s; for a processor it does not know it took %s",
		        blas_kernel_name(), blas_kernel_replaced());
	int rc = server_run(&config, &error);
	if (rc != 0) {
		fprintf(stderr, "kre-searchd: %s\n", error.text);
		log_debug("that began at %s", error_place(&error));
	}
	return rc == 0 ? 0 : 1;
}
