/* The options of neural models, and what makes one kind differ from another. */
#ifndef WORKER_MODELS_NEURAL_OPTIONS_H
#define WORKER_MODELS_NEURAL_OPTIONS_H

#include "schema/base/error.h"
#include "worker/features/encoder.h"
#include "worker/learning/average.h"
#include "worker/learning/class_weights.h"
#include "worker/learning/curriculum.h"
#include "worker/learning/optimizer.h"
#include "worker/learning/schedule.h"
#include "worker/network/loss.h"
#include "worker/network/network.h"
#include "worker/text/tokens.h"

struct neural_options {
	struct token_options tokens;
	struct network_options network;
	struct optimizer_options optimizer;
	struct loss_options loss;
	struct encoder_options encoder; /* of the mixed model's features */
	double learning_rate, warmup;
	int schedule; /* index into schedule_names */
	struct class_weights_options class_weights;
	int64_t batch_size, threads;
	double word_dropout;
	struct curriculum_options curriculum;
	struct average_options average;
	double agreement;      /* weight of R-Drop's second loss; 0 = one pass per row */
	int body;              /* of the mixed model: 0 cnn, 1 bilstm, 2 transformer; of the others 0 */
	double vectors_rate;   /* step size of the tokens' vectors that --vectors begins, in that of the rest */
	int64_t vectors_words; /* words of --vectors that are known although no row has them */
	const char *init;      /* where the encoder to begin with is; the trainer reads it */
	const char *cache;     /* of frozen layers, likewise */
	double cache_gb;

	/* Of a pretrained folder's encoder. */
	double layer_decay;    /* step size of a layer, in that of the one above */
	double head_rate;      /* step size of what is new above the encoder, in that of the others */
	int64_t freeze_layers; /* the embeddings and so many lower layers are not trained; 0 = all are */
	int64_t head_epochs;   /* so many epochs at the start train the head alone */
	int64_t top_epochs;    /* so many after these train the two uppermost layers too */
	int train;             /* index into neural_trains: what is trained of the encoder */
};

/* all, bias; ended by NULL. */
extern const char *const neural_trains[];
enum neural_train_kind { NEURAL_TRAIN_ALL, NEURAL_TRAIN_BIAS };

/* What makes one neural model differ from another, beside its table of options. `kinds` of their
 * struct model_class are one of these, or one for each value of the option `body`. */
struct neural_kind {
	const struct body_class *body;
	bool features; /* with a linear layer on sparse features */
};

/* What the table of options cannot say. 0, or -EINVAL with a sentence. */
int neural_check(const struct neural_options *options, const struct neural_kind *kind, struct error *error);

/* Whether what stands on a pretrained encoder is the head that transformers has there for
 * sequences: that of hf over the first token alone. */
bool neural_head_is_theirs(const struct neural_options *options);

#endif
