"""The networks of train_speed.c there and in PyTorch, one thread each, in turn so that both see the same load:

    python3 train_speed.py BUILD/tests/bench/train_speed [rounds] [seconds per measurement]

Prints the medians over the rounds, the ratio with its least and greatest, and our share of the machine's matrix products: what
the products of a sentence come to at our speed, over the rate of a large product in the same round. Both sides use
OpenBLAS (libblas.so.3 has to be OpenBLAS's); which kernels it chose is printed first."""
import os
import statistics
import subprocess
import sys
import time

os.environ["OPENBLAS_VERBOSE"] = "2"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import torch  # noqa: E402: it reads the environment
from torch import nn  # noqa: E402

B, T, VOCABULARY, REACH, C, BATCHES = 32, 60, 20000, 50, 30, 8
torch.set_num_threads(1)
torch.manual_seed(1)


class Embed(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, 100, padding_idx=0, sparse=True)
        self.places = nn.ModuleList(nn.Embedding(2 * REACH + 2, 10, padding_idx=0) for _ in range(2))

    def forward(self, ids, places):
        return torch.cat([self.words(ids), self.places[0](places), self.places[1](places)], 2)


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.conv = Embed(), nn.Conv1d(120, 230, 3, padding=1)
        self.out = nn.Sequential(nn.Dropout(0.5), nn.Linear(230, C))

    def forward(self, ids, places):
        return self.out(torch.tanh(self.conv(self.embed(ids, places).transpose(1, 2)).amax(2)))


class Bilstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.lstm = Embed(), nn.LSTM(120, 128, bidirectional=True, batch_first=True)
        self.weight = nn.Linear(256, 1, bias=False)
        self.out = nn.Sequential(nn.Dropout(0.5), nn.Linear(256, C))

    def forward(self, ids, places):
        hidden = self.lstm(self.embed(ids, places))[0]
        alpha = torch.softmax(self.weight(torch.tanh(hidden)), 1)
        return self.out(torch.tanh((alpha * hidden).sum(1)))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.project = Embed(), nn.Linear(120, 128)
        self.places = nn.Parameter(torch.randn(T, 128) * 0.1)
        block = nn.TransformerEncoderLayer(128, 4, 512, 0.0, "gelu", batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(block, 2, nn.LayerNorm(128))
        self.out = nn.Sequential(nn.Dropout(0.5), nn.Linear(256, C))

    def forward(self, ids, places):
        hidden = self.blocks(self.project(self.embed(ids, places)) + self.places)
        return self.out(torch.cat([hidden[:, 10], hidden[:, 30]], 1))


def measure(network, seconds):
    sparse = [network.embed.words.weight]
    dense = [p for p in network.parameters() if p is not sparse[0]]
    optimizers = [torch.optim.SparseAdam(sparse, 1e-3), torch.optim.AdamW(dense, 1e-3, weight_decay=0.01)]
    ids = torch.randint(1, VOCABULARY, (BATCHES, B, T))
    places, labels = torch.randint(1, 2 * REACH + 2, (B, T)), torch.randint(0, C, (B,))
    network.train()

    def step(i):
        loss = nn.functional.cross_entropy(network(ids[i % BATCHES], places), labels)
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(dense, 5)
        for optimizer in optimizers:
            optimizer.step()

    for i in range(3):
        step(i)
    steps, start = 0, time.process_time()
    while time.process_time() - start < seconds:
        step(steps)
        steps += 1
    return steps * B / (time.process_time() - start)


def ours(program, seconds, name):
    """The numbers of one line of train_speed: sentences/s and GFLOP per sentence, or GFLOP/s and the kernels' name."""
    done = subprocess.run([program, str(seconds), name], check=True, capture_output=True, text=True)
    fields = done.stdout.strip().split("\t")
    return float(fields[1].split()[0]), fields[2]


def main(program, rounds=5, seconds=2.0):
    print(f"OpenBLAS kernels: ours {ours(program, 0.1, 'GEMM')[1]}, PyTorch's by its own line \"Core\" on stderr", flush=True)
    products, lines = [], {name: [] for name in NETWORKS}
    for _ in range(rounds):
        rate = ours(program, seconds / 2, "GEMM")[0]
        products.append(rate)
        for name, make in NETWORKS.items():
            own, work = ours(program, seconds, name)
            lines[name].append((own, measure(make(), seconds), own * float(work) / rate))
    print(f"large matrix product: {statistics.median(products):.1f} GFLOP/s")
    print("network      ours/s  PyTorch/s  ratio (least, greatest)  share of the products' rate")
    for name, line in lines.items():
        ratios = [own / peer for own, peer, _ in line]
        own, peer, share = (statistics.median(column) for column in zip(*line))
        print(f"{name:12} {own:6.0f}  {peer:9.0f}  {statistics.median(ratios):5.2f} ({min(ratios):.2f}, {max(ratios):.2f})"
              f"        {share:.2f}")


NETWORKS = {"cnn": Cnn, "bilstm": Bilstm, "transformer": Transformer}
main(sys.argv[1], *(kind(text) for kind, text in zip((int, float), sys.argv[2:])))
