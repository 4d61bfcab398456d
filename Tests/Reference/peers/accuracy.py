"""The table of errors: ours and PyTorch's against float64, on the same weights, pixels and noise."""

import pathlib
import subprocess
import tempfile

import numpy as np
import torch
from transformers import ViTMAEForPreTraining

from peers.tables import print_table
from peers.targets import verdict

IMAGES = 2
SEED = 42
# Largest difference from PyTorch fp32 that docs/numerics.md allows.
LARGEST_DIFFERENCE = 2e-5


def ours(coordinator, hub, ratio, folder, threads):
    """Layernorm in PyTorch's order of tokens, and the noise, from `mae-coord infer`."""
    subprocess.run(
        [
            coordinator, "infer", "--model", hub, "--seed", str(SEED), "--batch-size", str(IMAGES), "--mask-ratio",
            f"{ratio:g}", "--threads", str(threads), "--output", folder,
        ],
        check=True, capture_output=True, text=True,
    )
    return np.load(pathlib.Path(folder) / "layernorm.npy"), np.load(pathlib.Path(folder) / "noise.npy")


def pytorch(hub, ratio, noise, attention, dtype):
    """The same by transformers, with weights and pixels that are fp32 numbers in any dtype."""
    model = ViTMAEForPreTraining.from_pretrained(hub, attn_implementation=attention, dtype=torch.float32)
    model = model.to(dtype).eval()
    model.config.mask_ratio = model.vit.embeddings.config.mask_ratio = ratio
    torch.manual_seed(SEED)
    extent = model.config.image_size
    images = torch.randn(IMAGES, model.config.num_channels, extent, extent)
    with torch.inference_mode():
        return model.vit(images.to(dtype), noise=torch.from_numpy(noise).to(dtype)).last_hidden_state.numpy()


def rms(difference):
    return float(np.sqrt(np.mean(np.square(difference, dtype=np.float64))))


def report(arguments, hub, threads):
    """Prints the table for mask ratios 0 and 0.75."""
    torch.set_num_threads(threads)
    rows, document = [], []
    for ratio in (0.0, 0.75):
        with tempfile.TemporaryDirectory() as folder:
            layernorm, noise = ours(arguments.coordinator, hub, ratio, folder, threads)
        truth = pytorch(hub, ratio, noise, "eager", torch.float64)
        error = rms(layernorm - truth)
        for attention in ("sdpa", "eager"):
            theirs = pytorch(hub, ratio, noise, attention, torch.float32)
            their_error = rms(theirs - truth)
            largest = float(np.abs(layernorm.astype(np.float64) - theirs).max())
            met = error <= their_error and largest <= LARGEST_DIFFERENCE
            rows.append([
                f"mask_ratio {ratio:g}, PyTorch {attention}", f"{error:.3e}", f"{their_error:.3e}",
                f"{error / their_error:.2f}", f"{largest:.2e}", verdict(met),
            ])
            document.append({
                "mask_ratio": ratio, "attention": attention, "rms_ours": error, "rms_pytorch": their_error,
                "largest_difference": largest, "met": met,
            })
    print_table(
        f"errors of the encoder's layernorm, batch {IMAGES}: rms against float64 (target: ours <= PyTorch's), and the "
        f"largest difference between both in fp32 (target: <= {LARGEST_DIFFERENCE:g})",
        ["", "rms ours", "rms PyTorch", "ratio", "max |ours - PyTorch|", "verdict"], rows,
    )
    return document
