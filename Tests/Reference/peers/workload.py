"""What every engine is given: one model, one batch."""

import dataclasses

import torch
from transformers import ViTMAEConfig, ViTMAEForPreTraining

PRESETS = {
    "tiny": dict(
        hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128, image_size=32, patch_size=8,
        decoder_hidden_size=32, decoder_num_hidden_layers=1, decoder_num_attention_heads=2,
        decoder_intermediate_size=64,
    ),
    "base": {},
    "large": dict(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096),
    "huge": dict(
        hidden_size=1280, num_hidden_layers=32, num_attention_heads=16, intermediate_size=5120, patch_size=14
    ),
}


@dataclasses.dataclass(frozen=True)
class Setting:
    """What is computed."""

    preset: str
    batch_size: int
    mask_ratio: float
    decodes: bool
    threads: int

    @property
    def name(self):
        part = "encoder and decoder" if self.decodes else "encoder"
        return f"{part}, batch {self.batch_size}, mask_ratio {self.mask_ratio:g}"


class Pass(torch.nn.Module):
    """One forward pass with plain tensors in and out: what is timed, compiled and exported.

    The encoder gives its layernorm, encoder and decoder give the logits; nobody computes a loss.
    """

    def __init__(self, model, decodes):
        super().__init__()
        self.encoder = model.vit
        self.decoder = model.decoder if decodes else None

    def forward(self, images, noise):
        encoded = self.encoder(images, noise=noise)
        if self.decoder is None:
            return encoded.last_hidden_state
        return self.decoder(encoded.last_hidden_state, encoded.ids_restore).logits


class Workload:
    """A model of random weights and a random batch for a setting."""

    def __init__(self, setting):
        self.setting = setting
        torch.manual_seed(0)
        config = ViTMAEConfig(mask_ratio=setting.mask_ratio, **PRESETS[setting.preset])
        self.model = ViTMAEForPreTraining(config).eval()
        self.forward = Pass(self.model, setting.decodes).eval()
        self.images = torch.randn(setting.batch_size, 3, config.image_size, config.image_size)
        self.noise = torch.rand(setting.batch_size, (config.image_size // config.patch_size) ** 2)

    @property
    def inputs(self):
        return {"images": self.images, "noise": self.noise}
