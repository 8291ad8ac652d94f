#include "schema/study/report_pattern.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 1 /* there is one group */

struct pattern_scan {
	const char *at;
	long cost, atom_cost; /* of everything; of what a repetition would repeat */
	long cost_before[DEPTH_MAX + 1];
	int depth, group_count;
	struct error *error;
};

#define wrong(scan, ...) error_set((scan)->error, -EINVAL, __VA_ARGS__)

static int no_class(const struct pattern_scan *scan, char letter)
{
	static const struct {
		char letter;
		const char *instead;
	} known[] = {{'d', "[0-9]"}, {'D', "[^0-9]"}, {'t', "[[:blank:]]"}, {'n', "nothing: a line has no end"}};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].letter == letter)
			return wrong(
			        scan, "\\%c is not known to POSIX expressions: write %s", letter, known[i].instead);
	return wrong(scan, "\\%c is not known to POSIX expressions", letter);
}

/* Behind a backslash. */
static int take_escape(struct pattern_scan *scan)
{
	char letter = *scan->at;
	if (letter == '\0')
		return wrong(scan, "nothing follows the last backslash");
	if (isdigit((unsigned char)letter))
		return wrong(scan, "the back reference \\%c is not allowed", letter);
	if (isalpha((unsigned char)letter) && !strchr("wWsSbB", letter))
		return no_class(scan, letter);
	scan->at++;
	scan->atom_cost = 1;
	return 0;
}

/* From behind the '[': a ']' at the start is one of the set, a backslash is a backslash. */
static int take_set(struct pattern_scan *scan)
{
	const char *start = scan->at;
	scan->at += *scan->at == '^';
	scan->at += *scan->at == ']';
	while (*scan->at && *scan->at != ']') {
		if (*scan->at == '\\' && (isalpha((unsigned char)scan->at[1]) || scan->at[1] == ']'))
			return wrong(scan,
			        "a backslash in [] stands for itself: write [0-9] for digits, [[:blank:]] for spaces");
		if (*scan->at == '[' && strchr(":.=", scan->at[1]) && scan->at[1]) {
			const char end[] = {scan->at[1], ']', '\0'};
			const char *closing = strstr(scan->at + 2, end);
			if (!closing)
				return wrong(scan, "[%c has no %s", scan->at[1], end);
			scan->at = closing + 1;
		}
		scan->at++;
	}
	if (!*scan->at)
		return wrong(scan, "[%.20s has no ]", start);
	scan->at++;
	scan->atom_cost = 1;
	return 0;
}

static int open_group(struct pattern_scan *scan)
{
	if (*scan->at == '?')
		return wrong(scan, "(? … ) is not known to POSIX expressions, whose groups are plain");
	if (++scan->group_count > 1)
		return wrong(scan, "one group is expected, around the number; this expression has more");
	scan->cost_before[++scan->depth] = scan->cost;
	scan->atom_cost = 0;
	return 0;
}

static int close_group(struct pattern_scan *scan)
{
	if (scan->depth == 0)
		return wrong(scan, "a ) has no (");
	scan->atom_cost = scan->cost - scan->cost_before[scan->depth--];
	scan->cost -= scan->atom_cost;
	return 0;
}

/* The larger bound of {m}, {m,} or {m,n}, from behind the '{'. */
static int take_bounds(struct pattern_scan *scan, long *times)
{
	char *end;
	if (!isdigit((unsigned char)*scan->at))
		return wrong(scan, "a number is expected behind {; a brace of the output is written \\{");
	*times = strtol(scan->at, &end, 10);
	if (*end == ',' && isdigit((unsigned char)end[1])) {
		long most = strtol(end + 1, &end, 10);
		*times = most > *times ? most : *times;
	} else if (*end == ',') {
		end++;
	}
	if (*end != '}')
		return wrong(scan, "{ has no }");
	scan->at = end + 1;
	return 0;
}

/* What may follow an atom: one repetition, and no ? or + that makes it lazy or possessive. */
static int take_repetition(struct pattern_scan *scan)
{
	long times = 1;
	int rc = 0;
	if (*scan->at == '{') {
		scan->at++;
		rc = take_bounds(scan, &times);
	} else if (*scan->at && strchr("*+?", *scan->at)) {
		scan->at++;
	} else {
		scan->cost += scan->atom_cost;
		return 0;
	}
	if (rc == 0 && *scan->at && strchr("*+?{", *scan->at))
		return wrong(scan, "a repetition is repeated (%.2s): POSIX expressions are never lazy", scan->at - 1);
	scan->cost +=
	        times < REPORT_PATTERN_MAX_COST ? scan->atom_cost * (times ? times : 1) : REPORT_PATTERN_MAX_COST + 1;
	return rc;
}

/* One atom with its repetition, or a sign that is none. */
static int take_piece(struct pattern_scan *scan)
{
	char c = *scan->at++;
	if (c == '(')
		return open_group(scan);
	if (c == '|' || c == '^' || c == '$')
		return 0;
	if (strchr("*+?{", c))
		return wrong(scan, "%c has nothing to repeat", c);
	scan->atom_cost = 1;
	int rc = c == '\\' ? take_escape(scan) : c == '[' ? take_set(scan) : c == ')' ? close_group(scan) : 0;
	return rc == 0 ? take_repetition(scan) : rc;
}

int report_pattern_check(const char *pattern, struct error *error)
{
	struct pattern_scan scan = {.at = pattern, .error = error};
	int rc = 0;
	if (strlen(pattern) > REPORT_PATTERN_MAX_BYTES)
		return wrong(&scan, "an expression has at most %d bytes", REPORT_PATTERN_MAX_BYTES);
	while (*scan.at && rc == 0) {
		rc = take_piece(&scan);
		if (rc == 0 && scan.cost > REPORT_PATTERN_MAX_COST)
			rc = wrong(&scan, "the repetitions are too many: at most %d characters in all",
			        REPORT_PATTERN_MAX_COST);
	}
	if (rc == 0 && scan.depth > 0)
		rc = wrong(&scan, "a ( has no )");
	if (rc == 0 && scan.group_count == 0)
		rc = wrong(&scan, "the expression needs a group for the number: f1 = ([0-9.e+-]+)");
	return rc;
}

int report_pattern_compile(regex_t *out, const char *pattern, struct error *error)
{
	char problem[160];
	int rc = regcomp(out, pattern, REG_EXTENDED | REG_NEWLINE);
	if (rc == 0)
		return 0;
	regerror(rc, out, problem, sizeof problem);
	return error_set(error, -EINVAL, "'%s' is no regular expression: %s", pattern, problem);
}
