"""Writes Tests/Goldens/random/: what PyTorch's CPU generator draws. See README.md.

Needs an x86 machine with AVX2: elsewhere PyTorch computes other bits in randn.
"""

import hashlib
import json
import os

import numpy as np
import torch

OUTPUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Goldens/random")

SEEDS = [0, 42, 2**31, 2**32 + 5]
SIZES = [0, 1, 15, 16, 17, 31, 1000]

# Draws from one generator, one after the other: what is kept from one draw to the next shows here.
SEQUENCES = {
    "cached-normal": ["randn 1", "randn 1", "randn 1", "rand 3", "randn 1", "randn 15", "randn 1"],
    "cached-normal-over-large": ["randn 1", "randn 16", "randn 1", "randn 17", "rand 16", "randn 3", "randn 2"],
    "uniform-after-normal": ["randn 16", "rand 2", "randn 31", "rand 1", "randn 640", "rand 625", "randn 7"],
    "twice": ["randn 1000", "randn 1000", "rand 1000", "rand 1000"],
}

# Large draws, kept as digests. The first two are batches as a run draws them: images, then noises.
LARGE = [
    (42, ["randn 1204224", "rand 1568", "rand 1568", "rand 1568"]),
    (43, ["randn 1204224", "rand 1568"]),
    (0, ["randn 150528", "rand 150528"]),
    (42, ["randn 150528", "randn 150529"]),
    (2**31, ["randn 150528", "randn 150537"]),
    (2**32 + 5, ["randn 150528", "rand 623", "rand 624", "rand 625", "randn 150528"]),
]


def draw(seed, steps):
    """The arrays that a freshly seeded generator gives for steps like 'randn 16'."""
    torch.manual_seed(seed)
    for step in steps:
        kind, count = step.split()
        yield {"rand": torch.rand, "randn": torch.randn}[kind](int(count)).numpy()


def main():
    assert torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512")
    os.makedirs(OUTPUT, exist_ok=True)
    for seed in SEEDS:
        for kind in ("rand", "randn"):
            fresh = [array for size in SIZES for array in draw(seed, [f"{kind} {size}"])]
            np.save(f"{OUTPUT}/{kind}-{seed}.npy", np.concatenate(fresh))
    for name, steps in SEQUENCES.items():
        np.save(f"{OUTPUT}/sequence-{name}.npy", np.concatenate(list(draw(7, steps))))
    document = {
        "sizes": SIZES,
        "seeds": SEEDS,
        "sequences": [{"name": name, "seed": 7, "draws": steps} for name, steps in SEQUENCES.items()],
        "large": [
            {
                "seed": seed,
                "draws": steps,
                "sha256": [hashlib.sha256(array.tobytes()).hexdigest() for array in draw(seed, steps)],
            }
            for seed, steps in LARGE
        ],
    }
    with open(f"{OUTPUT}/random.json", "w") as file:
        json.dump(document, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
