#include "daemon/samplers/history_loan.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "schema/base/memory.h"

void loan_finish(struct loan *loan)
{
	memory_free(loan->changes);
	memory_free(loan->numbers);
	*loan = (struct loan){0};
}

static int reserve_change(struct loan *loan)
{
	if (loan->count < loan->capacity)
		return 0;
	size_t capacity = loan->capacity ? 2 * loan->capacity : 64;
	struct change *grown = memory_resize(loan->changes, capacity, sizeof *grown);
	if (!grown)
		return -ENOMEM;
	loan->changes = grown;
	loan->capacity = capacity;
	return 0;
}

static int reserve_numbers(struct loan *loan, size_t count)
{
	if (loan->number_count + count <= loan->number_capacity)
		return 0;
	size_t capacity = 2 * (loan->number_count + count);
	double *grown = memory_resize(loan->numbers, capacity, sizeof *grown);
	if (!grown)
		return -ENOMEM;
	loan->numbers = grown;
	loan->number_capacity = capacity;
	return 0;
}

void loan_note(struct loan *loan, const struct change *change)
{
	if (reserve_change(loan) != 0 || reserve_numbers(loan, change->number_count) != 0) {
		loan->lost = true;
		return;
	}
	assert(loan->open && loan->count < loan->capacity);
	struct change *noted = &loan->changes[loan->count++];
	*noted = *change;
	noted->number_place = loan->number_count;
	if (change->number_count > 0)
		memcpy(loan->numbers + loan->number_count, change->numbers, change->number_count * sizeof(double));
	loan->number_count += change->number_count;
}

int loan_replay(const struct loan *loan, int (*apply)(struct history *, const struct change *), struct history *history)
{
	int rc = loan->lost ? -ENOMEM : 0;
	for (size_t i = 0; !rc && i < loan->count; i++) {
		struct change change = loan->changes[i];
		assert(change.number_place + change.number_count <= loan->number_count);
		change.numbers = loan->numbers + change.number_place;
		rc = apply(history, &change);
	}
	return rc;
}
