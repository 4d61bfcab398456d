"""Tiny ViT-MAE models with reproducible random weights, and what PyTorch computes with them."""

import copy
import os
import zlib

import numpy as np
import torch
from transformers import ViTMAEForPreTraining

from parameter_names import canonical


def make_model(config):
    """A model none of whose parameters holds a zero or a one.

    Each parameter is drawn by NumPy from a seed made of its canonical name, so it does not depend on the machine, on
    the order of parameters or on the transformers version.
    """
    model = ViTMAEForPreTraining(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(_draw(canonical(name), parameter.shape))
    return model.eval()


def _draw(name, shape):
    values = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(tuple(shape))
    if "layernorm" in name or "decoder_norm" in name:
        values = 1 + 0.3 * values if name.endswith("weight") else 0.2 * values
    elif name.endswith("bias"):
        values = 0.1 * values
    elif name.endswith("weight"):
        # A spread that makes the attention pattern and the activations matter.
        values = 1.5 * values / np.sqrt(np.prod(shape[1:]))
    else:
        values = 0.5 * values
    return torch.from_numpy(values.astype(np.float32))


def draw_inputs(config, batch, seed=42):
    """Images, and the mask noise that PyTorch draws next."""
    torch.manual_seed(seed)
    images = torch.randn(batch, config.num_channels, config.image_size, config.image_size)
    noise = torch.rand(batch, (config.image_size // config.patch_size) ** 2)
    return images, noise


def run(model, images, noise, attention, mask_ratio, dtype=torch.float32):
    """Everything the engine is compared with, as a dictionary of NumPy arrays."""
    model = copy.deepcopy(model).to(dtype)
    model.set_attn_implementation(attention)
    model.config.mask_ratio = mask_ratio
    with torch.no_grad():
        layernorm = model.vit(images.to(dtype), noise=noise.to(dtype)).last_hidden_state
        output = model(images.to(dtype), noise=noise.to(dtype))
    return {
        "layernorm": layernorm.numpy(),
        "logits": output.logits.numpy(),
        "loss": output.loss.numpy(),
        "mask": output.mask.numpy(),
        "ids_restore": output.ids_restore.numpy(),
    }


def write_array(directory, name, array):
    """Writes one .npy file."""
    os.makedirs(directory, exist_ok=True)
    np.save(os.path.join(directory, name + ".npy"), np.asarray(array, order="C"), allow_pickle=False)


def settle():
    """Makes PyTorch's results a matter of the package alone as far as can be: one thread, no fast paths by shape."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
