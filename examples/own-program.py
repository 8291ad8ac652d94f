"""A training program that knows kre-search; its training is a formula."""

import math

import kre

settings = kre.params(lr=0.1, layers=2, activation="relu")
best = 0.9 - 0.1 * abs(math.log10(settings["lr"] / 0.03)) - 0.02 * abs(settings["layers"] - 3) - 0.01 * (settings["activation"] == "tanh")
for epoch in range(1, 11):
    accuracy = best * (1 - 0.6 ** epoch)
    kre.report(epoch, accuracy=accuracy, loss=1 - accuracy)
    if kre.should_stop():
        break
