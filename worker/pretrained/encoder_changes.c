#include "worker/pretrained/encoder_changes.h"

#include <stdio.h>

#include "schema/space/json_parse.h"

/* Puts the item, which it takes, in the place of the key's, or at the end. cJSON replaces an item
 * also when it has no memory for its key. */
static bool put(cJSON *root, const char *key, cJSON *item)
{
	if (!item)
		return false;
	const bool known = cJSON_GetObjectItemCaseSensitive(root, key);
	if (known && cJSON_ReplaceItemInObjectCaseSensitive(root, key, item))
		return item->string;
	if (!known && cJSON_AddItemToObject(root, key, item))
		return true;
	cJSON_Delete(item);
	return false;
}

static bool put_class(cJSON *root, const struct encoder_changes *changes)
{
	struct text name = TEXT_NULL;
	const char *end = changes->guesses ? "ForMaskedLM" : "Model";
	text_printf(
	        &name, "%s%s", encoder_type_class(changes->type), changes->labels ? "ForSequenceClassification" : end);
	const char *const names[] = {text_string(&name)};
	const bool good = !name.failed && put(root, "architectures", cJSON_CreateStringArray(names, 1));
	text_finish(&name);
	return good;
}

static bool put_labels(cJSON *root, const struct encoder_changes *changes)
{
	cJSON *names = cJSON_CreateObject(), *ids = cJSON_CreateObject();
	bool good = names && ids;
	for (size_t i = 0; good && i < changes->label_count; i++) {
		char id[24];
		snprintf(id, sizeof id, "%zu", i);
		good = cJSON_AddStringToObject(names, id, changes->labels[i]) &&
		       cJSON_AddNumberToObject(ids, changes->labels[i], (double)i);
	}
	if (!good) {
		cJSON_Delete(names);
		cJSON_Delete(ids);
		return false;
	}
	good = put(root, "id2label", names);
	return put(root, "label2id", ids) && good;
}

/* Files of ours are F32: a reader that goes by the config would halve them. */
static bool put_float(cJSON *root, const char *key)
{
	return !cJSON_GetObjectItemCaseSensitive(root, key) || put(root, key, cJSON_CreateString("float32"));
}

/* Old files do not name the type, which transformers wants; and the number of labels is that of
 * their names. */
static bool change(cJSON *root, const struct encoder_changes *changes)
{
	cJSON_DeleteItemFromObjectCaseSensitive(root, "num_labels");
	return put(root, "model_type", cJSON_CreateString(encoder_type_name(changes->type))) &&
	       put_class(root, changes) && (!changes->labels || put_labels(root, changes)) &&
	       put(root, "vocab_size", json_number((double)changes->vocabulary)) && put_float(root, "torch_dtype") &&
	       put_float(root, "dtype");
}

int encoder_config_print(
        struct text *out, const char *folder, const struct encoder_changes *changes, struct error *error)
{
	struct mapped_file file = {0};
	cJSON *root = NULL;
	int rc = mapped_file_open(&file, folder, ENCODER_CONFIG_NAME, error);
	if (rc == 0)
		rc = json_read(&root, (const char *)file.bytes, file.length, error);
	if (rc == -EINVAL && file.path)
		error_prefix(error, rc, file.path);
	if (rc == 0 && !cJSON_IsObject(root))
		rc = error_set(error, -EINVAL, "%s: a JSON object was expected", file.path);
	if (rc == 0 && !change(root, changes))
		rc = error_no_memory(error);
	if (rc == 0) {
		json_append(root, out);
		text_append(out, "\n");
	}
	cJSON_Delete(root);
	mapped_file_close(&file);
	return rc == 0 && out->failed ? error_no_memory(error) : rc;
}
