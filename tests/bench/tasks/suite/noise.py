"""Chance that depends only on (task, seed, configuration, visit): every method that comes to a configuration for the same time in the
same seed sees the same loss."""
import hashlib
import statistics


def draw(*key):
    """A number in (0, 1) that the key alone decides."""
    text = "\t".join(str(part) for part in key)
    return (int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") + 0.5) / 2**64


def draw_index(count, *key):
    return min(int(draw(*key) * count), count - 1)


def draw_normal(*key):
    return statistics.NormalDist().inv_cdf(draw(*key))
