"""Measures what recording costs on ViT-MAE-base, batch 8: calls with it and without, by turns in one process.

    OMP_NUM_THREADS=2 python cost.py (whole | encoder) RATIO PAIRS [blocks | all]

Wall time and processor time of all threads, the least and the median of PAIRS calls each. On a machine with other work, take
OMP_NUM_THREADS=1 and processor time: threads that wait for each other count as work.
"""

import os
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../Sources/python"))
import mae_record  # noqa: E402
import torch  # noqa: E402
from transformers import ViTMAEConfig, ViTMAEForPreTraining  # noqa: E402


def seconds(model, images):
    """Wall time and processor time of a call."""
    start = time.perf_counter(), time.process_time()
    model(images)
    return time.perf_counter() - start[0], time.process_time() - start[1]


def main():
    part, ratio, pairs, detail = [*sys.argv[1:], "blocks"][:4]
    model = ViTMAEForPreTraining(ViTMAEConfig(mask_ratio=float(ratio))).eval()
    model = model.vit if part == "encoder" else model
    images, plain, recorded = torch.randn(8, 3, 224, 224), [], []
    with torch.no_grad(), tempfile.TemporaryDirectory() as folder:
        seconds(model, images)
        recorder = mae_record.record(model, os.path.join(folder, "a.safetensors"), detail=detail)
        with recorder:
            first, _ = seconds(model, images)
        for _ in range(min(int(pairs), mae_record.MAX_CALLS - 1)):
            plain.append(seconds(model, images))
            with recorder:
                recorded.append(seconds(model, images))
    for place, kind in enumerate(("wall time", "processor time")):
        for name, figure in (("least", min), ("median", statistics.median)):
            alone, seen = (figure(one[place] for one in calls) for calls in (plain, recorded))
            print(f"{kind}, {name}: {alone:.3f} s, recorded {seen:.3f} s, {seen / alone - 1:+.1%}")
    print(f"first call, with the digests of the weights: {first:.3f} s")


if __name__ == "__main__":
    main()
