"""A sweep's script with the real client, offline; prints what the client made of the trial's parameters."""

import argparse

import wandb

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.add_argument("--layers", type=int)
given = parser.parse_args()
run = wandb.init(mode="offline", config=vars(given), settings=wandb.Settings(silent=True))
for epoch in range(2):
    run.log({"val_f1": 0.5 + epoch / 10})
agrees = run.config.lr == given.lr and run.config.layers == given.layers
print(f"val_f1=0.6 agrees={int(agrees)}", flush=True)
run.finish()
