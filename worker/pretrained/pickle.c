#include "worker/pretrained/pickle.h"

#include <assert.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "worker/pretrained/pickle_call.h"

enum { PROTOCOL = 2, GLOBAL_SHOWN = 80 };

struct machine {
	struct pickle *pickle;
	struct pickle_value *stack, *memo; /* owned */
	size_t stack_count, stack_capacity, memo_count, memo_capacity;
	const char *complaint; /* what is wrong, as half a sentence */
	bool stopped;
};

static int refuse(struct machine *machine, const char *complaint)
{
	machine->complaint = complaint;
	return -EINVAL;
}

static int push(struct machine *machine, struct pickle_value value)
{
	if (array_reserve(machine->stack, &machine->stack_capacity, machine->stack_count + 1) < 0)
		return -ENOMEM;
	machine->stack[machine->stack_count++] = value;
	return 0;
}

/* The `count` values on top, taken off: they stay where they are until the next push. NULL when
 * there are fewer above the last mark. */
static struct pickle_value *pop(struct machine *machine, size_t count)
{
	if (machine->stack_count < count) {
		refuse(machine, "the stack is empty");
		return NULL;
	}
	struct pickle_value *values = machine->stack + machine->stack_count - count;
	for (size_t i = 0; i < count; i++)
		if (values[i].kind == PICKLE_MARK) {
			refuse(machine, "a mark is in the way");
			return NULL;
		}
	machine->stack_count -= count;
	return values;
}

/* Likewise all above the last mark, and the mark. */
static struct pickle_value *pop_marked(size_t *count, struct machine *machine)
{
	size_t at = machine->stack_count;
	while (at > 0 && machine->stack[at - 1].kind != PICKLE_MARK)
		at--;
	if (at == 0) {
		refuse(machine, "there is no mark");
		return NULL;
	}
	*count = machine->stack_count - at;
	machine->stack_count = at - 1;
	return machine->stack + at;
}

/* The value on top, which stays; it must be of this kind. */
static const struct pickle_value *top(struct machine *machine, enum pickle_kind kind)
{
	if (machine->stack_count > 0 && machine->stack[machine->stack_count - 1].kind == kind)
		return &machine->stack[machine->stack_count - 1];
	refuse(machine, "it is done to something else than a dict or a list");
	return NULL;
}

/* The bytes that follow, up to the pickle's end; `at` moves behind them. NULL when they are cut
 * off. */
static const unsigned char *take(struct machine *machine, size_t length)
{
	struct pickle *pickle = machine->pickle;
	if (pickle->end - pickle->at < length) {
		refuse(machine, "the pickle ends here");
		return NULL;
	}
	pickle->at += length;
	return pickle->file->bytes + pickle->at - length;
}

static int do_protocol(struct machine *machine, uint32_t version)
{
	return version == PROTOCOL ? 0 : refuse(machine, "only protocol 2 is read");
}

static int do_mark(struct machine *machine, uint32_t operand)
{
	(void)operand;
	return push(machine, (struct pickle_value){.kind = PICKLE_MARK});
}

static int do_none(struct machine *machine, uint32_t operand)
{
	(void)operand;
	return push(machine, (struct pickle_value){.kind = PICKLE_NONE});
}

static int do_true(struct machine *machine, uint32_t operand)
{
	(void)operand;
	return push(machine, (struct pickle_value){.kind = PICKLE_BOOL, .number = 1});
}

static int do_false(struct machine *machine, uint32_t operand)
{
	(void)operand;
	return push(machine, (struct pickle_value){.kind = PICKLE_BOOL});
}

static int do_unsigned(struct machine *machine, uint32_t operand)
{
	return push(machine, (struct pickle_value){.kind = PICKLE_INT, .number = operand});
}

static int do_signed(struct machine *machine, uint32_t operand)
{
	const int64_t number = operand < 0x80000000u ? operand : operand - INT64_C(0x100000000);
	return push(machine, (struct pickle_value){.kind = PICKLE_INT, .number = number});
}

static int do_text(struct machine *machine, uint32_t length)
{
	const unsigned char *bytes = take(machine, length);
	const struct pickle_value text = {.kind = PICKLE_TEXT, .length = length, .bytes = bytes};
	return bytes ? push(machine, text) : -EINVAL;
}

/* Two's complement, little-endian. */
static int do_long(struct machine *machine, uint32_t length)
{
	const unsigned char *bytes = take(machine, length);
	uint64_t number = length > 0 && bytes && bytes[length - 1] & 0x80 ? UINT64_MAX : 0;
	for (size_t i = length; bytes && length <= 8 && i-- > 0;)
		number = number << 8 | bytes[i];
	struct pickle_value value = {.kind = PICKLE_INT};
	memcpy(&value.number, &number, sizeof number);
	if (length > 8)
		value = (struct pickle_value){.kind = PICKLE_LONG, .length = length, .bytes = bytes};
	return bytes ? push(machine, value) : -EINVAL;
}

static int make_box(struct machine *machine, enum pickle_kind kind)
{
	struct pickle_value box;
	int rc = pickle_box_make(&box, &machine->pickle->heap, kind);
	return rc < 0 ? rc : push(machine, box);
}

static int do_empty_dict(struct machine *machine, uint32_t operand)
{
	(void)operand;
	return make_box(machine, PICKLE_DICT);
}

static int do_empty_list(struct machine *machine, uint32_t operand)
{
	(void)operand;
	return make_box(machine, PICKLE_LIST);
}

static int push_tuple(struct machine *machine, const struct pickle_value *values, size_t count)
{
	struct pickle_value tuple;
	int rc = pickle_box_make(&tuple, &machine->pickle->heap, PICKLE_TUPLE);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = pickle_box_add(&machine->pickle->heap, &tuple, NULL, &values[i]);
	return rc < 0 ? rc : push(machine, tuple);
}

static int do_tuple(struct machine *machine, uint32_t operand)
{
	size_t count = 0;
	(void)operand;
	const struct pickle_value *values = pop_marked(&count, machine);
	return values ? push_tuple(machine, values, count) : -EINVAL;
}

static int tuple_of(struct machine *machine, size_t count)
{
	const struct pickle_value *values = pop(machine, count);
	return values ? push_tuple(machine, values, count) : -EINVAL;
}

static int do_empty_tuple(struct machine *machine, uint32_t operand)
{
	(void)operand;
	return push_tuple(machine, NULL, 0);
}

static int do_tuple_1(struct machine *machine, uint32_t operand)
{
	(void)operand;
	return tuple_of(machine, 1);
}

static int do_tuple_2(struct machine *machine, uint32_t operand)
{
	(void)operand;
	return tuple_of(machine, 2);
}

static int do_tuple_3(struct machine *machine, uint32_t operand)
{
	(void)operand;
	return tuple_of(machine, 3);
}

/* Keys and values by turns into the dict on top. */
static int set_items(struct machine *machine, const struct pickle_value *values, size_t count)
{
	const struct pickle_value *dict = values ? top(machine, PICKLE_DICT) : NULL;
	int rc = dict ? 0 : -EINVAL;
	if (dict && count % 2)
		rc = refuse(machine, "a key has no value");
	for (size_t i = 0; rc == 0 && i + 1 < count; i += 2)
		rc = pickle_box_add(&machine->pickle->heap, dict, &values[i], &values[i + 1]);
	return rc;
}

static int do_set_item(struct machine *machine, uint32_t operand)
{
	(void)operand;
	return set_items(machine, pop(machine, 2), 2);
}

static int do_set_items(struct machine *machine, uint32_t operand)
{
	size_t count = 0;
	(void)operand;
	const struct pickle_value *values = pop_marked(&count, machine);
	return set_items(machine, values, count);
}

static int append(struct machine *machine, const struct pickle_value *values, size_t count)
{
	const struct pickle_value *list = values ? top(machine, PICKLE_LIST) : NULL;
	int rc = list ? 0 : -EINVAL;
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = pickle_box_add(&machine->pickle->heap, list, NULL, &values[i]);
	return rc;
}

static int do_append(struct machine *machine, uint32_t operand)
{
	(void)operand;
	return append(machine, pop(machine, 1), 1);
}

static int do_appends(struct machine *machine, uint32_t operand)
{
	size_t count = 0;
	(void)operand;
	const struct pickle_value *values = pop_marked(&count, machine);
	return append(machine, values, count);
}

static int do_put(struct machine *machine, uint32_t place)
{
	const struct pickle_value *value = pop(machine, 1);
	if (!value)
		return -EINVAL;
	machine->stack_count++;
	if (place > machine->memo_count)
		return refuse(machine, "the memo is filled out of order");
	if (array_reserve(machine->memo, &machine->memo_capacity, place + (size_t)1) < 0)
		return -ENOMEM;
	machine->memo[place] = *value;
	machine->memo_count += place == machine->memo_count;
	return 0;
}

static int do_get(struct machine *machine, uint32_t place)
{
	if (place >= machine->memo_count)
		return refuse(machine, "the memo has no such place");
	return push(machine, machine->memo[place]);
}

static int do_persistent(struct machine *machine, uint32_t operand)
{
	(void)operand;
	const struct pickle_value *id = pop(machine, 1);
	struct pickle_value storage;
	int rc = id ? pickle_persistent(&storage, &machine->pickle->heap, id, &machine->complaint) : -EINVAL;
	return rc < 0 ? rc : push(machine, storage);
}

static int do_call(struct machine *machine, uint32_t operand)
{
	(void)operand;
	const struct pickle_value *call = pop(machine, 2);
	struct pickle_value result;
	int rc = call ? pickle_call(&result, &machine->pickle->heap, call, &machine->complaint) : -EINVAL;
	return rc < 0 ? rc : push(machine, result);
}

/* Attributes of an OrderedDict: the versions of the modules, which say nothing to us. */
static int do_build(struct machine *machine, uint32_t operand)
{
	(void)operand;
	const struct pickle_value *state = pop(machine, 1);
	return state && top(machine, PICKLE_DICT) ? 0 : -EINVAL;
}

static int do_stop(struct machine *machine, uint32_t operand)
{
	(void)operand;
	machine->stopped = true;
	if (machine->stack_count == 1 && machine->stack[0].kind != PICKLE_MARK)
		return 0;
	return refuse(machine, "it does not leave one value");
}

/* Two lines. The table of what may be named is short, so that no name needs to be copied. */
static int do_global(struct machine *machine, uint32_t operand)
{
	struct pickle *pickle = machine->pickle;
	const char *names = (const char *)pickle->file->bytes + pickle->at;
	size_t length = 0, lines = 0;
	(void)operand;
	while (lines < 2 && length < pickle->end - pickle->at)
		lines += names[length++] == '\n';
	struct pickle_value value;
	if (lines < 2)
		return refuse(machine, "the pickle ends here");
	if (pickle_global(&value, names, length) < 0)
		return refuse(machine, "");
	pickle->at += length;
	return push(machine, value);
}

/* By the opcode's byte; `bytes` of operand follow it. */
static const struct operation {
	int (*run)(struct machine *machine, uint32_t operand);
	unsigned char bytes;
} operations[256] = {
        ['('] = {do_mark, 0},
        [')'] = {do_empty_tuple, 0},
        ['.'] = {do_stop, 0},
        ['J'] = {do_signed, 4},
        ['K'] = {do_unsigned, 1},
        ['M'] = {do_unsigned, 2},
        ['N'] = {do_none, 0},
        ['Q'] = {do_persistent, 0},
        ['R'] = {do_call, 0},
        ['X'] = {do_text, 4},
        [']'] = {do_empty_list, 0},
        ['a'] = {do_append, 0},
        ['b'] = {do_build, 0},
        ['c'] = {do_global, 0},
        ['e'] = {do_appends, 0},
        ['h'] = {do_get, 1},
        ['j'] = {do_get, 4},
        ['q'] = {do_put, 1},
        ['r'] = {do_put, 4},
        ['s'] = {do_set_item, 0},
        ['t'] = {do_tuple, 0},
        ['u'] = {do_set_items, 0},
        ['}'] = {do_empty_dict, 0},
        [0x80] = {do_protocol, 1},
        [0x85] = {do_tuple_1, 0},
        [0x86] = {do_tuple_2, 0},
        [0x87] = {do_tuple_3, 0},
        [0x88] = {do_true, 0},
        [0x89] = {do_false, 0},
        [0x8a] = {do_long, 1},
};

static int step(struct machine *machine)
{
	const unsigned char *opcode = take(machine, 1);
	if (!opcode)
		return -EINVAL;
	const struct operation *operation = &operations[*opcode];
	if (!operation->run)
		return refuse(machine, "files of tensors have no such opcode");
	const unsigned char *bytes = take(machine, operation->bytes);
	uint32_t operand = 0;
	for (size_t i = operation->bytes; bytes && i-- > 0;)
		operand = operand << 8 | bytes[i];
	return bytes ? operation->run(machine, operand) : -EINVAL;
}

/* The names behind the opcode at `at`, for a sentence: "os.system". */
static int complain_of_global(const struct pickle *pickle, size_t at, struct error *error)
{
	char names[GLOBAL_SHOWN + 1];
	size_t count = 0;
	for (size_t i = at + 1, lines = 0; i < pickle->end && count < GLOBAL_SHOWN; i++) {
		const unsigned char byte = pickle->file->bytes[i];
		lines += byte == '\n';
		if (lines == 2)
			break;
		const bool shown = byte > 0x20 && byte < 0x7f;
		names[count++] = (char)(byte == '\n' ? '.' : shown ? byte : '?');
	}
	names[count] = '\0';
	return error_set(error, -EINVAL,
	        "%s: offset %zu: it names %s, which is not of a file of tensors: nothing of it was run",
	        pickle->file->path, at, names);
}

static int complain(const struct machine *machine, size_t at, struct error *error)
{
	const struct pickle *pickle = machine->pickle;
	assert(machine->complaint);
	if (*machine->complaint == '\0')
		return complain_of_global(pickle, at, error);
	return error_set(error, -EINVAL, "%s: offset %zu: opcode 0x%02x: %s", pickle->file->path, at,
	        at < pickle->end ? pickle->file->bytes[at] : 0, machine->complaint);
}

int pickle_read(struct pickle_value *out, struct pickle *pickle, struct error *error)
{
	struct machine machine = {.pickle = pickle};
	const size_t end = pickle->end;
	int rc = 0;
	assert(pickle->at <= end && end <= pickle->file->length);
	if (end - pickle->at > PICKLE_BYTES_MAX)
		pickle->end = pickle->at + PICKLE_BYTES_MAX;
	while (rc == 0 && !machine.stopped) {
		const size_t at = pickle->at;
		rc = step(&machine);
		if (rc == -EINVAL)
			complain(&machine, at, error);
	}
	if (rc == -ENOMEM)
		error_no_memory(error);
	if (rc == 0)
		*out = machine.stack[0];
	pickle->end = end;
	memory_free(machine.stack);
	memory_free(machine.memo);
	return rc;
}

void pickle_finish(struct pickle *pickle)
{
	pickle_heap_finish(&pickle->heap);
	*pickle = (struct pickle){0};
}
