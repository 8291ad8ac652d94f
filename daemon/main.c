/* kre-searchd: keeps studies, hands out runs. */
#include <stdio.h>

#include "daemon/config.h"
#include "daemon/server.h"

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
	log_set_level(config.log_level);
	int rc = server_run(&config, &error);
	if (rc != 0)
		fprintf(stderr, "kre-searchd: %s\n", error.text);
	return rc == 0 ? 0 : 1;
}
