"""The networks of train_speed.c there and in PyTorch, one thread each, in turn so that both see the same load:

    python3 train_speed.py [--avx2] BUILD/tests/bench/train_speed [rounds] [seconds per measurement]

Prints the medians over the rounds, the ratio with its least and greatest, and our share of the machine's matrix products: what
the products of a sentence come to at our speed, over the rate of a large product in the same round. With --avx2 both sides
do without AVX512. In `equal` all sentences have 60 tokens; in `rows` they have lengths as KLUE's, in random batches, which
PyTorch pads to the longest of each (`packed`: its LSTM gets a packed sequence); in `bucketed` its batches are of rows of about
the same length, ours as before."""
import os
import statistics
import subprocess
import sys
import time

AVX2 = {"OPENBLAS_CORETYPE": "Haswell", "ATEN_CPU_CAPABILITY": "avx2", "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "ONEDNN_MAX_CPU_ISA": "AVX2"}
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"
if "--avx2" in sys.argv:
    sys.argv.remove("--avx2")
    os.environ.update(AVX2)

import torch  # noqa: E402: it reads the environment
from torch import nn  # noqa: E402

B, T, LONGEST, VOCABULARY, REACH, C, BATCHES = 32, 60, 129, 20000, 50, 30, 8
ROW_LENGTHS = [28, 36, 41, 43, 48, 50, 52, 57, 60, 64, 68, 74, 83, 86, 98, LONGEST]
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

    def forward(self, ids, places, lengths):
        return self.out(torch.tanh(self.conv(self.embed(ids, places).transpose(1, 2)).amax(2)))


class Bilstm(nn.Module):
    def __init__(self, packed=False):
        super().__init__()
        self.embed, self.lstm = Embed(), nn.LSTM(120, 128, bidirectional=True, batch_first=True)
        self.weight = nn.Linear(256, 1, bias=False)
        self.out = nn.Sequential(nn.Dropout(0.5), nn.Linear(256, C))
        self.packed = packed

    def read(self, words, lengths):
        if not self.packed:
            return self.lstm(words)[0]
        packed = nn.utils.rnn.pack_padded_sequence(words, lengths, batch_first=True, enforce_sorted=False)
        return nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)[0]

    def forward(self, ids, places, lengths):
        hidden = self.read(self.embed(ids, places), lengths)
        scores = self.weight(torch.tanh(hidden)).masked_fill((ids == 0)[..., None], -1e9)
        return self.out(torch.tanh((torch.softmax(scores, 1) * hidden).sum(1)))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.project = Embed(), nn.Linear(120, 128)
        self.places = nn.Parameter(torch.randn(LONGEST, 128) * 0.1)
        block = nn.TransformerEncoderLayer(128, 4, 512, 0.0, "gelu", batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(block, 2, nn.LayerNorm(128))
        self.out = nn.Sequential(nn.Dropout(0.5), nn.Linear(256, C))

    def forward(self, ids, places, lengths):
        words = self.project(self.embed(ids, places)) + self.places[:ids.shape[1]]
        padding = None if int(lengths.min()) == ids.shape[1] else ids == 0
        hidden = self.blocks(words, src_key_padding_mask=padding)
        return self.out(torch.cat([hidden[:, 10], hidden[:, 20]], 1))


def batches(task):
    lengths = torch.full((BATCHES * B,), T) if task == "equal" else torch.tensor(ROW_LENGTHS * (BATCHES * B // len(ROW_LENGTHS)))
    lengths = lengths.sort()[0] if task == "bucketed" else lengths[torch.randperm(BATCHES * B)]
    for i in range(0, BATCHES * B, B):
        length = lengths[i:i + B]
        tokens = (torch.arange(int(length.max()))[None] < length[:, None]).long()
        yield (torch.randint(1, VOCABULARY, tokens.shape) * tokens, torch.randint(1, 2 * REACH + 2, tokens.shape) * tokens,
               length, torch.randint(0, C, (B,)))


def measure(network, task, seconds):
    sparse = [network.embed.words.weight]
    dense = [p for p in network.parameters() if p is not sparse[0]]
    optimizers = [torch.optim.SparseAdam(sparse, 1e-3), torch.optim.AdamW(dense, 1e-3, weight_decay=0.01)]
    given = list(batches(task))
    network.train()

    def step(i):
        ids, places, lengths, labels = given[i % BATCHES]
        loss = nn.functional.cross_entropy(network(ids, places, lengths), labels)
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(dense, 5)
        for optimizer in optimizers:
            optimizer.step()

    for i in range(3):
        step(i)
    steps, start = 0, time.process_time()
    while time.process_time() - start < seconds or steps % BATCHES:
        step(steps)
        steps += 1
    return steps * B / (time.process_time() - start)


def ours(program, *arguments):
    """The numbers of one line of train_speed: sentences/s and GFLOP per sentence, or GFLOP/s and the kernels' name."""
    done = subprocess.run([program, *map(str, arguments)], check=True, capture_output=True, text=True)
    fields = done.stdout.strip().split("\t")
    return float(fields[1].split()[0]), fields[2]


def measure_both(program, name, task, seconds):
    rate = ours(program, seconds / 4, "GEMM")[0]
    own, work = ours(program, seconds, name.split()[0], "equal" if task == "equal" else "rows")
    return own, measure(NETWORKS[name](), task, seconds), own * float(work) / rate, rate


def main(program, rounds=5, seconds=2.0):
    print(f"kernels: ours {ours(program, 0.1, 'GEMM')[1]}; PyTorch {torch.__version__}, "
          f"{torch.backends.cpu.get_cpu_capability()}, {'MKL' if torch.backends.mkl.is_available() else 'no MKL'}", flush=True)
    print("network         lengths    ours/s  PyTorch/s  ratio (least, greatest)  share of the products' rate (GFLOP/s)")
    for task in ("equal", "rows", "bucketed"):
        for name in NETWORKS:
            if task == "equal" and "packed" in name:
                continue
            lines = [measure_both(program, name, task, seconds) for _ in range(rounds)]
            ratios = [own / peer for own, peer, _, _ in lines]
            own, peer, share, rate = (statistics.median(column) for column in zip(*lines))
            print(f"{name:15} {task:8}  {own:7.0f}  {peer:9.0f}  {statistics.median(ratios):5.2f} ({min(ratios):.2f}, "
                  f"{max(ratios):.2f})        {share:.2f} ({rate:.1f})", flush=True)


NETWORKS = {"cnn": Cnn, "bilstm": Bilstm, "bilstm packed": lambda: Bilstm(True), "transformer": Transformer}
main(sys.argv[1], *(kind(text) for kind, text in zip((int, float), sys.argv[2:])))
