/* A pretrained encoder, fine-tuned: Devlin et al. 2019 and those after it; entity starts:
 * Baldini Soares et al. 2019. */
#include "worker/models/neural_class.h"
#include "worker/models/neural_export.h"
#include "worker/models/neural_rows.h"
#include "worker/tokenizers/marked_text.h"

static const struct neural_kind kind = {&body_encoder, false};

static const struct option table[] = {
        {"init", OPTION_TEXT, NEURAL_AT(init), NULL, 0, 0, NULL, "DIR",
                "folder of the pretrained encoder, in Hugging Face's layout [KRE_FILE_ENCODER]"},
        {"marker", OPTION_CHOICE, NEURAL_AT(tokens.marker), "typed_punct", 0, 0, marked_text_markers, "",
                "how the entities are marked in the sentence; added: by tokens that the encoder has not had yet"},
        {"max_tokens", OPTION_INTEGER, NEURAL_AT(tokens.most), "128", 16, 8192, NULL, "tokens",
                "longer sentences keep the part around their entities"},
        {"pooling", OPTION_CHOICE, NEURAL_NETWORK(pooling), "cls_entity_start", 0, 0, pool_names, "",
                "what becomes the sentence's vector"},
        {"head", OPTION_CHOICE, NEURAL_NETWORK(head), "linear", 0, 0, encoder_head_names, "",
                "from the sentence's vector to the classes; lstm reads all tokens instead of pooling; hf: as the "
                "original has "
                "it"},
        {"head_width", OPTION_INTEGER, NEURAL_NETWORK(head_width), "256", 2, 2048, NULL, "",
                "units inside the mlp, or of the lstm per direction"},
        {"layer_dropout", OPTION_NUMBER, NEURAL_NETWORK(body.dropout), "0.1", 0, 0.9, NULL, "",
                "dropout of the embedded tokens and inside the layers (the folder's, if not given)"},
        {"attention_dropout", OPTION_NUMBER, NEURAL_NETWORK(body.encoder.attention_dropout), "0.1", 0, 0.9, NULL, "",
                "dropout of attention's weights (the folder's, if not given)"},
        {"hidden_dropout", OPTION_NUMBER, NEURAL_NETWORK(hidden_dropout), "0.1", 0, 0.9, NULL, "",
                "dropout of the sentence's vector (the folder's, if not given)"},
        {"layer_decay", OPTION_NUMBER, NEURAL_AT(layer_decay), "1", 0.01, 1, NULL, "",
                "step size of a layer, in that of the layer above"},
        {"head_rate", OPTION_NUMBER, NEURAL_AT(head_rate), "1", 0.001, 10000, NULL, "",
                "step size of pooling and head, in that of the encoder"},
        {"freeze_layers", OPTION_INTEGER, NEURAL_AT(freeze_layers), "0", 0, BODY_LAYERS_MAX, NULL, "layers",
                "the embeddings and so many lower layers are not trained; 0 = all are trained"},
        {"head_epochs", OPTION_INTEGER, NEURAL_AT(head_epochs), "0", 0, 10000, NULL, "epochs",
                "so many at the start train the head alone: cheap ones, for pruners to look at"},
        {"top_epochs", OPTION_INTEGER, NEURAL_AT(top_epochs), "0", 0, 10000, NULL, "epochs",
                "so many after these train the two uppermost layers too, before all are trained"},
        {"cache", OPTION_TEXT, NEURAL_AT(cache), NULL, 0, 0, NULL, "DIR",
                "where what frozen layers make of sentences is kept for every training of this machine; none = nowhere "
                "[KRE_CACHE/hidden]"},
        {"cache_gb", OPTION_NUMBER, NEURAL_AT(cache_gb), "20", 0, 1e6, NULL, "GB",
                "how much may be kept there; what was used longest ago goes"},
        {"train", OPTION_CHOICE, NEURAL_AT(train), "all", 0, 0, neural_trains, "",
                "what of the encoder is trained: everything, or its biases alone"},
        NEURAL_STEP_ROWS_OF("5e-05", "0.1", "0.999", "1", "16"),
        NEURAL_LOSS_ROWS("none"),
};

const struct model_class model_encoder = {
        .name = "encoder",
        .help = "pretrained encoder (BERT, RoBERTa, XLM-R, ELECTRA, DistilBERT), fine-tuned",
        .options = table,
        .option_count = sizeof table / sizeof *table,
        .wants_folder = true,
        .kinds = &kind,
        NEURAL_FUNCTIONS,
        .export = neural_export,
};
