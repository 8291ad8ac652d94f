"""The networks of train_speed.c in PyTorch, one thread: python3 train_speed.py [seconds per network]"""
import sys
import time

import torch
from torch import nn

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


seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3
for name, make in ("cnn", Cnn), ("bilstm", Bilstm), ("transformer", Transformer):
    print(f"{name}\t{measure(make(), seconds):.0f} sentences/s", flush=True)
