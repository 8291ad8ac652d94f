/* How often each class was predicted for each, and the scores that follow. All scores are shares (0
 * to 1); the competition prints them times 100. */
#ifndef WORKER_TRAINER_CONFUSION_H
#define WORKER_TRAINER_CONFUSION_H

#include <stddef.h>

struct confusion {
	size_t classes;
	size_t rows;    /* counted so far */
	size_t *counts; /* (truth, predicted), owned */
};

struct class_result {
	double precision, recall, f1; /* 0 where undefined */
	size_t support;               /* rows whose truth is the class */
};

/* A table of zeros. 0 or -ENOMEM. */
int confusion_init(struct confusion *confusion, size_t classes);

/* Frees the table; a zeroed one is fine. */
void confusion_finish(struct confusion *confusion);

/* Counts one row. */
void confusion_count(struct confusion *confusion, size_t truth, size_t predicted);

/* The number of rows with this truth and this prediction. */
size_t confusion_at(const struct confusion *confusion, size_t truth, size_t predicted);

/* KLUE-RE's ranking metric: F1 over all rows together, where class `negative` ("no relation")
 * counts neither as prediction nor as truth. Equals scikit-learn's f1_score(average="micro") over
 * the other labels. 0 when there are none. */
double confusion_micro_f1(const struct confusion *confusion, size_t negative);

/* SemEval-2010 Task 8's official score: classes 2r and 2r+1 are the directions of relation r and
 * the last class is Other. A prediction of the right relation in the wrong direction is an error of
 * both sides; the mean of the relations' F1, Other left out (Hendrickx et al. 2010, section 4).
 * The mean is over the relations that are true of some row, as in the official scorer 1.2; one that
 * is only predicted is no part of it. */
double confusion_directed_f1(const struct confusion *confusion);

/* Share of rows on the diagonal. */
double confusion_accuracy(const struct confusion *confusion);

/* One class against all others. */
struct class_result confusion_class(const struct confusion *confusion, size_t class);

#endif
