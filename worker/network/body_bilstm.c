#include <assert.h>
#include <stdio.h>

#include "worker/network/body.h"
#include "worker/network/layers/activation.h"

static size_t layers_of(const struct body *body)
{
	return (size_t)body->options.lstm_layers;
}

static int declare(struct body *body, struct parameters *parameters)
{
	int rc = 0;
	assert(layers_of(body) >= 1 && layers_of(body) <= BODY_LAYERS_MAX);
	body->width = 2 * (size_t)body->options.units;
	for (size_t i = 0; rc == 0 && i < layers_of(body); i++) {
		const size_t sizes[2] = {i ? body->width : body->in, (size_t)body->options.units};
		char prefix[32];
		snprintf(prefix, sizeof prefix, "bilstm%zu", i);
		rc = bilstm_declare(&body->as.bilstm.layers[i], parameters, prefix, sizes);
	}
	return rc;
}

static void plan(struct body *body, struct workspace *workspace, const struct batch *batch)
{
	struct body_bilstm *bilstm = &body->as.bilstm;
	const size_t count = batch->sentences * batch->tokens * body->width;
	for (size_t i = 0; i < layers_of(body); i++) {
		bilstm_plan(&bilstm->layers[i], workspace, batch);
		bilstm->masks[i] = workspace_take(workspace, i + 1 < layers_of(body) ? count : 0);
	}
	bilstm->d_between = workspace_take(workspace, count);
	body->out = bilstm->layers[layers_of(body) - 1].out;
}

static bool drops(const struct body *body, const struct pass *pass, size_t layer)
{
	return pass->rng && body->options.dropout > 0 && layer + 1 < layers_of(body);
}

static void forward(struct body *body, const struct pass *pass, const real *in)
{
	struct body_bilstm *bilstm = &body->as.bilstm;
	const size_t count = pass->batch->sentences * pass->batch->tokens * body->width;
	for (size_t i = 0; i < layers_of(body); i++) {
		bilstm_forward(&bilstm->layers[i], pass, in);
		if (drops(body, pass, i))
			dropout_forward(
			        bilstm->layers[i].out, bilstm->masks[i], body->options.dropout, count, pass->rng);
		in = bilstm->layers[i].out;
	}
}

static void backward(struct body *body, const struct pass *pass, real *d_in, real *d_out)
{
	struct body_bilstm *bilstm = &body->as.bilstm;
	const size_t count = pass->batch->sentences * pass->batch->tokens * body->width;
	real *from = d_out, *to = bilstm->d_between;
	for (size_t i = layers_of(body); i-- > 0;) {
		if (drops(body, pass, i))
			dropout_backward(from, bilstm->masks[i], count);
		bilstm_backward(&bilstm->layers[i], pass, i ? to : d_in, from);
		real *kept = from;
		from = to;
		to = kept;
	}
}

const struct body_class body_bilstm = {"bilstm", false, false, declare, plan, forward, backward};
