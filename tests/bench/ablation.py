"""ablation.py KRE-TRAIN DATA [SEEDS [GROUP…]]: what each technique is worth. Trains a base and one change of it at a time, all
with the same splits and seeds (fold I of five with seed I), and prints the mean and deviation of the best epoch's F1 and AUPRC,
and of the F1's difference to the base. GROUP picks parts of the table by name; an encoder is pretrained on the task's own
sentences where a change needs one."""
import os
import statistics
import subprocess
import sys
import tempfile

SMALL = ["--max_tokens=96", "--embedding_width=64"]
GROUPS = {
    "linear": (["--model=linear", "--epochs=6"], [["--loss=focal"], ["--class_balance=0"], ["--loss=squared_hinge"]]),
    "mix": (["--model=mix", "--epochs=6"], [["--feature_rate=0"]]),
    "cnn": (
        ["--model=cnn", "--epochs=12"],
        [
            *([f"--marker={marker}"] for marker in ("none", "entity", "punct", "typed", "mask", "query")),
            ["--head=mlp"],
            ["--loss=focal"],
            ["--class_weights=none"],
            ["--class_weights=inverse"],
            ["--label_smoothing=0.1"],
            ["--average=ema"],
            ["--average=swa"],
            ["--r_drop=1"],
            ["--curriculum=length"],
            ["--optimizer=adafactor", "--learning_rate=0.005"],
            ["--unit=word"],
            ["--unit=bpe"],
        ],
    ),
    "bilstm": (
        ["--model=bilstm", "--epochs=12", "--units=64", *SMALL],
        [["--head=lstm"], ["--head=mlp"], ["--init=TAPT"]],
    ),
    "transformer": (
        ["--model=transformer", "--epochs=12", "--width=64", "--inner_width=256", *SMALL],
        [["--head=lstm"], ["--head=mlp"], ["--init=TAPT"]],
    ),
}


def pretrain(program, data, base, folder):
    """The encoder that the base's flags describe."""
    flags = [flag for flag in base if not flag.startswith("--epochs")]
    command = [program, "pretrain", "--data", data, "--epochs=20", f"--out={folder}", *flags]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return output.splitlines()[-1]


def score(program, data, flags, seed):
    """F1 and AUPRC of the best epoch."""
    command = [program, "--data", data, "--folds=5", f"--fold={seed % 5}", f"--seed={seed + 1}", *flags]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KRE_")}
    output = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    final = dict(word.split("=") for word in output.splitlines()[-1].split() if "=" in word)
    return float(final["f1"]), float(final["auprc"])


def spread(values):
    return f"{statistics.mean(values):.4f} ± {statistics.stdev(values) if len(values) > 1 else 0:.4f}"


def print_group(program, data, seeds, group):
    base, changes = GROUPS[group]
    reference = [score(program, data, base, seed) for seed in range(seeds)]
    print(f"| {' '.join(base)} | {spread([f1 for f1, _ in reference])} | {spread([ap for _, ap in reference])} | |", flush=True)
    for change in changes:
        with tempfile.TemporaryDirectory() as folder:
            init = pretrain(program, data, base, folder) if "--init=TAPT" in change else ""
            flags = base + [f"--init={init}" if flag == "--init=TAPT" else flag for flag in change]
            scores = [score(program, data, flags, seed) for seed in range(seeds)]
        gain = [f1 - before for (f1, _), (before, _) in zip(scores, reference)]
        row = spread([f1 for f1, _ in scores]), spread([ap for _, ap in scores]), spread(gain)
        print(f"| {' '.join(change)} | {row[0]} | {row[1]} | {row[2]} |", flush=True)


def main():
    program, data = sys.argv[1:3]
    seeds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    print("| change | F1 | AUPRC | F1 against the base |\n|---|---|---|---|")
    for group in sys.argv[4:] or GROUPS:
        print_group(program, data, seeds, group)


if __name__ == "__main__":
    main()
