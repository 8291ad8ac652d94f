/* Files that somebody made to do harm: each is refused with a sentence that says where and why, and
 * nothing of it runs. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/worker/pretrained/files.h"
#include "worker/pretrained/pickle.h"
#include "worker/pretrained/safetensors.h"
#include "worker/pretrained/torch_file.h"

#define DICT "ccollections\nOrderedDict\n)R"
#define STORAGE(type, key, count) "((X\7\0\0\0storagectorch\n" type "\nX\1\0\0\0" key "X\3\0\0\0cpu" count "tQ"
#define TENSOR(storage, offset, shape, stride)                                                                         \
	"ctorch._utils\n_rebuild_tensor_v2\n" storage offset shape stride "\x89" DICT "tR"
#define FLOATS STORAGE("FloatStorage", "0", "K\4")
#define STATE(tensor) "\x80\2" DICT "X\1\0\0\0w" tensor "s."

/* A string of bytes with its length, NULs included. */
#define BYTES(text) text, sizeof(text) - 1

struct hostile {
	const char *bytes;
	size_t length;
	const char *sentence; /* in what is said; NULL: it is fine */
};

static void assert_said(int rc, const struct error *error, const struct hostile *hostile)
{
	if (rc != (hostile->sentence ? -EINVAL : 0) || (hostile->sentence && !strstr(error->text, hostile->sentence)))
		fail_msg("expected \"%s\", but %d: %s", hostile->sentence ? hostile->sentence : "", rc, error->text);
}

static const struct hostile pickles[] = {
        {BYTES("\x80\2}."), NULL},
        {BYTES(STATE(TENSOR(FLOATS, "K\0", "K\4\x85", "K\1\x85"))), NULL},
        /* what it names */
        {BYTES("\x80\2cos\nsystem\nX\2\0\0\0ls\x85R."), "offset 2: it names os.system, which"},
        {BYTES("\x80\2cbuiltins\neval\n(tR."), "offset 2: it names builtins.eval, which"},
        {BYTES("\x80\2ctorch.storage\n_load_from_bytes\n(tR."), "it names torch.storage._load_from_bytes"},
        {BYTES("\x80\2ccollections\nOrderedDict.fromkeys\n."), "it names collections.OrderedDict.fromkeys"},
        {BYTES("\x80\2c\x1b[31m\nboo\n."), "it names ?[31m.boo"},
        {BYTES("\x80\2cos\nsystem"), "offset 2: opcode 0x63: the pickle ends here"},
        {BYTES("\x80\2(ios\nsystem\n."), "offset 3: opcode 0x69: files of tensors have no such opcode"},
        {BYTES("\x80\2(cos\nsystem\no."), "it names os.system"},
        {BYTES("\x80\4\x8c\2os\x8c\6system\x93."), "offset 0: opcode 0x80: only protocol 2 is read"},
        {BYTES("\x80\2\x8c\2os\x8c\6system\x93."), "opcode 0x8c: files of tensors have no such opcode"},
        {BYTES("\x80\2\x82\1."), "opcode 0x82: files of tensors have no such opcode"},
        /* what it calls */
        {BYTES("\x80\2" DICT ")R."), "what is called is no function"},
        {BYTES("\x80\2ctorch\nFloatStorage\n)R."), "what is called is no function"},
        {BYTES("\x80\2ccollections\nOrderedDict\n]R."), "without a tuple of arguments"},
        {BYTES("\x80\2ccollections\nOrderedDict\nccollections\nOrderedDict\n\x85R."),
                "an OrderedDict is made of something"},
        {BYTES("\x80\2ctorch._utils\n_rebuild_parameter\n(K\1\x89}tR."), "a parameter is made of something else"},
        {BYTES("\x80\2ctorch._utils\n_rebuild_tensor_v2\n)R."), "a tensor is made of other things"},
        {BYTES("\x80\2X\1\0\0\0xQ."), "a persistent id is not that of a storage"},
        {BYTES("\x80\2(X\6\0\0\0moduleK\1K\1K\1K\1tQ."), "a persistent id is not that of a storage"},
        {BYTES("\x80\2((X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0zX\3\0\0\0cpuK\4}tQ."), "a storage is a view"},
        /* what a tensor is made of */
        {BYTES(STATE(TENSOR(FLOATS, "K\1", "K\4\x85", "K\1\x85"))), "a tensor lies outside its storage"},
        {BYTES(STATE(TENSOR(FLOATS, "K\5", "K\0\x85", "K\1\x85"))), "a tensor lies outside its storage"},
        {BYTES(STATE(TENSOR(FLOATS, "J\xff\xff\xff\xff", "K\1\x85", "K\1\x85"))),
                "other things than a storage and an offset"},
        {BYTES(STATE(TENSOR(FLOATS, "K\0", "K\4\x85", "K\2\x85"))), "a tensor lies outside its storage"},
        {BYTES(STATE(TENSOR(FLOATS, "K\0", "K\4\x85", "K\0\x85"))), "strides let its numbers overlap"},
        {BYTES(STATE(TENSOR(FLOATS, "K\0", "K\2K\3\x86", "K\1K\1\x86"))), "strides let its numbers overlap"},
        {BYTES(STATE(TENSOR(FLOATS, "K\0", "K\4\x85", "K\1K\1\x86"))), "shape and strides are not up to four sizes"},
        {BYTES(STATE(TENSOR(FLOATS, "K\0", "(K\1K\1K\1K\1K\1t", "(K\1K\1K\1K\1K\1t"))), "not up to four sizes"},
        {BYTES(STATE(TENSOR(FLOATS, "K\0", "J\xff\xff\xff\xff\x85", "K\1\x85"))), "not up to four sizes"},
        {BYTES(STATE(TENSOR(FLOATS, "K\0", "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85", "K\1\x85"))), "overflow"},
        {BYTES(STATE(TENSOR(FLOATS, "K\0", "J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86", "J\xff\xff\xff\x7fK\1\x86"))),
                "overflow"},
        {BYTES(STATE(TENSOR(FLOATS, "\x8a\x09\0\0\0\0\0\0\0\0\1", "K\4\x85", "K\1\x85"))), "a storage and an offset"},
        {BYTES(STATE(TENSOR(STORAGE("FloatStorage", "0", "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"), "K\0", "K\1\x85",
                 "K\1\x85"))),
                "a storage is larger than a file can be"},
        {BYTES(STATE(TENSOR(STORAGE("FloatStorage", "0", "J\xff\xff\xff\xff"), "K\0", "K\1\x85", "K\1\x85"))),
                "a persistent id is not that of a storage"},
        /* how the machine is driven */
        {BYTES("."), "it does not leave one value"},
        {BYTES("\x80\2(."), "it does not leave one value"},
        {BYTES("\x80\2}}."), "it does not leave one value"},
        {BYTES("\x80\2}"), "offset 3: opcode 0x00: the pickle ends here"},
        {BYTES("\x80\2}u."), "there is no mark"},
        {BYTES("\x80\2}(K\1u."), "a key has no value"},
        {BYTES("\x80\2(K\1K\2u."), "it is done to something else than a dict or a list"},
        {BYTES("\x80\2](K\1K\2u."), "it is done to something else than a dict or a list"},
        {BYTES("\x80\2}(K\1e."), "it is done to something else than a dict or a list"},
        {BYTES("\x80\2(\x85."), "a mark is in the way"},
        {BYTES("\x80\2K\1\x87."), "the stack is empty"},
        {BYTES("\x80\2q\0."), "the stack is empty"},
        {BYTES("\x80\2h\0."), "the memo has no such place"},
        {BYTES("\x80\2}r\xff\xff\xff\xff."), "the memo is filled out of order"},
        {BYTES("\x80\2}q\1."), "the memo is filled out of order"},
        {BYTES("\x80\2X\xff\xff\xff\xff."), "the pickle ends here"},
        {BYTES("\x80\2\x8a\xff."), "the pickle ends here"},
        {BYTES("\x80\2K\1K\2b."), "it is done to something else than a dict or a list"},
};

static void a_pickle_runs_nothing_and_describes_only_tensors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof pickles / sizeof *pickles; i++) {
		struct mapped_file file = file_of(pickles[i].bytes, pickles[i].length);
		struct pickle pickle = {.file = &file, .end = file.length};
		struct pickle_value value;
		struct error error = {""};
		assert_said(pickle_read(&value, &pickle, &error), &error, &pickles[i]);
		pickle_finish(&pickle);
		free_file(&file);
	}
}

/* A list of two of the list before, and so on: as a tree it would fill any memory. */
static void a_pickle_that_unfolds_without_end_stays_small(void **state)
{
	(void)state;
	struct text text = TEXT_NULL;
	text_append_bytes(&text, BYTES("\x80\2]q\0"));
	for (int i = 0; i < 200; i++)
		text_append_bytes(
		        &text, (const char[]){']', 'q', (char)(i + 1), '(', 'h', (char)i, 'h', (char)i, 'e'}, 9);
	for (int i = 0; i < 200; i++)
		text_append_bytes(&text, BYTES("\x86"));
	text_append_bytes(&text, BYTES("."));
	struct mapped_file file = file_of(text.data, text.length);
	struct pickle pickle = {.file = &file, .end = file.length};
	struct pickle_value value;
	assert_int_equal(pickle_read(&value, &pickle, NULL), 0);
	assert_true(pickle.heap.item_count < text.length);
	pickle_finish(&pickle);
	free_file(&file);
	text_finish(&text);
}

static void a_dict_may_hold_itself(void **state)
{
	(void)state;
	struct mapped_file file = file_of(BYTES("\x80\2}q\0X\1\0\0\0ah\0s."));
	struct pickle pickle = {.file = &file, .end = file.length};
	struct pickle_value value;
	assert_int_equal(pickle_read(&value, &pickle, NULL), 0);
	assert_int_equal(pickle_box_first(&pickle.heap, &value)->value.index, value.index);
	pickle_finish(&pickle);
	free_file(&file);
}

static void a_pickle_is_not_longer_than_it_needs_to_be(void **state)
{
	(void)state;
	struct text text = TEXT_NULL;
	text_append_bytes(&text, BYTES("\x80\2}"));
	while (text.length <= PICKLE_BYTES_MAX)
		text_append_bytes(&text, BYTES("q\0q\0q\0q\0q\0q\0q\0q\0q\0q\0q\0q\0q\0q\0q\0q\0"));
	text_append_bytes(&text, BYTES("."));
	struct mapped_file file = file_of(text.data, text.length);
	struct pickle pickle = {.file = &file, .end = file.length};
	struct pickle_value value;
	struct error error = {""};
	assert_int_equal(pickle_read(&value, &pickle, &error), -EINVAL);
	assert_non_null(strstr(error.text, "the pickle ends here"));
	pickle_finish(&pickle);
	free_file(&file);
	text_finish(&text);
}

/* Little-endian numbers of an archive. */
static void add_number(struct text *out, size_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++, value >>= 8)
		text_append_bytes(out, (const char[]){(char)(value & 0xff)}, 1);
}

struct member {
	const char *name, *bytes;
	size_t length;
	unsigned method, flags;
	size_t offset; /* added to where it is said to lie */
	size_t longer; /* added to its length */
};

static void add_header(struct text *out, const struct member *member, bool local, size_t offset)
{
	text_append_bytes(out, local ? "PK\3\4" : "PK\1\2", 4);
	add_number(out, local ? 20 : 20 << 16 | 20, local ? 2 : 4);
	add_number(out, member->flags, 2);
	add_number(out, member->method, 2);
	add_number(out, 0, 8);
	add_number(out, member->length + member->longer, 4);
	add_number(out, member->length + member->longer, 4);
	add_number(out, strlen(member->name), 2);
	add_number(out, 0, local ? 2 : 12);
	if (!local)
		add_number(out, offset + member->offset, 4);
	text_append(out, member->name);
}

static void add_archive(struct text *out, const struct member *members, size_t count)
{
	size_t offsets[8];
	for (size_t i = 0; i < count; i++) {
		offsets[i] = out->length;
		add_header(out, &members[i], true, 0);
		text_append_bytes(out, members[i].bytes, members[i].length);
	}
	const size_t list = out->length;
	for (size_t i = 0; i < count; i++)
		add_header(out, &members[i], false, offsets[i]);
	const size_t end = out->length;
	text_append_bytes(out, "PK\5\6\0\0\0\0", 8);
	add_number(out, count, 2);
	add_number(out, count, 2);
	add_number(out, end - list, 4);
	add_number(out, list, 4);
	add_number(out, 0, 2);
}

#define GOOD_STATE STATE(TENSOR(FLOATS, "K\0", "K\4\x85", "K\1\x85"))
#define SIXTEEN "0123456789abcdef"

static const struct {
	struct member members[4];
	const char *sentence;
} archives[] = {
        {{{"m/data.pkl", BYTES(GOOD_STATE)}, {"m/data/0", BYTES(SIXTEEN)}}, NULL},
        {{{"m/data.pkl", BYTES(GOOD_STATE)}}, "the storage of a tensor is missing"},
        {{{"m/data.pkl", BYTES(GOOD_STATE)}, {"n/data/0", BYTES(SIXTEEN)}}, "the storage of a tensor is missing"},
        {{{"m/data.pkl", BYTES(GOOD_STATE)}, {"m/data/0", BYTES("0123456789abcde")}}, "a storage has another size"},
        {{{"m/data.pkl", BYTES(GOOD_STATE)}, {"m/data/0", BYTES(SIXTEEN SIXTEEN)}}, "a storage has another size"},
        {{{"m/data.pkl", BYTES(GOOD_STATE "}")}, {"m/data/0", BYTES(SIXTEEN)}}, "something follows the pickle"},
        {{{"m/data/0", BYTES(SIXTEEN)}}, "an archive without one data.pkl"},
        {{{"m/data.pkl", BYTES(GOOD_STATE)}, {"n/data.pkl", BYTES(GOOD_STATE)}}, "an archive without one data.pkl"},
        {{{"data.pkl", BYTES(GOOD_STATE)}, {"data/0", BYTES(SIXTEEN)}}, "an archive without one data.pkl"},
        {{{"m/data.pkl", BYTES(GOOD_STATE)}, {"m/data.pkl", BYTES(GOOD_STATE)}}, "two of its parts have one name"},
        {{{"m/data.pkl", BYTES(GOOD_STATE)}, {"m/data/0", BYTES(SIXTEEN)}, {"m/byteorder", BYTES("big")}},
                "its numbers are not little-endian"},
        {{{"m/data.pkl", BYTES(GOOD_STATE), .method = 8}, {"m/data/0", BYTES(SIXTEEN)}}, "a member is compressed"},
        {{{"m/data.pkl", BYTES(GOOD_STATE)}, {"m/data/0", BYTES(SIXTEEN), .method = 99}}, "a member is compressed"},
        {{{"m/data.pkl", BYTES(GOOD_STATE), .flags = 1}}, "a member is encrypted"},
        {{{"m/data.pkl", BYTES(GOOD_STATE)}, {"m/data/0", BYTES(SIXTEEN), .offset = 1}}, "is not where the list says"},
        {{{"m/data.pkl", BYTES(GOOD_STATE)}, {"m/data/0", BYTES(SIXTEEN), .offset = 1u << 30}},
                "does not lie behind the one before it"},
        {{{"m/data.pkl", BYTES(GOOD_STATE)}, {"m/data/0", BYTES(SIXTEEN), .longer = 1u << 30}},
                "beyond the archive's end"},
        {{{"m/data.pkl", BYTES(GOOD_STATE)}, {"m/data/0", BYTES(SIXTEEN), .longer = 100},
                 {"m/x", BYTES(SIXTEEN), .longer = 100},
                 {"m/y", BYTES(SIXTEEN SIXTEEN SIXTEEN SIXTEEN), .longer = 100}},
                "does not lie behind the one before it"},
        {{{"m/data.pkl", BYTES("\x80\2].")}}, "it holds no dict of tensors"},
        {{{"m/data.pkl", BYTES("\x80\2}X\1\0\0\0wK\1s.")}}, "something else than named tensors"},
        {{{"m/data.pkl", BYTES("\x80\2}K\1K\1s.")}}, "something else than named tensors"},
        {{{"m/data.pkl", BYTES("\x80\2" DICT "X\1\0\0\0\x1b" TENSOR(FLOATS, "K\0", "K\4\x85", "K\1\x85") "s.")},
                 {"m/data/0", BYTES(SIXTEEN)}},
                "tensor 1 has a name that is none"},
};

static void an_archive_is_what_pytorch_writes_or_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof archives / sizeof *archives; i++) {
		const struct hostile expected = {.sentence = archives[i].sentence};
		struct text text = TEXT_NULL;
		struct weight_list list = {0};
		struct error error = {""};
		size_t count = 0;
		while (count < 4 && archives[i].members[count].name)
			count++;
		add_archive(&text, archives[i].members, count);
		struct mapped_file file = file_of(text.data, text.length);
		assert_said(torch_file_read(&list, &file, &error), &error, &expected);
		weight_list_finish(&list);
		free_file(&file);
		text_finish(&text);
	}
}

#define LEGACY_MAGIC "\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
#define LEGACY_VERSION "\x80\2M\xe9\3."
#define LEGACY_SYSTEM "\x80\2}X\x0d\0\0\0little_endian\x88s."
#define LEGACY LEGACY_MAGIC LEGACY_VERSION LEGACY_SYSTEM GOOD_STATE
#define KEYS                                                                                                           \
	"\x80\2]X\1\0\0\0"                                                                                             \
	"0"                                                                                                            \
	"a."

static const struct hostile legacies[] = {
        {BYTES(LEGACY KEYS "\4\0\0\0\0\0\0\0" SIXTEEN), NULL},
        {BYTES("\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x18." LEGACY_VERSION),
                "does not begin as files of torch.save do"},
        {BYTES(LEGACY_MAGIC "\x80\2M\xea\3."), "of a version that is not known here"},
        {BYTES(LEGACY_MAGIC "\x80\2X\1\0\0\0a."), "its pickles are not those of torch.save"},
        {BYTES(LEGACY_MAGIC LEGACY_VERSION "\x80\2}."), "its numbers are not little-endian"},
        {BYTES(LEGACY_MAGIC LEGACY_VERSION "\x80\2}X\x0d\0\0\0little_endian\x89s."),
                "its numbers are not little-endian"},
        {BYTES(LEGACY_MAGIC LEGACY_VERSION LEGACY_SYSTEM "\x80\2cos\nsystem\n."), "it names os.system"},
        {BYTES(LEGACY "\x80\2]."), "the storage of a tensor is missing"},
        {BYTES(LEGACY "\x80\2]K\1a."), "a storage of which no tensor is made"},
        {BYTES(LEGACY "\x80\2]X\1\0\0\0"
                      "1"
                      "a."),
                "a storage of which no tensor is made"},
        {BYTES(LEGACY KEYS), "it ends where a storage should begin"},
        {BYTES(LEGACY KEYS "\5\0\0\0\0\0\0\0" SIXTEEN "wxyz"), "a storage has another size than its tensors say"},
        {BYTES(LEGACY KEYS "\4\0\0\0\0\0\0\x80" SIXTEEN), "a storage has another size than its tensors say"},
        {BYTES(LEGACY KEYS "\4\0\0\0\0\0\0\0"
                           "0123456789abcde"),
                "it ends within a storage"},
        {BYTES(LEGACY KEYS "\4\0\0\0\0\0\0\0" SIXTEEN "x"), "something follows its last storage"},
        {BYTES(LEGACY "\x80\2](X\1\0\0\0"
                      "0"
                      "X\1\0\0\0"
                      "0"
                      "e."
                      "\4\0\0\0\0\0\0\0" SIXTEEN "\4\0\0\0\0\0\0\0" SIXTEEN),
                "two of its parts have one name"},
};

static void the_legacy_form_is_what_pytorch_wrote_or_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof legacies / sizeof *legacies; i++) {
		struct mapped_file file = file_of(legacies[i].bytes, legacies[i].length);
		struct weight_list list = {0};
		struct error error = {""};
		assert_said(torch_file_read(&list, &file, &error), &error, &legacies[i]);
		weight_list_finish(&list);
		free_file(&file);
	}
}

static const struct {
	const char *header;
	size_t data;
	const char *sentence; /* NULL: it is fine */
} tensors[] = {
        {"{}", 0, NULL},
        {"{\"__metadata__\":{\"format\":\"pt\"},\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4,
                NULL},
        {"{\"a\":{\"dtype\":\"I8\",\"shape\":[2],\"data_offsets\":[2,4]},\"b\":{\"shape\":[2],\"dtype\":\"U8\",\"data_"
         "offsets\":[0,2]}}  ",
                4, NULL},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0, NULL},
        {"[]", 0, "its header is no JSON object"},
        {"{\"a\":1}", 0, "tensor a: dtype, shape and data_offsets were expected"},
        {"{\"a\":{}}", 0, "tensor a: dtype, shape and data_offsets were expected"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"more\":1}}", 4, "were expected"},
        {"{\"a\":{\"dtype\":\"F31\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4,
                "tensor a: its dtype is not known here"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "its shape is not up to four sizes"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}", 4, "its shape is not up to four sizes"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1],\"data_offsets\":[0,4]}}", 4,
                "its shape is not up to four sizes"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}", 4, "its shape is not up to four sizes"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", 4,
                "its data_offsets are not two offsets"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,1e1]}}", 4,
                "its data_offsets are not two offsets"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4,
                "its shape and its data_offsets do not agree"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4,
                "its shape and its data_offsets do not agree"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[9007199254740992,9007199254740992],\"data_offsets\":[0,4]}}", 4,
                "do not agree"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}", 0,
                "its shape is not up to"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 3,
                "tensor a: the file ends before it does"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 5, "1 bytes follow the last tensor"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "its tensors leave a hole at byte 0"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_"
         "offsets\":[2,6]}}",
                6, "its tensors overlap at byte 4"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_"
         "offsets\":[0,4]}}",
                4, "its tensors overlap at byte 4"},
        {"{\"\\u001b[1m\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4,
                "a tensor has a name that is none"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}", 4, "JSON: expected"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}}", 4, "JSON: expected the end of the text"},
};

static void a_file_of_safetensors_holds_tensors_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof tensors / sizeof *tensors; i++) {
		const struct hostile expected = {.sentence = tensors[i].sentence};
		struct text text = TEXT_NULL;
		struct weight_list list = {0};
		struct error error = {""};
		safetensors_print(&text, tensors[i].header, tensors[i].data);
		struct mapped_file file = file_of(text.data, text.length);
		assert_said(safetensors_read(&list, &file, &error), &error, &expected);
		weight_list_finish(&list);
		free_file(&file);
		text_finish(&text);
	}
}

static void a_header_that_cannot_be_is_not_read(void **state)
{
	(void)state;
	static const struct hostile files[] = {
	        {BYTES("\0\0\0\0\0\0\0\0"), "is no file of safetensors, or was cut off"},
	        {BYTES("\3\0\0\0\0\0\0\0{}"), "is no file of safetensors, or was cut off"},
	        {BYTES("\xff\xff\xff\xff\xff\xff\xff\xff{}"), "is no file of safetensors, or was cut off"},
	        {BYTES("\xf8\xff\xff\xff\xff\xff\xff\xff{}"), "is no file of safetensors, or was cut off"},
	        {BYTES("\2\0\0\0"), "is no file of safetensors, or was cut off"},
	};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct mapped_file file = file_of(files[i].bytes, files[i].length);
		struct weight_list list = {0};
		struct error error = {""};
		assert_said(safetensors_read(&list, &file, &error), &error, &files[i]);
		weight_list_finish(&list);
		free_file(&file);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_pickle_runs_nothing_and_describes_only_tensors),
	        cmocka_unit_test(a_pickle_that_unfolds_without_end_stays_small),
	        cmocka_unit_test(a_dict_may_hold_itself),
	        cmocka_unit_test(a_pickle_is_not_longer_than_it_needs_to_be),
	        cmocka_unit_test(an_archive_is_what_pytorch_writes_or_nothing),
	        cmocka_unit_test(the_legacy_form_is_what_pytorch_wrote_or_nothing),
	        cmocka_unit_test(a_file_of_safetensors_holds_tensors_and_nothing_else),
	        cmocka_unit_test(a_header_that_cannot_be_is_not_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
