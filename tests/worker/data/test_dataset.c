#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema/base/memory.h"
#include "worker/data/dataset_read.h"
#include "worker/data/format.h"

#define JSON_ROW(id, sentence, subject, object, label)                                                                 \
	"{\"guid\":\"" id "\",\"sentence\":\"" sentence "\",\"subject_entity\":{" subject                              \
	"},\"object_entity\":{" object "},\"label\":\"" label "\",\"source\":\"wikipedia\"}"
#define SPAN(word, start, end, type)                                                                                   \
	"\"word\":\"" word "\",\"start_idx\":" #start ",\"end_idx\":" #end ",\"type\":\"" type "\""
#define GOOD_JSON                                                                                                      \
	JSON_ROW("a", "한강은 서울에 있다", SPAN("한강", 0, 1, "ORG"), SPAN("서울", 4, 5, "LOC"), "no_relation")

#define HEADER "id,sentence,subject_entity,object_entity,label,source\n"
#define DICT(word, start, end, type)                                                                                   \
	"\"{'word': '" word "', 'start_idx': " #start ", 'end_idx': " #end ", 'type': '" type "'}\""
#define GOOD_CSV                                                                                                       \
	"0,한강은 서울에 있다," DICT("한강", 0, 1, "ORG") "," DICT("서울", 4, 5, "LOC") ",no_relation,wikipedia\n"

static const struct dataset_rules refuse = {.for_training = true};
static const struct dataset_rules skip = {.for_training = true, .skip_bad = true};
static const struct dataset_rules predict = {.skip_bad = true};

static int read_text(struct dataset *out, const char *text, const struct dataset_rules *rules, struct error *error)
{
	const struct dataset_source source = {"rows", text, strlen(text)};
	return dataset_read_bytes(out, &source, rules, error);
}

/* One good row each: what is read must be the same whatever the format. */
static void every_format_gives_the_same_example(void **state)
{
	(void)state;
	static const struct {
		const char *text, *format;
	} cases[] = {
	        {"[" GOOD_JSON "]", "klue-json"},
	        {"\xef\xbb\xbf [\n" GOOD_JSON "\n]\n", "klue-json"},
	        {HEADER GOOD_CSV, "klue-csv"},
	        {"\xef\xbb\xbf" HEADER GOOD_CSV, "klue-csv"},
	        {"7\t\"<e1>한강</e1>은 <e2>서울</e2>에 있다\"\r\nOther\r\nComment: none\r\n\r\n", "semeval"},
	        {"7\t\"<e1>한강</e1>은 <e2>서울</e2>에 있다\"\nOther", "semeval"},
	        {"\xef\xbb\xbf"
	         "7\t\"<e1>한강</e1>은 <e2>서울</e2>에 있다\"\nOther",
	                "semeval"},
	        {GOOD_JSON, "klue-json"},
	        {"\xef\xbb\xbf" GOOD_JSON "\r\n\n", "klue-json"},
	        {"{\"sentence\":\"<e1>한강</e1>은 <e2>서울</e2>에 있다\",\"relation\":\"Other\"}\n", "semeval-json"},
	        {"[{\"sentence\":\"<e1>한강</e1>은 <e2>서울</e2>에 있다\",\"relation\":18}]", "semeval-json"},
	        {"guid,sentence,subject_entity,object_entity,label,source\n" GOOD_CSV, "klue-csv"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct dataset dataset;
		struct error error = {""};
		if (read_text(&dataset, cases[i].text, &refuse, &error) < 0)
			fail_msg("case %zu: %s", i, error.text);
		assert_string_equal(dataset.format->name, cases[i].format);
		assert_int_equal(dataset.count, 1);
		const struct example *example = &dataset.examples[0];
		assert_string_equal(example->sentence, "한강은 서울에 있다");
		assert_int_equal(example->subject.begin_bytes, 0);
		assert_int_equal(example->subject.end_bytes, 6);
		assert_int_equal(example->object.start, 4);
		assert_int_equal(example->object.end, 5);
		assert_int_equal(example->object.begin_bytes, 10);
		assert_int_equal(example->object.end_bytes, 16);
		assert_int_equal(example->label, dataset.labels->negative);
		dataset_finish(&dataset);
	}
}

static void a_bad_row_is_named_by_file_and_line(void **state)
{
	(void)state;
	static const struct {
		const char *text, *message;
	} cases[] = {
	        {"[" GOOD_JSON ",\n" GOOD_JSON "]", "rows:2: the same sentence and entities as in line 1"},
	        {"[" GOOD_JSON ",\n\n 7]", "rows:3: the row is not a JSON object"},
	        {"[" GOOD_JSON ",\n{\"guid\"}]", "rows:2: the row is not a JSON object"},
	        {GOOD_JSON "\n" GOOD_JSON "\n", "rows:2: the same sentence and entities as in line 1"},
	        {GOOD_JSON "\n\n{\"guid\":\"b\",\n", "rows:3: the row is not a JSON object"},
	        {"{\"sentence\":\"no tags\",\"relation\":18}\n",
	                "rows:1: the sentence needs one <e1>…</e1> and one <e2>…</e2>"},
	        {"{\"sentence\":\"<e1>a</e1> <e2>b</e2>\",\"relation\":19}\n",
	                "rows:1: \"19\" is not a relation of semeval"},
	        {"[{\"guid\":\"a\"}]", "rows:1: \"sentence\" is missing or of the wrong kind"},
	        {"[" JSON_ROW(
	                 "a", "가나", SPAN("가", 0, 0, "PER"), "\"word\":\"나\",\"type\":\"LOC\"", "no_relation") "]",
	                "rows:1: \"start_idx\" is missing or of the wrong kind"},
	        {"[" JSON_ROW("a", "가나\\u0000", SPAN("가", 0, 0, "PER"), SPAN("나", 1, 1, "LOC"), "no_relation") "]",
	                "rows:1: the row holds a NUL character"},
	        {"[" JSON_ROW("a", "가나", SPAN("가", 0, 0, "PER"), SPAN("나", 1, 2, "LOC"), "no_relation") "]",
	                "rows:1: the object's span 1 to 2 is not inside the sentence (0 to 1)"},
	        {"[" JSON_ROW("a", "가나", SPAN("가", 0, 0, "PER"), SPAN("나", 0.5, 1, "LOC"), "no_relation") "]",
	                "rows:1: the object's span 0.5 to 1 is not inside the sentence (0 to 1)"},
	        {"[" JSON_ROW("a", "가나", SPAN("다", 0, 0, "PER"), SPAN("나", 1, 1, "LOC"), "no_relation") "]",
	                "rows:1: the subject is said to be \"다\" but its span covers \"가\""},
	        {"[" JSON_ROW("a", "가나", SPAN("가", 0, 0, "CAR"), SPAN("나", 1, 1, "LOC"), "no_relation") "]",
	                "rows:1: \"CAR\" is not an entity type"},
	        {"[" JSON_ROW("a", "가나", SPAN("가", 0, 0, "PER"), SPAN("나", 1, 1, "LOC"), "per:cars") "]",
	                "rows:1: \"per:cars\" is not a relation of klue"},
	        {"[" JSON_ROW("a", "", SPAN("", 0, 0, "PER"), SPAN("", 1, 1, "LOC"), "no_relation") "]",
	                "rows:1: the row has no sentence"},
	        {"[" JSON_ROW("a", "\xff나", SPAN("\xff", 0, 0, "PER"), SPAN("나", 1, 1, "LOC"), "no_relation") "]",
	                "rows:1: the row is not valid UTF-8"},
	        {HEADER GOOD_CSV GOOD_CSV, "rows:3: the same sentence and entities as in line 2"},
	        {HEADER "1,\"two\nlines, one \"\"quote\"\"\",x,y,no_relation,w\n",
	                "rows:2: subject_entity is not a Python dict of strings and integers"},
	        {HEADER "1,\"closed\" early,x\n", "rows:2: a quote is out of place"},
	        {HEADER "1,2,3\n", "rows:2: the row has 3 fields, the header 6"},
	        {HEADER "0,가," DICT(
	                 "가", 0, 0, "PER") ",\"{'word': '가', 'start_idx': 0, 'type': 'PER'}\",no_relation,w\n",
	                "rows:2: object_entity has no 'end_idx'"},
	        {HEADER "0,가나," DICT("가", 0, 0, "PER") "," DICT("나", 1, 1, "LOC") ",100,w\n",
	                "rows:2: the row has no label"},
	        {"1\tno tags\nOther\n", "rows:1: the sentence needs one <e1>…</e1> and one <e2>…</e2>"},
	        {"1\t<e1>a</e1> <e2>b\nOther\n", "rows:1: the sentence needs one <e1>…</e1> and one <e2>…</e2>"},
	        {"1\t<e1>a</e1> <e2></e2>b\nOther\n",
	                "rows:1: the object's span 2 to 1 is not inside the sentence (0 to 2)"},
	        {"1\t<e1>a</e1> <e2>b</e2>\nOthers\n", "rows:1: \"Others\" is not a relation of semeval"},
	        {"1\t<e1>a</e1> <e2>b</e2>\nOther\n\nwhat\n", "rows:4: a line \"number<TAB>sentence\" was expected"},
	        {"1\t<e1>a</e1> <e2>b</e2>\nOther\n\n1\t<e1>c</e1> <e2>d</e2>\nOther\n",
	                "rows:4: the id \"1\" is that of line 1"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct dataset dataset;
		struct error error = {""};
		assert_int_equal(read_text(&dataset, cases[i].text, &refuse, &error), -EINVAL);
		char expected[ERROR_TEXT_BYTES + 32];
		snprintf(expected, sizeof expected, "1 bad row: %s", cases[i].message);
		if (strcmp(error.text, expected) != 0)
			fail_msg("case %zu: %s", i, error.text);
		dataset_finish(&dataset);
	}
}

/* A download that broke off must not pass for a small data set, however bad rows are treated. */
static void a_file_that_was_cut_off_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *message;
	} cases[] = {
	        {"[" GOOD_JSON, "rows:1: the array ends without a closing bracket: the file was cut off"},
	        {"[" GOOD_JSON ",", "rows:1: the array ends without a closing bracket: the file was cut off"},
	        {"[" GOOD_JSON ",\n{\"guid\":\"b\",\"sen",
	                "rows:2: the array ends without a closing bracket: the file was cut off"},
	        {"[" GOOD_JSON "]\n[" GOOD_JSON "]", "rows:2: there is more behind the array's end"},
	        {GOOD_JSON "\n{\"guid\":\"b\",\"sen", "rows:2: the file ends in the middle of a row: it was cut off"},
	        {HEADER GOOD_CSV "1,한강은", "rows:3: the file ends in the middle of a row: it was cut off"},
	        {HEADER GOOD_CSV "1,한강은 서울에 있다,\"{'word",
	                "rows:3: a quote is never closed, so that all rows behind it are lost"},
	        {"1\t<e1>a</e1> <e2>b</e2>\nOther\n\n2\t<e1>a</e1> <e2>",
	                "rows:4: the file ends in the middle of a row: it was cut off"},
	        {"1\t<e1>a</e1> <e2>b</e2>\nOther\n\n2\t<e1>c</e1> <e2>d</e2>\nCause-Eff",
	                "rows:4: the file ends in the middle of a row: it was cut off"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct dataset dataset;
		struct error error = {""};
		assert_int_equal(read_text(&dataset, cases[i].text, &skip, &error), -EINVAL);
		if (strcmp(error.text, cases[i].message) != 0)
			fail_msg("case %zu: %s", i, error.text);
		dataset_finish(&dataset);
	}
}

/* Bytes that are no text, and files without any. */
static void a_file_that_is_no_text_is_told_why(void **state)
{
	(void)state;
#define BYTES(literal) (literal), sizeof(literal) - 1
	static const struct {
		const char *bytes;
		size_t length;
		const char *message;
	} cases[] = {
	        {BYTES(""), "rows is empty"},
	        {BYTES("\xef\xbb\xbf\r\n \n"), "rows is empty"},
	        {BYTES("\xff\xfe[\0"), "rows is UTF-16; it has to be saved as UTF-8"},
	        {BYTES("1\0\t\0<\0"), "rows is UTF-16; it has to be saved as UTF-8"},
	        {BYTES("\0i\0d\0,"), "rows is UTF-16; it has to be saved as UTF-8"},
	        {BYTES("\0\0\0\0"), "rows is neither KLUE-RE's JSON, nor the competition's CSV, nor SemEval-2010 Task "
	                            "8's text, nor one of these as JSON lines"},
	        {BYTES(HEADER), "rows holds no usable row"},
	        {BYTES("1\t<e1>a</e1>\0 <e2>b</e2>\nOther\n"), "1 bad row: rows:1: the row holds a NUL character"},
	        {BYTES("[" JSON_ROW(
	                 "a", "가나\0", SPAN("가", 0, 0, "PER"), SPAN("나", 1, 1, "LOC"), "no_relation") "]"),
	                "1 bad row: rows:1: the row holds a NUL character"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct dataset dataset;
		struct error error = {""};
		const struct dataset_source source = {"rows", cases[i].bytes, cases[i].length};
		assert_int_equal(dataset_read_bytes(&dataset, &source, &refuse, &error), -EINVAL);
		if (strcmp(error.text, cases[i].message) != 0)
			fail_msg("case %zu: %s", i, error.text);
		dataset_finish(&dataset);
	}
}

static void a_bad_row_at_the_end_of_a_whole_file_is_only_a_bad_row(void **state)
{
	(void)state;
	static const char *const cases[] = {"[" GOOD_JSON ",7]", GOOD_JSON "\n7\n", HEADER GOOD_CSV "x,y\n",
	        "[7," GOOD_JSON "]", GOOD_JSON "\n{\"guid\":\"b\"}"};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct dataset dataset;
		struct error error = {""};
		assert_int_equal(read_text(&dataset, cases[i], &skip, &error), 0);
		assert_int_equal(dataset.count, 1);
		assert_int_equal(dataset.bad_count, 1);
		dataset_finish(&dataset);
	}
}

static const char *label_of(const struct dataset *dataset, size_t row)
{
	return dataset->labels->names[dataset->examples[row].label];
}

#define NUMBERED(id, label)                                                                                            \
	"{\"guid\":\"" id "\",\"sentence\":\"가나 " id "\",\"subject_entity\":{" SPAN(                                 \
	        "가", 0, 0, "PER") "},\"object_entity\":{" SPAN("나", 1, 1, "LOC") "},\"label\":" #label "}\n"

/* The library numbers in the order of the data set's own list, which is not the competition's. */
static void labels_that_are_numbers_are_the_exporters_where_it_is_known(void **state)
{
	(void)state;
	static const struct {
		const char *text, *first, *second;
	} cases[] = {
	        {NUMBERED("klue-re-v1_train_00000", 1) NUMBERED("klue-re-v1_train_00001", 29), "org:dissolved",
	                "per:title"},
	        {"{\"sentence\":\"<e1>a</e1> <e2>b</e2>\",\"relation\":2}\n"
	         "{\"sentence\":\"<e1>c</e1> <e2>d</e2>\",\"relation\":18}\n",
	                "Component-Whole(e1,e2)", "Other"},
	        {"guid,sentence,subject_entity,object_entity,label,source\n"
	         "klue-re-v1_train_1,가나," DICT("가", 0, 0, "PER") "," DICT("나", 1, 1,
	                 "LOC") ",10,w\n"
	                        "klue-re-v1_train_2,가다," DICT("가", 0, 0, "PER") "," DICT("다", 1, 1, "LOC") ",8,w\n",
	                "org:top_members/employees", "org:product"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct dataset dataset;
		struct error error = {""};
		if (read_text(&dataset, cases[i].text, &refuse, &error) < 0)
			fail_msg("case %zu: %s", i, error.text);
		assert_string_equal(label_of(&dataset, 0), cases[i].first);
		assert_string_equal(label_of(&dataset, 1), cases[i].second);
		dataset_finish(&dataset);
	}
}

static void labels_that_are_numbers_of_unknown_order_need_their_names(void **state)
{
	(void)state;
	static const char text[] = NUMBERED("a", 0) NUMBERED("b", 1);
	static const char *const given[] = {"no_relation", "per:title"};
	struct label_names names = {.count = 2, .names = given};
	struct dataset_rules rules = {.for_training = true, .names = &names};
	struct dataset dataset;
	struct error error = {""};
	assert_int_equal(read_text(&dataset, text, &skip, &error), -EINVAL);
	assert_string_equal(error.text, "rows:1: the label is the number 0; --label-names has to say which relation "
	                                "that is: a file with a name "
	                                "on each line, or \"datasets\" for the order of that library");
	dataset_finish(&dataset);
	assert_int_equal(read_text(&dataset, text, &rules, &error), 0);
	assert_string_equal(label_of(&dataset, 1), "per:title");
	dataset_finish(&dataset);
	names = (struct label_names){.exported = true};
	assert_int_equal(read_text(&dataset, text, &rules, &error), 0);
	assert_string_equal(label_of(&dataset, 1), "org:dissolved");
	dataset_finish(&dataset);
	assert_int_equal(read_text(&dataset, text, &predict, &error), 0);
	assert_int_equal(dataset.examples[1].label, LABEL_NONE);
	dataset_finish(&dataset);
}

static void both_orders_of_labels_have_the_same_names(void **state)
{
	(void)state;
	const struct label_set *const sets[] = {label_set_klue(), label_set_semeval()};
	for (size_t i = 0; i < 2; i++) {
		bool seen[30] = {false};
		for (size_t k = 0; k < sets[i]->count; k++)
			seen[label_set_find(sets[i], sets[i]->exported[k])] = true;
		for (size_t k = 0; k < sets[i]->count; k++)
			assert_true(seen[k]);
	}
}

static void bad_rows_may_be_skipped_and_are_counted(void **state)
{
	(void)state;
	struct dataset dataset;
	struct error error;
	assert_int_equal(read_text(&dataset, "[7,\n" GOOD_JSON ",\n8,9]", &skip, &error), 0);
	assert_int_equal(dataset.count, 1);
	assert_int_equal(dataset.bad_count, 3);
	assert_string_equal(text_string(&dataset.complaints), "rows:1: the row is not a JSON object\n"
	                                                      "rows:3: the row is not a JSON object\n"
	                                                      "rows:3: the row is not a JSON object\n");
	dataset_finish(&dataset);
	assert_int_equal(read_text(&dataset, "[7,\n" GOOD_JSON ",\n8,9]", &refuse, &error), -EINVAL);
	assert_string_equal(error.text, "3 bad rows, the first: rows:1: the row is not a JSON object");
	dataset_finish(&dataset);
}

static void contradictory_labels_are_told_apart_from_repeated_rows(void **state)
{
	(void)state;
	struct dataset dataset;
	struct error error;
	static const char text[] = HEADER GOOD_CSV
	        "1,한강은 서울에 있다," DICT("한강", 0, 1, "ORG") "," DICT("서울", 4, 5, "LOC") ",org:members,w\n";
	assert_int_equal(read_text(&dataset, text, &skip, &error), 0);
	assert_int_equal(dataset.count, 1);
	assert_string_equal(text_string(&dataset.complaints),
	        "rows:3: the same sentence and entities as in line 2, but no_relation there and org:members here\n");
	dataset_finish(&dataset);
}

#define PAIR(id, last, label) JSON_ROW(id, "가" last, SPAN("가", 0, 0, "PER"), SPAN(last, 1, 1, "LOC"), label)

/* In file order: the second is the first again, and that it has the third's id is nothing to it. The
 * fifth has the fourth's sentence, which goes for its id. */
static void only_a_row_that_stays_makes_another_one_repeated(void **state)
{
	(void)state;
	struct dataset dataset;
	struct error error;
	static const char text[] = "[" PAIR("a", "나", "no_relation") ",\n" PAIR("b", "나", "no_relation") ",\n" PAIR(
	        "b", "다", "no_relation") ",\n" PAIR("a", "라", "no_relation") ",\n" PAIR("c", "라", "no_relation") "]";
	assert_int_equal(read_text(&dataset, text, &skip, &error), 0);
	assert_int_equal(dataset.count, 3);
	assert_string_equal(dataset.examples[1].sentence, "가다");
	assert_string_equal(dataset.examples[2].id, "c");
	assert_string_equal(text_string(&dataset.complaints),
	        "rows:2: the same sentence and entities as in line 1\nrows:4: the id \"a\" is that of line 1\n");
	dataset_finish(&dataset);
}

static void rows_to_be_predicted_may_have_any_label_or_none_and_repeat(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t count;
	} cases[] = {
	        {HEADER "0,가나," DICT("가", 0, 0, "PER") "," DICT("나", 1, 1, "LOC") ",100,w\n", 1},
	        {"id,sentence,subject_entity,object_entity\n0,가나," DICT("가", 0, 0, "PER") "," DICT(
	                 "나", 1, 1, "LOC") "\n",
	                1},
	        {HEADER GOOD_CSV GOOD_CSV, 2},
	        {"1\t\"<e1>a</e1> <e2>b</e2>\"\n2\t\"<e1>a</e1> <e2>b</e2>\"\n\n", 2},
	        {HEADER "0,가나," DICT("가", 0, 0, "PER") "," DICT("나", 1, 1, "LOC") ",,w\n", 1},
	        {"[" PAIR("a", "나", "") "]", 1},
	        {NUMBERED("a", -1) NUMBERED("klue-re-v1_test_00000", 77), 2},
	        {"1\t\"<e1>a</e1> <e2>b</e2>\"\nUnknown\n\n", 1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct dataset dataset;
		struct error error = {""};
		if (read_text(&dataset, cases[i].text, &predict, &error) < 0)
			fail_msg("case %zu: %s", i, error.text);
		assert_int_equal(dataset.count, cases[i].count);
		assert_int_equal(dataset.bad_count, 0);
		assert_int_equal(dataset.examples[0].label, LABEL_NONE);
		dataset_finish(&dataset);
	}
}

static void quotes_and_apostrophes_survive_the_csv(void **state)
{
	(void)state;
	struct dataset dataset;
	struct error error = {""};
	static const char text[] = HEADER
	        "0,\"He said \"\"it's\"\", O'Neil\",\"{'word': '\"\"it\\'s\"\"', 'start_idx': 8, 'end_idx': 13, "
	        "'type': 'POH'}\","
	        "\"{\"\"word\"\": \"\"O'Neil\"\", 'start_idx': 16, 'end_idx': 21, 'type': 'PER'}\",no_relation,w\r\n";
	if (read_text(&dataset, text, &refuse, &error) < 0)
		fail_msg("%s", error.text);
	assert_string_equal(dataset.examples[0].sentence, "He said \"it's\", O'Neil");
	dataset_finish(&dataset);
}

static void latin1_bytes_become_utf8(void **state)
{
	(void)state;
	struct dataset dataset;
	struct error error;
	assert_int_equal(
	        read_text(&dataset, "1\t\"A <e1>caf\xe9</e1> in <e2>town</e2>\"\r\nOther\r\n", &refuse, &error), 0);
	assert_string_equal(dataset.examples[0].sentence, "A café in town");
	assert_int_equal(dataset.examples[0].subject.end, 5);
	assert_int_equal(dataset.examples[0].object.start, 10);
	dataset_finish(&dataset);
}

static void what_is_no_data_set_is_refused_in_one_sentence(void **state)
{
	(void)state;
	static const char *const cases[] = {
	        "", "hello", "{}", "id,sentence\n1,2\n", "[]", HEADER, "\xef\xbb\xbf", "\xff\xfe[]"};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct dataset dataset;
		struct error error = {""};
		assert_int_equal(read_text(&dataset, cases[i], &skip, &error), -EINVAL);
		assert_string_not_equal(error.text, "");
		dataset_finish(&dataset);
	}
}

/* Every allocation fails once; nothing leaks and the answer is -ENOMEM. (Allocations inside cJSON
 * are not counted.) */
static void running_out_of_memory_is_survived_everywhere(void **state)
{
	(void)state;
	static const char *const cases[] = {"[" GOOD_JSON "]", HEADER GOOD_CSV "x,y\n",
	        "1\t<e1>a</e1> <e2>b</e2>\nOther\n", "{\"sentence\":\"<e1>a</e1> <e2>b</e2>\",\"relation\":2}\n"};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int rc = -ENOMEM, failures = 0;
		for (long countdown = 1; rc != 0; countdown++) {
			struct dataset dataset;
			memory_fault_after(countdown);
			rc = read_text(&dataset, cases[i], &skip, NULL);
			bool failed = memory_fault_happened();
			memory_fault_after(0);
			dataset_finish(&dataset);
			assert_int_equal(rc, failed ? -ENOMEM : 0);
			failures += failed;
		}
		assert_true(failures > 1);
	}
}

static void the_competitions_label_order_is_kept(void **state)
{
	(void)state;
	const struct label_set *klue = label_set_klue(), *semeval = label_set_semeval();
	assert_int_equal(klue->count, 30);
	assert_int_equal(label_set_find(klue, "no_relation"), 0);
	assert_int_equal(label_set_find(klue, "org:top_members/employees"), 1);
	assert_int_equal(label_set_find(klue, "per:parents"), 21);
	assert_int_equal(label_set_find(klue, "per:religion"), 29);
	assert_int_equal(label_set_find(klue, "per:"), LABEL_NONE);
	assert_int_equal(semeval->count, 19);
	assert_int_equal(semeval->negative, 18);
	assert_int_equal(label_set_find(semeval, "Message-Topic(e1,e2)"), 16);
	assert_ptr_equal(label_set_named("semeval"), semeval);
	assert_null(label_set_named("none"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_format_gives_the_same_example),
	        cmocka_unit_test(a_bad_row_is_named_by_file_and_line),
	        cmocka_unit_test(a_file_that_was_cut_off_is_refused),
	        cmocka_unit_test(a_file_that_is_no_text_is_told_why),
	        cmocka_unit_test(a_bad_row_at_the_end_of_a_whole_file_is_only_a_bad_row),
	        cmocka_unit_test(labels_that_are_numbers_are_the_exporters_where_it_is_known),
	        cmocka_unit_test(labels_that_are_numbers_of_unknown_order_need_their_names),
	        cmocka_unit_test(both_orders_of_labels_have_the_same_names),
	        cmocka_unit_test(bad_rows_may_be_skipped_and_are_counted),
	        cmocka_unit_test(contradictory_labels_are_told_apart_from_repeated_rows),
	        cmocka_unit_test(only_a_row_that_stays_makes_another_one_repeated),
	        cmocka_unit_test(rows_to_be_predicted_may_have_any_label_or_none_and_repeat),
	        cmocka_unit_test(quotes_and_apostrophes_survive_the_csv),
	        cmocka_unit_test(latin1_bytes_become_utf8),
	        cmocka_unit_test(what_is_no_data_set_is_refused_in_one_sentence),
	        cmocka_unit_test(running_out_of_memory_is_survived_everywhere),
	        cmocka_unit_test(the_competitions_label_order_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
