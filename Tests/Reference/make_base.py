"""Runs PyTorch on the base model that `mae-coord checkpoint init --preset base --seed 0` draws.

usage: .venv5/bin/python make_base.py HUB_DIRECTORY

Writes Tests/Goldens/base/: the mean over tokens of the encoder's layernorm for two seeded images, from PyTorch fp32 (sdpa)
and from a float64 run on the same fp32 weights and pixels, at mask_ratio 0.75 and 0; and weights.json with the digest over
all weights, as docs/formats.md defines it, taken here anew from the file.
"""

import hashlib
import json
import pathlib
import sys

import numpy as np
import torch
from safetensors.torch import load_file
from transformers import ViTMAEForPreTraining

IMAGES = 2
SEED = 42


def weights_digest(hub):
    """SHA-256 over one line a weight, sorted by name: name, extents joined by commas, SHA-256 of its fp32 bytes."""
    lines = []
    for name, tensor in sorted(load_file(hub / "model.safetensors").items()):
        digest = hashlib.sha256(tensor.contiguous().numpy().astype("<f4").tobytes()).hexdigest()
        lines.append(f"{name} {','.join(str(extent) for extent in tensor.shape)} {digest}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def pooled(hub, ratio, dtype):
    model = ViTMAEForPreTraining.from_pretrained(hub, attn_implementation="sdpa", dtype=torch.float32)
    model = model.to(dtype).eval()
    model.config.mask_ratio = ratio
    model.vit.embeddings.config.mask_ratio = ratio
    torch.manual_seed(SEED)
    images = torch.randn(IMAGES, 3, 224, 224)
    noise = torch.rand(IMAGES, 196)
    with torch.no_grad():
        output = model.vit(images.to(dtype), noise=noise.to(dtype)).last_hidden_state
    return output.mean(dim=1).numpy()


def main():
    hub = pathlib.Path(sys.argv[1])
    target = pathlib.Path(__file__).resolve().parent.parent / "Goldens" / "base"
    target.mkdir(parents=True, exist_ok=True)
    for ratio in (0.75, 0.0):
        truth = pooled(hub, ratio, torch.float64)
        single = pooled(hub, ratio, torch.float32)
        error = np.sqrt(np.mean((single - truth) ** 2))
        print(f"mask_ratio {ratio:g}: PyTorch's rms error against float64 is {error:.3e}")
        np.save(target / f"pooled-sdpa-{ratio:g}.npy", single)
        np.save(target / f"pooled-float64-{ratio:g}.npy", truth)
    (target / "weights.json").write_text(json.dumps({"weights_sha256": weights_digest(hub)}) + "\n")


if __name__ == "__main__":
    main()
