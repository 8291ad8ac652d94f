"""The encoders of encoder_speed.c there and in transformers on PyTorch, one thread each, in turn so that both see the same load:

    python3 encoder_speed.py BUILD/tests/bench/encoder_speed [rounds] [seconds per measurement] [encoders, such as minilm,base]

Prints sentences/s of both, medians over the rounds, the ratio with its least and greatest, and our share of the machine's matrix
products: what the products of a sentence come to at our speed, over the rate of a large product in the same round. PyTorch
pads a batch to its longest sentence, as transformers' collators do; in `rows` the batches are random, in `bucketed` they
are of rows of about the same length, there only: ours have no padding to spare."""
import os
import statistics
import subprocess
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import torch  # noqa: E402: it reads the environment
from transformers import BertConfig, BertForSequenceClassification  # noqa: E402

B, T, WORDS, C, BATCHES = 16, 60, 30522, 30, 4
SIZES = {"minilm": (6, 384, 12), "small": (6, 768, 12), "base": (12, 768, 12)}
ROW_LENGTHS = [28, 36, 41, 43, 48, 50, 52, 57, 60, 64, 68, 74, 83, 86, 98, 129]
torch.set_num_threads(1)
torch.manual_seed(1)


def batches(task):
    lengths = torch.full((BATCHES * B,), T) if task == "equal" else torch.tensor(ROW_LENGTHS * (BATCHES * B // 16))
    lengths = lengths.sort()[0] if task == "bucketed" else lengths[torch.randperm(BATCHES * B)]
    for i in range(0, BATCHES * B, B):
        length = lengths[i:i + B]
        mask = (torch.arange(int(length.max()))[None] < length[:, None]).long()
        yield torch.randint(1, WORDS, mask.shape) * mask, mask, torch.randint(0, C, (B,))


def measure(network, train, lengths, seconds):
    optimizer = torch.optim.AdamW(network.parameters(), 1e-4, weight_decay=0.01)
    network.train(train)
    given = list(batches(lengths))

    def step(i):
        ids, mask, labels = given[i % BATCHES]
        with torch.set_grad_enabled(train):
            loss = network(ids, attention_mask=mask, labels=labels).loss
        if train:
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1)
            optimizer.step()

    step(0)
    steps, start = 0, time.process_time()
    while time.process_time() - start < seconds or steps % BATCHES:
        step(steps)
        steps += 1
    return steps * B / (time.process_time() - start)


def ours(program, *arguments):
    """The numbers of one line of encoder_speed: sentences/s and GFLOP per sentence, or GFLOP/s and the kernels' name."""
    done = subprocess.run([program, *map(str, arguments)], check=True, capture_output=True, text=True)
    fields = done.stdout.strip().split("\t")
    return float(fields[1].split()[0]), fields[2]


def network_of(name):
    layers, width, heads = SIZES[name]
    return BertForSequenceClassification(BertConfig(vocab_size=WORDS, hidden_size=width, num_hidden_layers=layers,
                                                    num_attention_heads=heads, intermediate_size=4 * width, num_labels=C))


def main(program, rounds=3, seconds=5.0, names="minilm,small,base"):
    print(f"kernels: ours {ours(program, 0.1, 'GEMM')[1]}; PyTorch {torch.__version__}, "
          f"{torch.backends.cpu.get_cpu_capability()}, {'MKL' if torch.backends.mkl.is_available() else 'no MKL'}", flush=True)
    print("encoder                     ours/s  PyTorch/s  ratio (least, greatest)  share of the products' rate")
    for name in names.split(","):
        network = network_of(name)
        for task in ("train", "forward"):
            for lengths in ("equal", "rows", "bucketed"):
                lines = []
                for _ in range(rounds):
                    rate = ours(program, seconds / 4, "GEMM")[0]
                    own, work = ours(program, seconds, name, task, "equal" if lengths == "equal" else "rows")
                    lines.append((own, measure(network, task == "train", lengths, seconds), own * float(work) / rate))
                ratios = [own / peer for own, peer, _ in lines]
                own, peer, share = (statistics.median(column) for column in zip(*lines))
                print(f"{name:8} {task:8} {lengths:8}  {own:6.2f}  {peer:9.2f}  {statistics.median(ratios):5.2f} "
                      f"({min(ratios):.2f}, {max(ratios):.2f})        {share:.2f}", flush=True)


main(sys.argv[1], *(kind(text) for kind, text in zip((int, float, str), sys.argv[2:])))
