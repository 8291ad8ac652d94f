/* A network's parameters: named tensors in one block of memory, with their gradients in a second
 * one of the same layout. */
#ifndef WORKER_NETWORK_PARAMETERS_H
#define WORKER_NETWORK_PARAMETERS_H

#include "schema/base/rng.h"
#include "worker/network/arrays.h"

enum tensor_kind {
	TENSOR_WEIGHT,      /* Glorot & Bengio 2010, eq. 16: uniform in ±√(6/(rows + columns)); decays */
	TENSOR_BIAS,        /* 0; does not decay */
	TENSOR_GAIN,        /* 1; does not decay */
	TENSOR_TABLE,       /* normal(0, 0.1); does not decay; row 0 is padding: stays 0 */
	TENSOR_EMBEDDING,   /* likewise, with gradients that are sparse by row */
	TENSOR_WORDS,       /* 0, to be filled from a file; gradients are sparse by row; does not decay */
	TENSOR_ROWS,        /* likewise, but not sparse */
	TENSOR_FEATURES,    /* 0; gradients are sparse by row; decays */
	TENSOR_FORGET_BIAS, /* 0, but 1 in the second quarter (an LSTM's forget gate: Jozefowicz et al. 2015, §3) */
};

enum { TENSOR_NAME_BYTES = ARRAY_NAME_BYTES };

struct tensor {
	char name[TENSOR_NAME_BYTES];
	enum tensor_kind kind;
	size_t rows, columns;
	size_t offset;  /* of the first element, in reals */
	double rate;    /* step size, in those of the training: 1 once declared; 0 = frozen, no gradient is looked at */
	bool rests;     /* stands still for now: is not moved, and its gradient stays 0 */
	bool elsewhere; /* its values lie in a pretrained folder, and never change */
};

struct parameters {
	size_t tensor_count, tensor_capacity;
	struct tensor *tensors;   /* owned */
	size_t count;             /* reals in all */
	real *values, *gradients; /* (count), owned; NULL until parameters_allocate */
};

#define PARAMETERS_NULL ((struct parameters){0})

/* Frees everything; a zeroed object is fine. */
void parameters_finish(struct parameters *parameters);

/* Declares a tensor (rows, columns) before parameters_allocate; *index names it from then on. 0 or
 * -ENOMEM. */
int parameters_declare(
        size_t *index, struct parameters *parameters, const char *name, enum tensor_kind kind, const size_t shape[2]);

/* One of several tensors. */
struct tensor_row {
	const char *name;
	enum tensor_kind kind;
	size_t shape[2];
};

/* Declares `count` tensors, called "PREFIX.name"; indices (count) name them. 0 or -ENOMEM. */
int parameters_declare_rows(size_t *indices, struct parameters *parameters, const char *prefix,
        const struct tensor_row *rows, size_t count);

/* Allocates values and zeroed gradients, and draws the values from `seed`, one stream per tensor. 0
 * or -ENOMEM. */
int parameters_allocate(struct parameters *parameters, uint64_t seed);

/* Lists the tensors whose values do not lie elsewhere in `values`, which is laid out as
 * parameters->values (or is that); borrowed. out->failed tells of memory. */
void parameters_list(struct arrays *out, const struct parameters *parameters, real *values);

/* The values / gradients of tensor `index`; borrowed until parameters_finish. */
real *parameters_value(const struct parameters *parameters, size_t index);
real *parameters_gradient(const struct parameters *parameters, size_t index);

/* The same gradients, or NULL where the tensor is frozen. */
real *parameters_wanted_gradient(const struct parameters *parameters, size_t index);

#endif
