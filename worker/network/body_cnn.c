#include <assert.h>
#include <string.h>

#include "worker/network/body.h"
#include "worker/network/layers/convolution.h"

const char *const cnn_pooling_names[] = {"max", "piecewise", NULL};

static size_t segments_of(const struct body *body)
{
	return body->options.piecewise ? 3 : 1;
}

static int declare(struct body *body, struct parameters *parameters)
{
	struct body_cnn *cnn = &body->as.cnn;
	const size_t filters = (size_t)body->options.filters;
	const size_t weight[2] = {filters, (size_t)body->options.window * body->in}, bias[2] = {filters, 1};
	assert(body->options.window % 2 == 1);
	body->width = filters * segments_of(body);
	int rc = parameters_declare(&cnn->weight, parameters, "cnn.weight", TENSOR_WEIGHT, weight);
	return rc < 0 ? rc : parameters_declare(&cnn->bias, parameters, "cnn.bias", TENSOR_BIAS, bias);
}

static struct convolution_shape shape_of(const struct body *body, const struct batch *batch)
{
	return (struct convolution_shape){batch->sentences, batch->tokens, body->in, (size_t)body->options.filters,
	        (size_t)body->options.window, segments_of(body)};
}

static void plan(struct body *body, struct workspace *workspace, const struct batch *batch)
{
	struct body_cnn *cnn = &body->as.cnn;
	const struct convolution_shape shape = shape_of(body, batch);
	const size_t rows = convolution_padded_rows(&shape);
	body->out = workspace_take(workspace, batch->sentences * body->width);
	cnn->ends = workspace_take_ints(workspace, batch->sentences * shape.segments);
	cnn->argmax = workspace_take_ints(workspace, batch->sentences * body->width);
	cnn->padded = workspace_take(workspace, rows * body->in);
	cnn->d_padded = workspace_take(workspace, rows * body->in);
	cnn->convolved = workspace_take(workspace, batch->tokens * shape.filters);
	cnn->panels = workspace_take(workspace, convolution_panels_size(&shape));
}

/* The segments end with the first entity, with the second, and with the sentence (Zeng et al. 2015,
 * §3.3). */
static void set_ends(int *ends, const struct batch *batch, size_t b, int piecewise)
{
	const int subject = batch->ends[0][b], object = batch->ends[1][b];
	if (piecewise) {
		*ends++ = subject < object ? subject : object;
		*ends++ = subject < object ? object : subject;
	}
	*ends = batch->lengths[b];
}

static real *sentence_of(real *padded, const struct body *body, const struct batch *batch, size_t b)
{
	const size_t edge = (size_t)body->options.window - 1;
	return padded + (b * (batch->tokens + edge) + edge / 2) * body->in;
}

static void forward(struct body *body, const struct pass *pass, const real *in)
{
	struct body_cnn *cnn = &body->as.cnn;
	const struct batch *batch = pass->batch;
	const struct convolution_shape shape = shape_of(body, batch);
	const size_t count = batch->tokens * body->in, edge = shape.window / 2 * body->in;
	for (size_t b = 0; b < batch->sentences; b++) {
		real *own = sentence_of(cnn->padded, body, batch, b);
		memset(own - edge, 0, edge * sizeof *own);
		memcpy(own, in + b * count, count * sizeof *in);
		memset(own + count, 0, edge * sizeof *own);
		set_ends(cnn->ends + b * shape.segments, batch, b, body->options.piecewise);
	}
	const struct convolution_forward convolution = {body->out, cnn->argmax, cnn->convolved, cnn->panels,
	        cnn->padded, parameters_value(pass->parameters, cnn->weight),
	        parameters_value(pass->parameters, cnn->bias), cnn->ends};
	convolution_forward(&convolution, &shape);
}

static void backward(struct body *body, const struct pass *pass, real *d_in, real *d_out)
{
	struct body_cnn *cnn = &body->as.cnn;
	const struct batch *batch = pass->batch;
	const struct convolution_shape shape = shape_of(body, batch);
	const size_t count = batch->tokens * body->in;
	memset(cnn->d_padded, 0, convolution_padded_rows(&shape) * body->in * sizeof *cnn->d_padded);
	const struct convolution_backward convolution = {parameters_gradient(pass->parameters, cnn->weight),
	        parameters_gradient(pass->parameters, cnn->bias), cnn->d_padded, d_out, body->out, cnn->argmax,
	        cnn->padded, parameters_value(pass->parameters, cnn->weight)};
	convolution_backward(&convolution, &shape);
	for (size_t b = 0; b < batch->sentences; b++)
		memcpy(d_in + b * count, sentence_of(cnn->d_padded, body, batch, b), count * sizeof *d_in);
}

const struct body_class body_cnn = {"cnn", true, false, declare, plan, forward, backward};
