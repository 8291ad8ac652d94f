/* Files that PyTorch's torch.save made of a model's state: a zip archive of a pickle and storages,
 * or in the form of before version 1.6 five pickles and the storages behind them. */
#ifndef WORKER_PRETRAINED_TORCH_FILE_H
#define WORKER_PRETRAINED_TORCH_FILE_H

#include "worker/pretrained/mapped_file.h"
#include "worker/pretrained/weight.h"

/* Adds the file's tensors in its order; they lie in the mapped file. Nothing of the file is run
 * (pickle.h). -EINVAL with a sentence for anything that is not a dict of tensors within their
 * storages; -ENOMEM. */
int torch_file_read(struct weight_list *out, const struct mapped_file *file, struct error *error);

#endif
