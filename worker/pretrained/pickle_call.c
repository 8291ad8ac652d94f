#include "worker/pretrained/pickle_call.h"

#include <errno.h>
#include <string.h>

/* More than any of the calls takes. */
enum { ARGUMENTS_MAX = 8 };

typedef int caller(struct pickle_value *, struct pickle_heap *, const struct pickle_value *, const char **);

static caller make_dict, make_tensor, make_parameter;

/* In torch/_utils.py and torch/storage.py. */
static const struct {
	const char *names;
	caller *call; /* NULL: the type of a storage */
	enum weight_kind kind;
} globals[] = {
        {"collections\nOrderedDict\n", make_dict, 0},
        {"torch._utils\n_rebuild_tensor_v2\n", make_tensor, 0},
        {"torch._utils\n_rebuild_parameter\n", make_parameter, 0},
        {"torch\nFloatStorage\n", NULL, WEIGHT_F32},
        {"torch\nHalfStorage\n", NULL, WEIGHT_F16},
        {"torch\nBFloat16Storage\n", NULL, WEIGHT_BF16},
        {"torch\nDoubleStorage\n", NULL, WEIGHT_F64},
        {"torch\nLongStorage\n", NULL, WEIGHT_I64},
        {"torch\nIntStorage\n", NULL, WEIGHT_I32},
        {"torch\nShortStorage\n", NULL, WEIGHT_I16},
        {"torch\nCharStorage\n", NULL, WEIGHT_I8},
        {"torch\nByteStorage\n", NULL, WEIGHT_U8},
        {"torch\nBoolStorage\n", NULL, WEIGHT_BOOL},
};

static int refuse(const char **complaint, const char *sentence)
{
	*complaint = sentence;
	return -EINVAL;
}

int pickle_global(struct pickle_value *out, const char *names, size_t length)
{
	for (size_t i = 0; i < sizeof globals / sizeof *globals; i++)
		if (strlen(globals[i].names) == length && memcmp(globals[i].names, names, length) == 0) {
			*out = (struct pickle_value){.kind = PICKLE_GLOBAL, .number = (int64_t)i};
			return 0;
		}
	return -EINVAL;
}

static bool is_storage_type(const struct pickle_value *value)
{
	return value->kind == PICKLE_GLOBAL && !globals[value->number].call;
}

int pickle_call(
        struct pickle_value *out, struct pickle_heap *heap, const struct pickle_value call[2], const char **complaint)
{
	if (call[0].kind != PICKLE_GLOBAL || is_storage_type(&call[0]))
		return refuse(complaint, "what is called is no function");
	if (call[1].kind != PICKLE_TUPLE)
		return refuse(complaint, "a function is called without a tuple of arguments");
	return globals[call[0].number].call(out, heap, &call[1], complaint);
}

static int make_dict(struct pickle_value *out, struct pickle_heap *heap, const struct pickle_value *arguments,
        const char **complaint)
{
	if (pickle_box_first(heap, arguments))
		return refuse(complaint, "an OrderedDict is made of something");
	return pickle_box_make(out, heap, PICKLE_DICT);
}

static bool read_size(size_t *out, const struct pickle_value *value)
{
	if (value->kind != PICKLE_INT || value->number < 0)
		return false;
	*out = (size_t)value->number;
	return true;
}

/* A tuple of up to four sizes. */
static bool read_sizes(
        size_t *count, size_t out[WEIGHT_DIMS_MAX], const struct pickle_heap *heap, const struct pickle_value *tuple)
{
	struct pickle_value sizes[WEIGHT_DIMS_MAX];
	if (tuple->kind != PICKLE_TUPLE)
		return false;
	*count = pickle_box_values(sizes, WEIGHT_DIMS_MAX, heap, tuple);
	bool good = *count <= WEIGHT_DIMS_MAX;
	for (size_t i = 0; good && i < *count; i++)
		good = read_size(&out[i], &sizes[i]);
	return good;
}

/* (storage, offset, size, stride, requires_grad, backward_hooks) and in later versions metadata. */
static int make_tensor(struct pickle_value *out, struct pickle_heap *heap, const struct pickle_value *arguments,
        const char **complaint)
{
	struct pickle_value values[ARGUMENTS_MAX];
	struct pickle_tensor tensor = {0};
	size_t dims, span;
	const size_t count = pickle_box_values(values, ARGUMENTS_MAX, heap, arguments);
	if ((count != 6 && count != 7) || values[0].kind != PICKLE_STORAGE || !read_size(&tensor.offset, &values[1]))
		return refuse(complaint, "a tensor is made of other things than a storage and an offset");
	const struct pickle_storage *storage = &heap->storages[values[0].index];
	tensor.weight.kind = storage->kind;
	tensor.storage = values[0].index;
	if (!read_sizes(&tensor.weight.dims, tensor.weight.shape, heap, &values[2]) ||
	        !read_sizes(&dims, tensor.weight.strides, heap, &values[3]) || dims != tensor.weight.dims)
		return refuse(complaint, "a tensor's shape and strides are not up to four sizes each");
	if (!weight_span(&span, &tensor.weight))
		return refuse(complaint, "a tensor's strides let its numbers overlap, or its sizes overflow");
	if (tensor.offset > storage->count || span > storage->count - tensor.offset)
		return refuse(complaint, "a tensor lies outside its storage");
	return pickle_tensor_make(out, heap, &tensor);
}

/* (tensor, requires_grad, backward_hooks) */
static int make_parameter(struct pickle_value *out, struct pickle_heap *heap, const struct pickle_value *arguments,
        const char **complaint)
{
	struct pickle_value values[ARGUMENTS_MAX];
	if (pickle_box_values(values, ARGUMENTS_MAX, heap, arguments) != 3 || values[0].kind != PICKLE_TENSOR)
		return refuse(complaint, "a parameter is made of something else than a tensor");
	*out = values[0];
	return 0;
}

/* ("storage", type, key, where it was, how many numbers) and in the legacy form what it is a view
 * of, which is None. */
int pickle_persistent(
        struct pickle_value *out, struct pickle_heap *heap, const struct pickle_value *id, const char **complaint)
{
	struct pickle_value values[ARGUMENTS_MAX];
	size_t size;
	const size_t count = id->kind == PICKLE_TUPLE ? pickle_box_values(values, ARGUMENTS_MAX, heap, id) : 0;
	if ((count != 5 && count != 6) || !pickle_is_text(&values[0], "storage") || !is_storage_type(&values[1]) ||
	        values[2].kind != PICKLE_TEXT || !read_size(&size, &values[4]))
		return refuse(complaint, "a persistent id is not that of a storage");
	if (count == 6 && values[5].kind != PICKLE_NONE)
		return refuse(complaint, "a storage is a view of another one");
	const struct pickle_storage storage = {values[2], globals[values[1].number].kind, size};
	if (size > PTRDIFF_MAX / weight_kind_bytes(storage.kind))
		return refuse(complaint, "a storage is larger than a file can be");
	return pickle_storage_make(out, heap, &storage);
}
