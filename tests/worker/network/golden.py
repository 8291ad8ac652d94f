"""Writes golden.h: networks, losses and optimizers computed by PyTorch in double precision, for test_golden.c.

    python3 golden.py > golden.h && clang-format -i golden.h

The parameters of a network are one vector, cut up in the order in which network_declare declares its tensors; element k is
0.3 sin(1.7 k + 0.3), but rows of padding are 0. Sentences are computed one by one, so there is no padding here to get wrong."""
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
TOKENS, E, P, REACH, FILTERS, WINDOW, UNITS, D, HEADS, LAYERS, INNER, T, C, M, FEATURES = 9, 3, 2, 3, 4, 3, 2, 4, 2, 2, 5, 5, 4, 3, 6
IDS = [[2, 3, 4, 5, 2], [6, 7, 1], [8, 3, 3, 6]]
PLACES = [[[4, 5, 6, 7, 7], [3, 4, 5], [2, 3, 4, 4]], [[1, 2, 3, 4, 5], [4, 5, 6], [4, 5, 6, 7]]]
STARTS, ENDS = [[0, 1, 2], [3, 0, 0]], [[1, 2, 4], [4, 1, 2]]
FEATURE_ROWS = [[(1, 1), (4, 0.5)], [(2, 2)], [(5, -1), (1, 0.25)]]
LABELS, WEIGHTS = [1, 3, 0], [0.5, 1.5, 1, 2]
RATE, DECAY, BETAS, CLIP, FEATURE_RATE = 0.01, 0.1, (0.9, 0.99), 0.5, 3
POOLINGS = ["attention", "max", "last", "cls", "entity_start", "entity_start_end", "lstm"]


class Tensors:
    """Named slices of one vector, in the order of their declaration."""

    def __init__(self):
        self.count, self.parts = 0, []

    def take(self, *shape, kind="weight"):
        n = torch.Size(shape).numel()
        value = 0.3 * torch.sin(1.7 * torch.arange(self.count, self.count + n, dtype=torch.float64) + 0.3)
        value = value.reshape(shape)
        if kind == "table":
            value[0] = 0
        self.count += n
        value.requires_grad_()
        self.parts.append((kind, value))
        return value


class Lstm:
    def __init__(self, tensors, width, units):
        self.units = units
        self.weights = [(tensors.take(4 * units, width), tensors.take(4 * units, units), tensors.take(4 * units, kind="bias"))
                        for _ in range(2)]

    def walk(self, x, weights):
        h = c = torch.zeros(1, self.units)
        out = []
        for row in x:
            h, c = torch.lstm_cell(row[None], (h, c), *weights, torch.zeros(4 * self.units))
            out.append(h[0])
        return torch.stack(out)

    def __call__(self, x):
        return torch.cat([self.walk(x, self.weights[0]), self.walk(x.flip(0), self.weights[1]).flip(0)], 1)


class Cnn:
    def __init__(self, tensors, width, piecewise):
        self.piecewise, self.width = piecewise, FILTERS * (3 if piecewise else 1)
        self.weight, self.bias = tensors.take(FILTERS, WINDOW, width), tensors.take(FILTERS, kind="bias")

    def __call__(self, x, b):
        y = F.conv1d(x.T[None], self.weight.transpose(1, 2), self.bias, padding=WINDOW // 2)[0]
        cuts = sorted(ENDS[i][b] for i in range(2)) if self.piecewise else []
        edges = [0] + cuts + [len(x)]
        segments = [y[:, i:j] for i, j in zip(edges, edges[1:])]
        return torch.cat([torch.tanh(s.amax(1)) if s.shape[1] else torch.zeros(FILTERS) for s in segments])


class Bilstm:
    width = 2 * UNITS

    def __init__(self, tensors, width, _):
        self.lstm = Lstm(tensors, width, UNITS)

    def __call__(self, x, _):
        return self.lstm(x)


class Transformer:
    width = D

    def __init__(self, tensors, width, _):
        self.project = tensors.take(D, width), tensors.take(D, kind="bias")
        self.places = tensors.take(T + 1, D, kind="table")
        self.norm = tensors.take(D, kind="bias"), tensors.take(D, kind="bias")
        shapes = [(D,), (D,), (3 * D, D), (3 * D,), (D, D), (D,), (D,), (D,), (INNER, D), (INNER,), (D, INNER), (D,)]
        self.blocks = [[tensors.take(*s, kind="weight" if len(s) > 1 else "bias") for s in shapes] for _ in range(LAYERS)]

    def __call__(self, x, _):
        x = F.linear(x, *self.project) + self.places[1:len(x) + 1]
        for g1, b1, qkv, qkv_bias, out, out_bias, g2, b2, inner, inner_bias, outer, outer_bias in self.blocks:
            y = F.layer_norm(x, (D,), g1, b1)[:, None]
            x = x + F.multi_head_attention_forward(y, y, y, D, HEADS, qkv, qkv_bias, None, None, False, 0.0, out, out_bias)[0][:, 0]
            y = F.gelu(F.linear(F.layer_norm(x, (D,), g2, b2), inner, inner_bias), approximate="tanh")
            x = x + F.linear(y, outer, outer_bias)
        return F.layer_norm(x, (D,), *self.norm)


BODIES = {"cnn": Cnn, "bilstm": Bilstm, "transformer": Transformer}


class Network:
    def __init__(self, body, piecewise=False, pooling="attention", head="linear"):
        self.tensors = take = Tensors()
        self.words = take.take(TOKENS, E, kind="table")
        self.near = [take.take(2 * REACH + 2, P, kind="table") for _ in range(2)]
        self.body = BODIES[body](take, E + 2 * P, piecewise)
        self.pools, self.pooling, width = body == "cnn", "lstm" if head == "lstm" else pooling, self.body.width
        if not self.pools and self.pooling == "lstm":
            self.lstm, width = Lstm(take, width, M), 2 * M
        elif not self.pools and self.pooling == "attention":
            self.weight = take.take(width)
        width *= {"entity_start": 2, "entity_start_end": 4}.get(self.pooling, 1) if not self.pools else 1
        self.hidden = (take.take(M, width), take.take(M, kind="bias")) if head == "mlp" else None
        width = M if head == "mlp" else width
        self.out = take.take(C, width), take.take(C, kind="bias")
        self.features = take.take(FEATURES, C, kind="features")

    def pool(self, x, b):
        if self.pooling == "attention":
            return torch.tanh(torch.softmax(torch.tanh(x) @ self.weight, 0) @ x)
        if self.pooling == "lstm":
            x = self.lstm(x)
        half, starts, ends = x.shape[1] // 2, [s[b] for s in STARTS], [e[b] - 1 for e in ENDS]
        return {"max": lambda: x.amax(0), "cls": lambda: x[0], "entity_start": lambda: torch.cat([x[i] for i in starts]),
                "entity_start_end": lambda: torch.cat([x[i] for i in starts + ends])}.get(
                    self.pooling, lambda: torch.cat([x[-1, :half], x[0, half:]]))()

    def sentence(self, b):
        x = torch.cat([self.words[IDS[b]]] + [self.near[i][PLACES[i][b]] for i in range(2)], 1)
        x = self.body(x, b)
        x = x if self.pools else self.pool(x, b)
        if self.hidden:
            x = torch.tanh(F.linear(x, *self.hidden))
        return F.linear(x, *self.out) + sum(v * self.features[i] for i, v in FEATURE_ROWS[b])

    def scores(self):
        return torch.stack([self.sentence(b) for b in range(3)])


def cross_entropy(scores, labels):
    return F.cross_entropy(scores, labels, label_smoothing=0.1, reduction="none")


def focal(scores, labels):
    p = torch.softmax(scores, 1).gather(1, labels[:, None])[:, 0]
    return -(1 - p) ** 2 * torch.log(p)


def squared_hinge(scores, labels):
    return F.relu(1 - (2 * F.one_hot(labels, scores.shape[1]) - 1) * scores).square().sum(1)


LOSSES = [cross_entropy, focal, squared_hinge]


def numbers(values):
    return "{" + ", ".join(f"{float(v):.12g}" for v in values) + "}"


def one_step(body, loss, **options):
    network = Network(body, **options)
    labels = torch.tensor(LABELS)
    before = network.scores()
    rows = loss(before, labels)
    total = (rows * torch.tensor(WEIGHTS)[labels]).mean()
    total.backward()
    everything = [p for _, p in network.tensors.parts]
    length = torch.nn.utils.clip_grad_norm_(everything, CLIP)
    groups = [{"params": [p for k, p in network.tensors.parts if k == kind],
               "lr": RATE * (FEATURE_RATE if kind == "features" else 1),
               "weight_decay": DECAY if kind == "weight" else 0} for kind in ("weight", "bias", "table")]
    # Only the rows of features that the batch holds decay.
    held = sorted({i for row in FEATURE_ROWS for i, _ in row})
    with torch.no_grad():
        network.features[held] *= 1 - RATE * FEATURE_RATE * DECAY
    groups.append({"params": [network.features], "lr": RATE * FEATURE_RATE, "weight_decay": 0})
    torch.optim.AdamW([g for g in groups if g["params"]], betas=BETAS).step()
    head = {"linear": 0, "mlp": 1, "lstm": 2}[options.get("head", "linear")]
    print(f"\t{{&body_{body}, {int(options.get('piecewise', False))}, {POOLINGS.index(options.get('pooling', 'attention'))}, {head}, "
          f"{LOSSES.index(loss)}, {network.tensors.count}, {float(total):.12g}, {float(length):.12g}, "
          f"{numbers(before.flatten())}, {numbers(network.scores().flatten())}}},")


def print_losses():
    """Rows of scores, their losses and gradients."""
    scores = torch.tensor([[0.5, -1, 0.25, 2], [-3, 0, 1, 0.5], [0.125, 0.25, -0.5, -2]], requires_grad=True)
    labels = torch.tensor([3, 0, 2])
    print("static const double golden_scores[3][4] = {" + ", ".join(numbers(r) for r in scores.detach()) + "};")
    print("static const size_t golden_labels[3] = {3, 0, 2};")
    print("static const struct golden_loss golden_losses[] = {")
    for loss in LOSSES:
        rows = loss(scores, labels)
        gradient = torch.autograd.grad(rows.sum(), scores)[0]
        print(f"\t{{{numbers(rows)}, {{{', '.join(numbers(r) for r in gradient)}}}}},")
    print("};")
    a, b = scores[0], scores[1]
    kl = [F.kl_div(F.log_softmax(q, 0), F.log_softmax(p, 0), reduction="sum", log_target=True) for p, q in ((a, b), (b, a))]
    agreement = 0.7 * sum(kl) / 2
    gradient = torch.autograd.grad(agreement, scores)[0]
    print(f"static const struct golden_agreement golden_agreement = {{{float(agreement):.12g}, {{{numbers(gradient[0])}, {numbers(gradient[1])}}}}};")


def print_optimizers():
    """Four steps of 0.1 on a matrix of 3 rows and 2 columns with gradients of its own at every step."""
    def gradient(step):
        return torch.cos(2.3 * torch.arange(6.0) + step).reshape(3, 2)

    def start():
        return (0.5 * torch.sin(torch.arange(6.0))).reshape(3, 2).requires_grad_()

    def walk(make):
        p = start()
        optimizer = make([p])
        for step in range(4):
            p.grad = gradient(step)
            optimizer.step()
        return p.detach()

    adam = dict(lr=0.1, betas=BETAS, weight_decay=0.01)
    results = [walk(lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01)),
               walk(lambda p: torch.optim.Adam(p, **adam)), walk(lambda p: torch.optim.AdamW(p, **adam))]
    p, m = start().detach(), torch.zeros(3, 2)
    for step in range(4):  # Chen et al. 2023, alg. 2
        g = gradient(step)
        p -= 0.1 * (torch.sign(BETAS[0] * m + (1 - BETAS[0]) * g) + 0.01 * p)
        m = BETAS[1] * m + (1 - BETAS[1]) * g
    results.append(p)
    p, r, c = start().detach(), torch.zeros(3), torch.zeros(2)
    for step in range(4):  # Shazeer & Stern 2018, alg. 4 with decoupled decay
        g, beta = gradient(step), 1 - (step + 1) ** -0.8
        square = g * g + 1e-30
        r, c = beta * r + (1 - beta) * square.sum(1), beta * c + (1 - beta) * square.sum(0)
        u = g / torch.sqrt(r[:, None] * c[None, :] / r.sum())
        u = u / max(1.0, float(u.square().mean().sqrt()))
        p = p - 0.1 * u - 0.1 * 0.01 * p
    results.append(p)
    print("static const double golden_steps[][6] = {" + ", ".join(numbers(r.flatten()) for r in results) + "};")
    p, touched = start(), [[0, 1], [0], [1, 2], [0, 1, 2]]
    optimizer = torch.optim.SparseAdam([p], lr=0.1, betas=BETAS)
    for step in range(4):
        p.grad = torch.sparse_coo_tensor(torch.tensor([touched[step]]), gradient(step)[touched[step]], (3, 2))
        optimizer.step()
    print("static const bool golden_touched[4][3] = {" + ", ".join(numbers(i in rows for i in range(3)) for rows in touched) + "};")
    print("static const double golden_lazy_adam[6] = " + numbers(p.detach().flatten()) + ";")


print("/* Written by golden.py with PyTorch " + torch.__version__.split("+")[0] + "; not to be edited. */")
print("""#ifndef TESTS_WORKER_MODELS_GOLDEN_H
#define TESTS_WORKER_MODELS_GOLDEN_H

#include <stdbool.h>

#include "worker/network/network.h"

/* A network's size, loss and length of the gradient, and its scores (3 sentences, 4 classes) before and after one step. */
struct golden_network {
\tconst struct body_class *body;
\tint piecewise, pooling, head, loss;
\tsize_t parameters;
\tdouble total, length, before[12], after[12];
};

struct golden_loss {
\tdouble losses[3], gradients[3][4];
};

struct golden_agreement {
\tdouble value, gradients[2][4];
};

static const struct golden_network golden_networks[] = {""")
for loss in LOSSES:
    one_step("cnn", loss)
one_step("cnn", cross_entropy, piecewise=True)
one_step("cnn", cross_entropy, head="mlp")
for body in ("bilstm", "transformer"):
    for pooling in POOLINGS[:-1]:
        one_step(body, cross_entropy, pooling=pooling)
    for head in ("mlp", "lstm"):
        one_step(body, cross_entropy, head=head)
print("};\n")
print_losses()
print_optimizers()
print("\n#endif")
