#include "daemon/samplers/history_loan.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"

void loan_finish(struct loan *loan)
{
	memory_free(loan->changes);
	memory_free(loan->numbers);
	*loan = (struct loan){0};
}

void loan_note(struct loan *loan, const struct change *change)
{
	if (array_reserve(loan->changes, &loan->capacity, loan->count + 1) < 0 ||
	        array_reserve(loan->numbers, &loan->number_capacity, loan->number_count + change->number_count) < 0) {
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
