"""Plays both scripts of the forum thread with a tiny ViT-MAE and writes Sources/CMAEDemo/generated/thread.h. See README.md."""

import copy
import io
import os
import tempfile
import zipfile

import numpy as np
import pytorch_lightning as pl
import torch
from transformers import ViTMAEConfig, ViTMAEForPreTraining

HERE = os.path.dirname(os.path.abspath(__file__))
OUTPUT = os.path.join(HERE, "../../Sources/CMAEDemo/generated/thread.h")
CONFIG = ViTMAEConfig(
    hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, image_size=32, patch_size=8,
    num_channels=1, decoder_hidden_size=8, decoder_num_hidden_layers=1, decoder_num_attention_heads=2,
    decoder_intermediate_size=16)
NAME = "vit_mae_from_hugging_face"


class TransformerModel(pl.LightningModule):
    """The thread's module; its mask ratio is set in Python, which no state dict keeps."""

    def __init__(self, pretrained, mask_ratio):
        super().__init__()
        self.model = copy.deepcopy(pretrained)
        self.model.config.mask_ratio = mask_ratio

    def forward(self, x):
        return self.model(x)


def pretrained():
    """A model whose every parameter is a random number drawn from its name, as after training."""
    model = ViTMAEForPreTraining(CONFIG)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            draw = np.random.default_rng(np.frombuffer(name.encode(), np.uint8).astype(np.uint32))
            scale = 0.3 / max(1, parameter.shape[-1]) ** 0.5 if parameter.ndim > 1 else 0.1
            start = 1.0 if "layernorm" in name and name.endswith("weight") else 0.0
            parameter.copy_(torch.from_numpy(start + scale * draw.standard_normal(parameter.shape)).float())
    return model


def play(folder, model, ratio, stale_ratio):
    """One of the two scripts: three models from one set of weights, and what their encoders put out."""
    os.makedirs(folder)
    stale = TransformerModel(model, stale_ratio).eval()
    torch.save(stale, f"{folder}/{NAME}.cpkt")
    model_1 = TransformerModel(model, ratio).eval()
    torch.save(model_1, f"{folder}/{NAME}.pth")
    torch.save(model_1.state_dict(), f"{folder}/{NAME}_statedict.pth")
    model_2 = torch.load(f"{folder}/{NAME}.cpkt", weights_only=False).eval()
    model_3 = TransformerModel(model, ratio)
    model_3.load_state_dict(torch.load(f"{folder}/{NAME}_statedict.pth"))
    model_3.eval()
    outputs = {}
    models = [model_1, model_2, model_3]
    for index, one in enumerate(models, 1):
        one.model.vit.layernorm.register_forward_hook(lambda m, i, o, index=index: outputs.__setitem__(index, o))
    torch.manual_seed(42)
    tensor = torch.randn(8, CONFIG.num_channels, CONFIG.image_size, CONFIG.image_size)
    with torch.no_grad():
        for one in models:
            one(tensor)
    for index in range(1, 4):
        np.save(f"{folder}/out{index}.npy", torch.mean(outputs[index], axis=1).numpy())
    torch.save({f"encoder_layernorm_{index}": outputs[index] for index in range(1, 4)}, f"{folder}/layer_outputs.pt")


def packed(folder):
    """Every file below `folder` in one archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for root, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                path = os.path.join(root, name)
                info = zipfile.ZipInfo(os.path.relpath(path, folder))
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, open(path, "rb").read())
    return buffer.getvalue()


def main():
    model = pretrained()
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(f"{folder}/vit-mae")
        play(f"{folder}/first", model, 0.75, 0.75)
        play(f"{folder}/second", model, 0.0, 0.75)
        data = packed(folder)
    count = len(data)
    words = np.frombuffer(data + bytes(-count % 8), dtype="<u8")
    lines = [", ".join(f"0x{word:x}" for word in words[i : i + 8]) + "," for i in range(0, len(words), 8)]
    with open(OUTPUT, "w") as file:
        file.write("// Written by Tests/Reference/make_thread.py: a zip archive of the thread's files, in words of 8 bytes.\n")
        file.write(f"#define THREAD_ARCHIVE_SIZE {count}\n")
        file.write("static const unsigned long long thread_archive[] = {\n" + "\n".join(lines) + "\n};\n")
    print(f"{count} bytes")


if __name__ == "__main__":
    main()
