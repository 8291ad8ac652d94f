#include "worker/pretrained/encoder_config.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "schema/base/words.h"
#include "schema/space/json_parse.h"

static const char *const type_names[] = {[ENCODER_BERT] = "bert",
        [ENCODER_ROBERTA] = "roberta",
        [ENCODER_XLM_ROBERTA] = "xlm-roberta",
        [ENCODER_ELECTRA] = "electra",
        [ENCODER_DISTILBERT] = "distilbert"};
static const struct words types = WORDS(type_names);

static const char *const class_names[] = {[ENCODER_BERT] = "Bert",
        [ENCODER_ROBERTA] = "Roberta",
        [ENCODER_XLM_ROBERTA] = "XLMRoberta",
        [ENCODER_ELECTRA] = "Electra",
        [ENCODER_DISTILBERT] = "DistilBert"};

#define BIT(type) (1u << (type))
#define DISTIL BIT(ENCODER_DISTILBERT)
#define ROBERTAS (BIT(ENCODER_ROBERTA) | BIT(ENCODER_XLM_ROBERTA))
#define OTHERS (BIT(ENCODER_BERT) | BIT(ENCODER_ELECTRA) | ROBERTAS)
#define ALL (OTHERS | DISTIL)
#define NEEDED ((double)NAN)

/* A number of the file. What is not an integer is in [least, most). */
struct config_key {
	const char *name;
	unsigned types; /* that have it */
	bool integer;
	size_t offset;
	double least, most, otherwise;
};

#define INTEGER(field) true, offsetof(struct encoder_config, field)
#define NUMBER(field) false, offsetof(struct encoder_config, field)

/* A classifier's dropout of -1 is not given: it is that of the rest then. */
static const struct config_key keys[] = {
        {"hidden_size", OTHERS, INTEGER(width), 1, 16384, NEEDED},
        {"dim", DISTIL, INTEGER(width), 1, 16384, NEEDED},
        {"num_hidden_layers", OTHERS, INTEGER(layers), 1, ENCODER_LAYERS_MAX, NEEDED},
        {"n_layers", DISTIL, INTEGER(layers), 1, ENCODER_LAYERS_MAX, NEEDED},
        {"num_attention_heads", OTHERS, INTEGER(heads), 1, 16384, NEEDED},
        {"n_heads", DISTIL, INTEGER(heads), 1, 16384, NEEDED},
        {"intermediate_size", OTHERS, INTEGER(inner), 1, 65536, NEEDED},
        {"hidden_dim", DISTIL, INTEGER(inner), 1, 65536, NEEDED},
        {"vocab_size", ALL, INTEGER(vocabulary), 1, 10000000, NEEDED},
        {"max_position_embeddings", ALL, INTEGER(positions), 4, 1000000, 512},
        {"type_vocab_size", OTHERS, INTEGER(token_types), 1, 1000, 2},
        {"embedding_size", BIT(ENCODER_ELECTRA), INTEGER(embedding_width), 1, 16384, 128},
        {"pad_token_id", ALL & ~ROBERTAS, INTEGER(pad_id), 0, 10000000, 0},
        {"pad_token_id", ROBERTAS, INTEGER(pad_id), 0, 10000000, 1},
        {"layer_norm_eps", OTHERS, NUMBER(norm_epsilon), 1e-20, 1, 1e-12},
        {"hidden_dropout_prob", OTHERS, NUMBER(hidden_dropout), 0, 1, 0.1},
        {"dropout", DISTIL, NUMBER(hidden_dropout), 0, 1, 0.1},
        {"attention_probs_dropout_prob", OTHERS, NUMBER(attention_dropout), 0, 1, 0.1},
        {"attention_dropout", DISTIL, NUMBER(attention_dropout), 0, 1, 0.1},
        {"classifier_dropout", OTHERS, NUMBER(classifier_dropout), 0, 1, -1},
        {"seq_classif_dropout", DISTIL, NUMBER(classifier_dropout), 0, 1, 0.2},
};

/* Keys that must say this, be null, or be missing: other models would need other code. */
static const struct {
	const char *name, *text; /* NULL: false */
} demands[] = {
        {"position_embedding_type", "absolute"},
        {"is_decoder", NULL},
        {"add_cross_attention", NULL},
};

struct config_file {
	const char *path;
	const cJSON *root;
};

/* The value of a key; NULL when it is missing or null. A key that stands twice means two things. */
static int find(const cJSON **out, const struct config_file *file, const char *key, struct error *error)
{
	const cJSON *item, *found = NULL;
	cJSON_ArrayForEach (item, file->root) {
		if (strcmp(item->string, key) != 0)
			continue;
		if (found)
			return error_set(error, -EINVAL, "%s: %s stands twice", file->path, key);
		found = item;
	}
	*out = cJSON_IsNull(found) ? NULL : found;
	return 0;
}

static int find_text(const char **out, const struct config_file *file, const char *key, struct error *error)
{
	const cJSON *item = NULL;
	int rc = find(&item, file, key, error);
	if (rc == 0 && item && !cJSON_IsString(item))
		rc = error_set(error, -EINVAL, "%s: %s: a string was expected", file->path, key);
	if (rc == 0)
		*out = item ? item->valuestring : NULL;
	return rc;
}

static int read_key(
        struct encoder_config *out, const struct config_key *key, const struct config_file *file, struct error *error)
{
	const cJSON *item = NULL;
	int rc = find(&item, file, key->name, error);
	if (rc < 0)
		return rc;
	if (!item && isnan(key->otherwise))
		return error_set(error, -EINVAL, "%s: %s is missing", file->path, key->name);
	const double value = !item ? key->otherwise : cJSON_IsNumber(item) ? item->valuedouble : NEEDED;
	const bool inside = value >= key->least && (key->integer ? value <= key->most : value < key->most);
	if (item && (!inside || (key->integer && floor(value) != value)))
		return error_set(error, -EINVAL, "%s: %s: %s from %g %s %g was expected", file->path, key->name,
		        key->integer ? "an integer" : "a number", key->least, key->integer ? "to" : "and below",
		        key->most);
	void *field = (char *)out + key->offset;
	if (key->integer)
		*(int64_t *)field = (int64_t)value;
	else
		*(double *)field = value;
	return 0;
}

/* "BertForMaskedLM" is a bert: old files do not name the type itself. */
static int type_of_class(const struct config_file *file)
{
	const cJSON *class = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(file->root, "architectures"), 0);
	for (int i = 0; cJSON_IsString(class) && i < types.count; i++)
		if (strncmp(class->valuestring, class_names[i], strlen(class_names[i])) == 0)
			return i;
	return -1;
}

static int read_type(struct encoder_config *out, const struct config_file *file, struct error *error)
{
	const char *name = NULL;
	int rc = find_text(&name, file, "model_type", error);
	if (rc < 0)
		return rc;
	const int type = name ? words_find(&types, name) : type_of_class(file);
	if (type < 0)
		return error_set(error, -EINVAL,
		        "%s: model_type: bert, roberta, xlm-roberta, electra or distilbert was expected%s", file->path,
		        name && strcmp(name, "albert") == 0 ? ": an albert's layers share their weights" : "");
	out->type = (enum encoder_type)type;
	return 0;
}

static int read_activation(struct encoder_config *out, const struct config_file *file, struct error *error)
{
	static const struct {
		const char *name;
		enum encoder_activation value;
	} names[] = {{"gelu", ENCODER_GELU}, {"gelu_new", ENCODER_GELU_TANH}, {"gelu_pytorch_tanh", ENCODER_GELU_TANH},
	        {"relu", ENCODER_RELU}};
	const char *key = out->type == ENCODER_DISTILBERT ? "activation" : "hidden_act";
	const char *name = NULL;
	int rc = find_text(&name, file, key, error);
	for (size_t i = 0; rc == 0 && i < sizeof names / sizeof *names; i++)
		if (strcmp(name ? name : "gelu", names[i].name) == 0) {
			out->activation = names[i].value;
			return 0;
		}
	return rc < 0 ? rc : error_set(error, -EINVAL, "%s: %s: gelu, gelu_new or relu was expected", file->path, key);
}

static int check_demands(const struct config_file *file, struct error *error)
{
	const cJSON *item = NULL;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < sizeof demands / sizeof *demands; i++) {
		const char *text = demands[i].text;
		rc = find(&item, file, demands[i].name, error);
		if (rc < 0 || !item ||
		        (text ? cJSON_IsString(item) && strcmp(item->valuestring, text) == 0 : cJSON_IsFalse(item)))
			continue;
		rc = error_set(error, -EINVAL, "%s: %s: only %s can be run here", file->path, demands[i].name,
		        text ? text : "false");
	}
	return rc;
}

/* Weights that are not all there, or not numbers as they are. */
static int check_forms(const struct config_file *file, struct error *error)
{
	const cJSON *pruned = NULL, *quantized = NULL;
	int rc = find(&pruned, file, "pruned_heads", error);
	if (rc == 0)
		rc = find(&quantized, file, "quantization_config", error);
	if (rc < 0)
		return rc;
	if (pruned && (!cJSON_IsObject(pruned) || pruned->child))
		return error_set(error, -EINVAL, "%s: pruned_heads: only all heads can be run here", file->path);
	if (quantized)
		return error_set(
		        error, -EINVAL, "%s: quantization_config: its weights are no plain numbers", file->path);
	return 0;
}

/* What the numbers say about each other. */
static int check_sizes(struct encoder_config *config, const struct config_file *file, struct error *error)
{
	const bool roberta = BIT(config->type) & ROBERTAS;
	assert(config->heads > 0);
	if (config->type != ENCODER_ELECTRA)
		config->embedding_width = config->width;
	if (config->type == ENCODER_DISTILBERT)
		config->norm_epsilon = 1e-12;
	if (config->classifier_dropout < 0)
		config->classifier_dropout = config->hidden_dropout;
	if (config->width % config->heads)
		return error_set(error, -EINVAL, "%s: the width, %lld, is not a multiple of the number of heads, %lld",
		        file->path, (long long)config->width, (long long)config->heads);
	if (config->pad_id >= config->vocabulary)
		return error_set(error, -EINVAL, "%s: pad_token_id is %lld, but vocab_size %lld", file->path,
		        (long long)config->pad_id, (long long)config->vocabulary);
	if (roberta && config->positions - config->pad_id < 4)
		return error_set(
		        error, -EINVAL, "%s: max_position_embeddings leaves no room behind pad_token_id", file->path);
	return 0;
}

static int read_config(struct encoder_config *config, const struct config_file *file, struct error *error)
{
	int rc = read_type(config, file, error);
	for (size_t i = 0; rc == 0 && i < sizeof keys / sizeof *keys; i++)
		if (keys[i].types & BIT(config->type))
			rc = read_key(config, &keys[i], file, error);
	if (rc == 0)
		rc = read_activation(config, file, error);
	if (rc == 0)
		rc = check_demands(file, error);
	if (rc == 0)
		rc = check_forms(file, error);
	return rc < 0 ? rc : check_sizes(config, file, error);
}

int encoder_config_parse(struct encoder_config *out, const struct mapped_file *file, struct error *error)
{
	struct encoder_config config = {0};
	cJSON *root = NULL;
	int rc = json_read(&root, (const char *)file->bytes, file->length, error);
	const struct config_file parsed = {file->path, root};
	if (rc == -EINVAL)
		error_prefix(error, rc, file->path);
	if (rc == 0)
		rc = cJSON_IsObject(root) ? read_config(&config, &parsed, error)
		                          : error_set(error, -EINVAL, "%s: a JSON object was expected", file->path);
	cJSON_Delete(root);
	if (rc == 0)
		*out = config;
	return rc;
}

int encoder_config_read(struct encoder_config *out, const char *folder, struct error *error)
{
	struct mapped_file file = {0};
	int rc = mapped_file_open(&file, folder, ENCODER_CONFIG_NAME, error);
	if (rc == 0)
		rc = encoder_config_parse(out, &file, error);
	mapped_file_close(&file);
	return rc;
}

const char *encoder_type_name(enum encoder_type type)
{
	return words_name(&types, (int)type);
}

const char *encoder_type_class(enum encoder_type type)
{
	return class_names[type];
}
