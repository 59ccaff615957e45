"""Where labels stand when their places are too near each other. Pure arithmetic."""

from collections.abc import Sequence


def spread(wanted: Sequence[float], *, apart: float, low: float, high: float) -> list[float]:
    """Heights for labels that want to stand at `wanted`, in pixels from the top, nearest to it by least squares.

    No two are nearer than `apart`, their order is kept (equal ones as given), and all stand from `low` to `high`;
    where so many do not fit, the last run over `high` rather than on each other.
    """
    order = sorted(range(len(wanted)), key=lambda k: wanted[k])
    blocks: list[tuple[float, int]] = []  # mean and size of labels that touch, each height less its place's share
    for place, k in enumerate(order):
        mean, size = wanted[k] - place * apart, 1
        while blocks and blocks[-1][0] > mean:
            before, many = blocks.pop()
            mean, size = (before * many + mean * size) / (many + size), many + size
        blocks.append((mean, size))
    free = max(low, high - (len(wanted) - 1) * apart)
    settled = [min(max(mean, low), free) for mean, size in blocks for _ in range(size)]
    found = [0.0] * len(wanted)
    for place, k in enumerate(order):
        found[k] = settled[place] + place * apart
    return found
