#include "schema/base/clock.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#include "schema/base/digits.h"

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

int64_t clock_measure_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
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

struct civil_date {
	int64_t year;
	unsigned month, day, second; /* of the day */
	unsigned us;                 /* of the second */
};

static struct civil_date split(struct walltime time)
{
	int64_t second_us = time.us % 1000000, seconds = time.us / 1000000;
	seconds -= second_us < 0;
	int64_t day_s = seconds % 86400, days = seconds / 86400 + 719468; /* since 0000-03-01 */
	days -= day_s < 0;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097, day_of_era = days - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	unsigned day_of_year = (unsigned)(day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100));
	unsigned month = (5 * day_of_year + 2) / 153; /* 0 = March */
	return (struct civil_date){
	        .year = year_of_era + era * 400 + (month >= 10),
	        .month = month < 10 ? month + 3 : month - 9,
	        .day = day_of_year - (153 * month + 2) / 5 + 1,
	        .second = (unsigned)(day_s < 0 ? day_s + 86400 : day_s),
	        .us = (unsigned)(second_us < 0 ? second_us + 1000000 : second_us),
	};
}

/* A mark, and digits behind it. */
static char *write_part(char *out, char mark, uint64_t number, int digits)
{
	*out = mark;
	return digits_write(out + 1, number, digits);
}

/* Up to the seconds; years that have no four digits are cut off. */
static char *write_date(char *out, const struct civil_date *date, char between)
{
	out = digits_write(out, (uint64_t)date->year, 4);
	out = write_part(out, '-', date->month, 2);
	out = write_part(out, '-', date->day, 2);
	out = write_part(out, between, date->second / 3600, 2);
	out = write_part(out, ':', date->second / 60 % 60, 2);
	return write_part(out, ':', date->second % 60, 2);
}

void walltime_sql(struct walltime time, char out[WALLTIME_TEXT_BYTES])
{
	struct civil_date date = split(time);
	*write_part(write_date(out, &date, ' '), '.', date.us, 6) = '\0';
}

void walltime_iso(struct walltime time, char out[WALLTIME_TEXT_BYTES])
{
	struct civil_date date = split(time);
	strcpy(write_part(write_date(out, &date, 'T'), '.', date.us / 1000, 3), "Z");
}

/* `count` digits, and then one of `marks` unless there are none. */
static bool read_part(int *out, const char **at, int count, const char *marks)
{
	int number = 0;
	for (int i = 0; i < count; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		number = number * 10 + (**at - '0');
	}
	*out = number;
	if (!*marks)
		return true;
	return **at != '\0' && strchr(marks, *(*at)++);
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
	int year, month, day, hour, minute, second;
	const char *at = text;
	if (!read_part(&year, &at, 4, "-") || !read_part(&month, &at, 2, "-") || !read_part(&day, &at, 2, " T") ||
	        !read_part(&hour, &at, 2, ":") || !read_part(&minute, &at, 2, ":") || !read_part(&second, &at, 2, ""))
		return false;
	int us = fraction_us(&at);
	at += *at == 'Z';
	bool in_range = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 61;
	if (*at != '\0' || !in_range)
		return false;
	int64_t seconds =
	        days_from_civil(year, month, day) * 86400 + hour * INT64_C(3600) + minute * INT64_C(60) + second;
	out->us = seconds * 1000000 + us;
	return true;
}
