/* What config.json says of an encoder: read as transformers reads it, refused where we would have
 * to compute something else. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "tests/worker/pretrained/files.h"
#include "worker/pretrained/encoder_changes.h"

#define BERT                                                                                                           \
	"\"hidden_size\":32,\"num_hidden_layers\":3,\"num_attention_heads\":4,\"intermediate_size\":64,\"vocab_"       \
	"size\":120"
#define DISTIL                                                                                                         \
	"\"model_type\":\"distilbert\",\"dim\":32,\"n_layers\":3,\"n_heads\":4,\"hidden_dim\":64,\"vocab_size\":120"

static int read_text(struct encoder_config *out, const char *text, struct error *error)
{
	const struct test_folder folder = make_folder();
	put_text(&folder, "config.json", text);
	int rc = encoder_config_read(out, folder.path, error);
	remove_folder(&folder);
	return rc;
}

static void what_is_not_given_is_as_in_transformers(void **state)
{
	(void)state;
	struct encoder_config config;
	assert_int_equal(read_text(&config, "{\"model_type\":\"bert\"," BERT "}", NULL), 0);
	assert_int_equal(config.type, ENCODER_BERT);
	assert_int_equal(config.activation, ENCODER_GELU);
	assert_int_equal(config.width, 32);
	assert_int_equal(config.embedding_width, 32);
	assert_int_equal(config.positions, 512);
	assert_int_equal(config.token_types, 2);
	assert_int_equal(config.pad_id, 0);
	assert_true(config.norm_epsilon == 1e-12 && config.hidden_dropout == 0.1 && config.classifier_dropout == 0.1);
	assert_int_equal(
	        read_text(&config, "{\"model_type\":\"xlm-roberta\"," BERT ",\"hidden_dropout_prob\":0}", NULL), 0);
	assert_int_equal(config.type, ENCODER_XLM_ROBERTA);
	assert_int_equal(config.pad_id, 1);
	assert_true(config.classifier_dropout == 0);
	assert_int_equal(
	        read_text(&config, "{\"model_type\":\"electra\"," BERT ",\"classifier_dropout\":null}", NULL), 0);
	assert_int_equal(config.embedding_width, 128);
	assert_int_equal(read_text(&config, "{" DISTIL "}", NULL), 0);
	assert_int_equal(config.token_types, 0);
	assert_true(config.norm_epsilon == 1e-12 && config.classifier_dropout == 0.2);
}

static void what_is_given_is_taken(void **state)
{
	(void)state;
	struct encoder_config config;
	assert_int_equal(read_text(&config,
	                         "{\"model_type\":\"electra\"," BERT
	                         ",\"embedding_size\":16,\"hidden_act\":\"gelu_new\",\"layer_norm_eps\":1e-05,"
	                         "\"max_position_embeddings\":40,\"type_vocab_size\":1,\"pad_token_id\":3,"
	                         "\"attention_probs_dropout_prob\":0.25,\"classifier_dropout\":0.5}",
	                         NULL),
	        0);
	assert_int_equal(config.embedding_width, 16);
	assert_int_equal(config.activation, ENCODER_GELU_TANH);
	assert_int_equal(config.positions, 40);
	assert_int_equal(config.token_types, 1);
	assert_int_equal(config.pad_id, 3);
	assert_true(
	        config.norm_epsilon == 1e-5 && config.attention_dropout == 0.25 && config.classifier_dropout == 0.5);
}

static void an_old_file_says_its_type_by_its_class(void **state)
{
	(void)state;
	struct encoder_config config;
	assert_int_equal(read_text(&config, "{\"architectures\":[\"RobertaForMaskedLM\"]," BERT "}", NULL), 0);
	assert_int_equal(config.type, ENCODER_ROBERTA);
	assert_int_equal(read_text(&config, "{\"architectures\":[\"DistilBertModel\"]," DISTIL "}", NULL), 0);
	assert_int_equal(config.type, ENCODER_DISTILBERT);
}

static void what_cannot_be_run_is_refused_by_key(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
	        {"[]", "a JSON object was expected"},
	        {"{", "JSON: expected"},
	        {"{" BERT "}", "model_type: bert, roberta, xlm-roberta, electra or distilbert was expected"},
	        {"{\"model_type\":7," BERT "}", "model_type: a string was expected"},
	        {"{\"model_type\":\"albert\"," BERT "}", "an albert's layers share their weights"},
	        {"{\"model_type\":\"gpt2\"," BERT "}", "model_type: bert"},
	        {"{\"model_type\":\"distilbert\"," BERT "}", "dim is missing"},
	        {"{\"model_type\":\"bert\",\"hidden_size\":32}", "num_hidden_layers is missing"},
	        {"{\"model_type\":\"bert\",\"hidden_size\":0," BERT "}", "hidden_size stands twice"},
	        {"{\"model_type\":\"bert\",\"hidden_size\":\"32\"}",
	                "hidden_size: an integer from 1 to 16384 was expected"},
	        {"{\"model_type\":\"bert\",\"hidden_size\":32.5}",
	                "hidden_size: an integer from 1 to 16384 was expected"},
	        {"{\"model_type\":\"bert\",\"hidden_size\":1e300}",
	                "hidden_size: an integer from 1 to 16384 was expected"},
	        {"{\"model_type\":\"bert\",\"hidden_size\":NaN}",
	                "hidden_size: an integer from 1 to 16384 was expected"},
	        {"{\"model_type\":\"bert\",\"hidden_size\":32,\"num_hidden_layers\":25}",
	                "num_hidden_layers: an integer from 1 to 24 was expected"},
	        {"{\"model_type\":\"bert\"," BERT ",\"hidden_dropout_prob\":1}",
	                "hidden_dropout_prob: a number from 0 and below 1 was expected"},
	        {"{\"model_type\":\"bert\"," BERT ",\"layer_norm_eps\":0}", "layer_norm_eps: a number from 1e-20"},
	        {"{\"model_type\":\"bert\"," BERT ",\"pad_token_id\":120}", "pad_token_id is 120, but vocab_size 120"},
	        {"{\"model_type\":\"bert\"," BERT ",\"hidden_act\":\"silu\"}", "hidden_act: gelu, gelu_new or relu"},
	        {"{" DISTIL ",\"activation\":\"silu\"}", "activation: gelu, gelu_new or relu"},
	        {"{\"model_type\":\"bert\"," BERT ",\"position_embedding_type\":\"relative_key\"}",
	                "position_embedding_type: only absolute can be run here"},
	        {"{\"model_type\":\"bert\"," BERT ",\"is_decoder\":true}", "is_decoder: only false can be run here"},
	        {"{\"model_type\":\"bert\"," BERT ",\"pruned_heads\":{\"0\":[1]}}", "pruned_heads: only all heads"},
	        {"{\"model_type\":\"bert\"," BERT ",\"quantization_config\":{}}", "quantization_config: its weights"},
	        {"{\"model_type\":\"roberta\"," BERT ",\"max_position_embeddings\":4}",
	                "leaves no room behind pad_token_id"},
	        {"{\"model_type\":\"bert\",\"hidden_size\":30,\"num_hidden_layers\":3,\"num_attention_heads\":4,"
	         "\"intermediate_size\":64,\"vocab_size\":120}",
	                "the width, 30, is not a multiple of the number of heads, 4"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct encoder_config config;
		struct error error = {""};
		assert_int_equal(read_text(&config, cases[i][0], &error), -EINVAL);
		if (!strstr(error.text, cases[i][1]) || !strstr(error.text, "config.json"))
			fail_msg("%s: %s", cases[i][0], error.text);
	}
}

static void a_config_is_written_back_with_what_else_it_said(void **state)
{
	(void)state;
	static const char *const labels[] = {"no_relation", "per:\"x\""};
	struct encoder_changes changes = {ENCODER_XLM_ROBERTA, labels, 2, 123};
	const struct test_folder folder = make_folder();
	struct text text = TEXT_NULL;
	put_text(&folder, "config.json",
	        "{\"architectures\":[\"XLMRobertaForMaskedLM\"],\"eps\":1e-05,\"own\":{\"a\":[1.0,null]},"
	        "\"torch_dtype\":\"float16\",\"num_labels\":5,\"vocab_size\":120}");
	assert_int_equal(encoder_config_print(&text, folder.path, &changes, NULL), 0);
	assert_string_equal(text.data,
	        "{\"architectures\":[\"XLMRobertaForSequenceClassification\"],\"eps\":1e-05,\"own\":{\"a\":[1.0,null]},"
	        "\"torch_dtype\":\"float32\",\"vocab_size\":123,\"model_type\":\"xlm-roberta\","
	        "\"id2label\":{\"0\":\"no_relation\",\"1\":\"per:\\\"x\\\"\"},"
	        "\"label2id\":{\"no_relation\":0,\"per:\\\"x\\\"\":1}}\n");
	text_clear(&text);
	changes = (struct encoder_changes){ENCODER_XLM_ROBERTA, NULL, 0, 120};
	assert_int_equal(encoder_config_print(&text, folder.path, &changes, NULL), 0);
	assert_non_null(strstr(text.data, "\"XLMRobertaModel\""));
	assert_null(strstr(text.data, "id2label"));
	text_finish(&text);
	remove_folder(&folder);
}

static void without_memory_nothing_is_read_or_written(void **state)
{
	(void)state;
	static const char *const labels[] = {"a", "b"};
	const struct encoder_changes changes = {ENCODER_BERT, labels, 2, 120};
	const struct test_folder folder = make_folder();
	struct encoder_config config;
	put_text(&folder, "config.json", "{\"model_type\":\"bert\"," BERT "}");
	cJSON_InitHooks(&(cJSON_Hooks){memory_hook_malloc, memory_free});
	int rc = -ENOMEM;
	for (long n = 1; rc < 0; n++) {
		struct text text = TEXT_NULL;
		memory_fault_after(n);
		rc = encoder_config_read(&config, folder.path, NULL);
		if (rc == 0)
			rc = encoder_config_print(&text, folder.path, &changes, NULL);
		assert_int_equal(rc, memory_fault_happened() ? -ENOMEM : 0);
		memory_fault_after(0);
		text_finish(&text);
	}
	cJSON_InitHooks(NULL);
	remove_folder(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_not_given_is_as_in_transformers),
	        cmocka_unit_test(what_is_given_is_taken),
	        cmocka_unit_test(an_old_file_says_its_type_by_its_class),
	        cmocka_unit_test(what_cannot_be_run_is_refused_by_key),
	        cmocka_unit_test(a_config_is_written_back_with_what_else_it_said),
	        cmocka_unit_test(without_memory_nothing_is_read_or_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
