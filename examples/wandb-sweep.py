"""A script as people write them for W&B's sweeps: flags, wandb.init, wandb.log. Its training is a formula."""

import argparse
import math

import wandb

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=1e-4)
parser.add_argument("--batch_size", type=int, default=32)
parser.add_argument("--warmup_ratio", type=float, default=0.1)
parser.add_argument("--entity_marker", default="plain")
parser.add_argument("--epochs", type=int, default=5)

wandb.init(project="klue-re", config=parser.parse_args())
config = wandb.config
best = 0.7 - 0.05 * abs(math.log10(config.lr / 1e-4)) - 0.02 * (config.entity_marker == "plain") - abs(config.warmup_ratio - 0.1) / 5
for epoch in range(1, config.epochs + 1):
    f1 = best * (1 - 0.5 ** (epoch * 32 / config.batch_size))
    wandb.log({"epoch": epoch, "train/loss": 1 - f1, "val_f1": f1})
