"""The tiny ViT-MAE of the recordings and of the recorder's tests, as in Tests/Reference/make_thread.py."""

import numpy as np
import torch
from transformers import ViTMAEConfig, ViTMAEForPreTraining

SIZES = {
    "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "image_size": 32,
    "patch_size": 8, "num_channels": 1, "decoder_hidden_size": 8, "decoder_num_hidden_layers": 1,
    "decoder_num_attention_heads": 2, "decoder_intermediate_size": 16}
IMAGES, PATCHES = 4, 16


def model(**settings):
    """A model whose every parameter is a random number drawn from its name, as after training."""
    attention = settings.pop("attention", None)
    made = ViTMAEForPreTraining(ViTMAEConfig(**{**SIZES, **settings}))
    if attention is not None:
        made.set_attn_implementation(attention)
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            draw = np.random.default_rng(np.frombuffer(name.encode(), np.uint8).astype(np.uint32))
            scale = 0.3 / max(1, parameter.shape[-1]) ** 0.5 if parameter.ndim > 1 else 0.1
            start = 1.0 if "layernorm" in name and name.endswith("weight") else 0.0
            parameter.copy_(torch.from_numpy(start + scale * draw.standard_normal(parameter.shape)).float())
    return made.eval()


def images(seed=1):
    """Images that are the same on every processor, unlike those of torch.randn."""
    shape = (IMAGES, SIZES["num_channels"], SIZES["image_size"], SIZES["image_size"])
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape).astype(np.float32))


def noise(seed=2):
    """Noise for the masks of `images()`."""
    return torch.from_numpy(np.random.default_rng(seed).random((IMAGES, PATCHES)).astype(np.float32))
