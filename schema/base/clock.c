#include "schema/base/clock.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static struct monotime system_monotonic(struct clock *clock)
{
	(void)clock;
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (struct monotime){(int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000};
}

static struct walltime system_wall(struct clock *clock)
{
	(void)clock;
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (struct walltime){(int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000};
}

struct clock *clock_system(void)
{
	static struct clock machine = {system_monotonic, system_wall};
	return &machine;
}

static struct monotime fake_monotonic(struct clock *clock)
{
	return ((struct fake_clock *)clock)->monotonic;
}

static struct walltime fake_wall(struct clock *clock)
{
	return ((struct fake_clock *)clock)->wall;
}

void fake_clock_init(struct fake_clock *fake)
{
	fake->clock = (struct clock){fake_monotonic, fake_wall};
	fake->monotonic = (struct monotime){1000};
	fake->wall = (struct walltime){INT64_C(1767225600) * 1000000};
}

void fake_clock_advance(struct fake_clock *fake, int64_t ms)
{
	assert(ms >= 0);
	fake->monotonic.ms += ms;
	fake->wall.us += ms * 1000;
}

/* Days since 1970-01-01 ⇄ civil date, proleptic Gregorian (Hinnant 2013, "chrono-Compatible
 * Low-Level Date Algorithms"). */
static int64_t days_from_civil(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void split(struct walltime time, struct tm *date, int *us)
{
	int64_t seconds = time.us / 1000000;
	*us = (int)(time.us % 1000000);
	if (*us < 0) {
		*us += 1000000;
		seconds--;
	}
	time_t t = (time_t)seconds;
	gmtime_r(&t, date);
}

void walltime_sql(struct walltime time, char out[WALLTIME_TEXT_BYTES])
{
	struct tm date;
	int us;
	split(time, &date, &us);
	size_t length = strftime(out, WALLTIME_TEXT_BYTES, "%Y-%m-%d %H:%M:%S", &date);
	snprintf(out + length, WALLTIME_TEXT_BYTES - length, ".%06d", us);
}

void walltime_iso(struct walltime time, char out[WALLTIME_TEXT_BYTES])
{
	struct tm date;
	int us;
	split(time, &date, &us);
	size_t length = strftime(out, WALLTIME_TEXT_BYTES, "%Y-%m-%dT%H:%M:%S", &date);
	snprintf(out + length, WALLTIME_TEXT_BYTES - length, ".%03dZ", us / 1000);
}

static int fraction_us(const char **at)
{
	int us = 0;
	if (**at != '.')
		return 0;
	(*at)++;
	for (int digit = 0; digit < 6; digit++) {
		bool more = **at >= '0' && **at <= '9';
		us = us * 10 + (more ? **at - '0' : 0);
		*at += more;
	}
	return us;
}

bool walltime_parse(struct walltime *out, const char *text)
{
	int year, month, day, hour, minute, second, length = 0;
	if (sscanf(text, "%4d-%2d-%2d%*1[ T]%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second, &length) != 6)
		return false;
	const char *at = text + length;
	int us = fraction_us(&at);
	at += *at == 'Z';
	bool in_range = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 61;
	if (length == 0 || *at != '\0' || !in_range)
		return false;
	int64_t seconds =
	        days_from_civil(year, month, day) * 86400 + hour * INT64_C(3600) + minute * INT64_C(60) + second;
	out->us = seconds * 1000000 + us;
	return true;
}
