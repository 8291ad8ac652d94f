#include "worker/agent/link.h"

#include <stdio.h>
#include <unistd.h>

#include "schema/base/log.h"
#include "schema/space/json.h"

#define FIRST_PAUSE_MS 100.0
#define LONGEST_PAUSE_MS 15000.0

static int connect_again(struct link *link, struct error *error);

uint64_t link_pause_ms(int failure_count, struct rng *rng)
{
	double pause = FIRST_PAUSE_MS;
	for (int i = 0; i < failure_count && pause < LONGEST_PAUSE_MS; i++)
		pause *= 2;
	if (pause > LONGEST_PAUSE_MS)
		pause = LONGEST_PAUSE_MS;
	return (uint64_t)(pause * (0.5 + rng_uniform(rng)));
}

void link_init(struct link *link, uv_loop_t *loop, const char *address, const char *name)
{
	*link = (struct link){.loop = loop, .address = address, .name = name};
	uv_timer_init(loop, &link->retry_timer);
	link->retry_timer.data = link;
	rng_init(&link->rng, uv_hrtime(), (uint64_t)getpid());
}

static void on_retry(uv_timer_t *timer)
{
	struct link *link = timer->data;
	struct error error = {0};
	if (connect_again(link, &error) < 0)
		log_error("%s", error.text);
}

static void schedule(struct link *link, const char *reason)
{
	uint64_t pause_ms = link_pause_ms(link->failure_count++, &link->rng);
	/* One line when it breaks, then one for each doubling beyond patience. */
	if (link->failure_count == 1 || link->failure_count > 5)
		log_warning("no daemon at the other end (%s); trying again in %.1f s", reason, (double)pause_ms / 1000);
	uv_timer_start(&link->retry_timer, on_retry, pause_ms, 0);
}

static void on_ready(void *context, const cJSON *hello)
{
	struct link *link = context;
	snprintf(link->session, sizeof link->session, "%s", json_string(hello, "session", ""));
	link->ready = true;
	link->failure_count = 0;
	log_info("connected as '%s'", link->name);
	link->events.up(link->events.context, json_double(hello, "lease_s", 30));
}

static void on_closed(void *context, const char *reason)
{
	struct link *link = context;
	bool was_ready = link->ready;
	client_destroy(link->client);
	link->client = NULL;
	link->ready = false;
	if (link->closing)
		return;
	if (was_ready)
		link->events.down(link->events.context);
	schedule(link, reason);
}

static int connect_again(struct link *link, struct error *error)
{
	struct client_options options = {.address = link->address,
	        .role = ROLE_WORKER,
	        .name = link->name,
	        .session = *link->session ? link->session : NULL};
	struct client_events events = {.ready = on_ready, .closed = on_closed, .context = link};
	int rc = client_create(&link->client, link->loop, &options, &events, error);
	if (rc < 0 && *link->session)
		schedule(link, error->text);
	return rc;
}

int link_open(struct link *link, const struct link_events *events, struct error *error)
{
	link->events = *events;
	return connect_again(link, error);
}

void link_close(struct link *link)
{
	if (link->closing)
		return;
	link->closing = true;
	link->ready = false;
	client_destroy(link->client);
	link->client = NULL;
	uv_close((uv_handle_t *)&link->retry_timer, NULL);
}
