"""Writes Tests/Goldens/checkpoints/: one tiny model in every form that people save it in. See README.md.

Run with transformers 5; it calls make_checkpoints_4.py with the Python of transformers 4.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import unittest.mock

import numpy as np
import pytorch_lightning as pl
import torch
from safetensors.torch import save_file
from transformers import ViTMAEConfig, ViTMAEForPreTraining

import tiny_models
from parameter_names import canonical, original

HERE = os.path.dirname(os.path.abspath(__file__))

CONFIG = dict(
    hidden_size=20,
    num_hidden_layers=2,
    num_attention_heads=4,
    intermediate_size=28,
    image_size=15,
    patch_size=5,
    decoder_hidden_size=12,
    decoder_num_hidden_layers=1,
    decoder_num_attention_heads=4,
    decoder_intermediate_size=20,
)


class TransformerModel(pl.LightningModule):
    """The module of the forum thread, which holds the model as `self.model`."""

    def __init__(self):
        super().__init__()
        self.model = ViTMAEForPreTraining.from_pretrained("hub5")
        self.model.config.mask_ratio = 0.75

    def forward(self, x):
        return self.model(x)

    def training_step(self, batch, batch_idx):
        imgs, labels = batch
        return self(imgs).loss

    def configure_optimizers(self):
        # A learning rate of zero: a real step is taken and the weights stay. One module alone keeps the file small.
        return torch.optim.AdamW(self.model.decoder.decoder_pred.parameters(), lr=0.0)


class ConfiguredModel(TransformerModel):
    """A module that keeps the model's config among its hyper-parameters."""

    def __init__(self, config):
        pl.LightningModule.__init__(self)
        self.save_hyperparameters({"config": config})
        self.model = ViTMAEForPreTraining(config)


def save_full(module, path, **options):
    """torch.save of a whole module, which must carry nothing of the machine it was saved on."""
    with unittest.mock.patch("torch.serialization.get_source_lines_and_file", packaged_source):
        torch.save(module, path, **options)
    with open(path, "rb") as file:
        assert os.path.dirname(torch.__path__[0]).encode() not in file.read(), path


def packaged_source(module):
    """The legacy format keeps each class's source and its file, which is named as inside its package."""
    lines, number, file = torch._sources.get_source_lines_and_file(module)
    return lines, number, file.rpartition("site-packages/")[2]


def trainer_checkpoint(module, path):
    """What a Lightning trainer writes after one step."""
    images, _ = tiny_models.draw_inputs(module.model.config, batch=1)
    data = torch.utils.data.DataLoader([(images[0], 0)], batch_size=1)
    with tempfile.TemporaryDirectory() as scratch:
        trainer = pl.Trainer(
            max_steps=1,
            accelerator="cpu",
            devices=1,
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[pl.callbacks.ModelCheckpoint(dirpath=scratch, save_last=False, save_top_k=0)],
        )
        trainer.fit(module, data)
        trainer.save_checkpoint(path)
        checkpoint = torch.load(path, weights_only=False)
        # The only trace of this machine: where the callback would have kept its files.
        for state in checkpoint["callbacks"].values():
            state["dirpath"] = "checkpoints"
        torch.save(checkpoint, path)
    module.eval()


def viewed(state):
    """The same values as views: transposed, strided, and slices of one shared storage."""
    views = {}
    flat = torch.cat([value.flatten() for name, value in state.items() if value.dim() == 1])
    offset = 0
    for name, value in state.items():
        if value.dim() == 1:
            views[name] = flat[offset : offset + value.numel()]
            offset += value.numel()
        elif value.dim() == 2:
            views[name] = value.t().contiguous().t()
        elif value.dim() == 4:
            views[name] = value.to(memory_format=torch.channels_last)
        else:
            spaced = torch.full((*value.shape, 2), float("nan"))
            spaced[..., 1] = value
            views[name] = spaced[..., 1]
    for layer in range(CONFIG["num_hidden_layers"]):
        names = [f"vit.layers.{layer}.attention.{part}_proj.weight" for part in "qkv"]
        fused = torch.cat([state[name] for name in names])
        views.update(zip(names, fused.chunk(3)))
    assert all(torch.equal(views[name], state[name]) for name in state)
    return views


def original_names(state):
    """The state dict of facebookresearch/mae."""
    result = {}
    for name, value in state.items():
        name = canonical(name)
        if ".attention.attention." not in name:
            result[original(name)] = value
        elif ".query." in name:
            parts = [state[key] for key in state if canonical(key) in
                     [name.replace(".query.", f".{part}.") for part in ("query", "key", "value")]]
            fused = original(name).replace(".attention.attention.query.", ".attn.qkv.")
            result[fused] = torch.cat(parts)
    return result


def write_forms(python4):
    """Writes every form into the working directory."""
    model = tiny_models.make_model(ViTMAEConfig(**CONFIG))
    model.save_pretrained("hub5")
    model = ViTMAEForPreTraining.from_pretrained("hub5").eval()
    state = {name: value.clone() for name, value in model.state_dict().items()}

    model.save_pretrained("hub-sharded", max_shard_size="20KB")
    ViTMAEForPreTraining.from_pretrained("hub5").half().save_pretrained("hub-fp16")

    save_full(model, "full5.pth")
    save_full(model, "legacy-full.pth", _use_new_zipfile_serialization=False)
    torch.save(state, "state5.pth")
    torch.save(state, "legacy-state.pth", _use_new_zipfile_serialization=False)
    save_file(state, "state.safetensors", metadata={"format": "pt"})
    for name, dtype in [("fp16", torch.float16), ("bf16", torch.bfloat16), ("fp64", torch.float64)]:
        torch.save({key: value.to(dtype) for key, value in state.items()}, f"state-{name}.pth")
    torch.save({"module." + key: value for key, value in state.items()}, "ddp-state.pth")
    torch.save(viewed(state), "state-views.pth")
    torch.save({"model": original_names(state)}, "facebookresearch.pth")

    wrong = {key: value.clone() for key, value in state.items()}
    wrong["vit.layers.1.mlp.fc2.weight"][3, 5] += 0.125
    torch.save(wrong, "state-wrong.pth")

    masked_nothing = ViTMAEForPreTraining.from_pretrained("hub5").eval()
    masked_nothing.config.mask_ratio = 0.0
    save_full(masked_nothing, "full-ratio0.pth")

    lightning = TransformerModel().eval()
    save_full(lightning, "lightning-full5.pth")
    torch.save(lightning.state_dict(), "lightning-state5.pth")
    trainer_checkpoint(lightning, "lightning.ckpt")
    assert all(torch.equal(value, state[key]) for key, value in lightning.model.state_dict().items())

    configured = ConfiguredModel(ViTMAEConfig(**CONFIG))
    configured.model.load_state_dict(state)
    trainer_checkpoint(configured, "lightning-hparams.ckpt")
    checkpoint = torch.load("lightning-hparams.ckpt", weights_only=False)
    checkpoint["optimizer_states"] = []
    torch.save(checkpoint, "lightning-hparams.ckpt")

    save_file({canonical(key): value for key, value in state.items()}, "canonical.safetensors")
    subprocess.run([python4, os.path.join(HERE, "make_checkpoints_4.py"), "canonical.safetensors"], check=True)
    os.remove("canonical.safetensors")

    weights = {
        canonical(key): {
            "shape": list(value.shape),
            "sha256": hashlib.sha256(value.contiguous().numpy().astype("<f4").tobytes()).hexdigest(),
        }
        for key, value in state.items()
    }
    with open("weights.json", "w") as file:
        json.dump(weights, file, indent=1, sort_keys=True)
        file.write("\n")
    return model


def write_expected(model):
    """Writes what PyTorch computes into `expected`."""
    images, noise = tiny_models.draw_inputs(model.config, batch=2)
    tiny_models.write_array("expected", "images", images.numpy())
    tiny_models.write_array("expected", "noise", noise.numpy())
    for ratio in (0.75, 0.0):
        for attention in ("eager", "sdpa"):
            results = tiny_models.run(model, images, noise, attention, ratio)
            for name in ("layernorm", "logits", "loss"):
                tiny_models.write_array("expected", f"{name}-{attention}-{ratio:g}", results[name])
        for name in ("mask", "ids_restore"):
            tiny_models.write_array("expected", f"{name}-{ratio:g}", results[name])
        exact = tiny_models.run(model, images, noise, "eager", ratio, torch.float64)
        for name in ("layernorm", "logits", "loss"):
            assert exact[name].dtype == np.float64
            tiny_models.write_array("expected", f"{name}-float64-{ratio:g}", exact[name])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python4", default=os.path.join(HERE, ".venv4/bin/python"),
                        help="Python that has transformers 4")
    parser.add_argument("--output", default=os.path.join(HERE, "../Goldens/checkpoints"))
    arguments = parser.parse_args()
    output = os.path.abspath(arguments.output)
    python4 = os.path.abspath(arguments.python4)
    shutil.rmtree(output, ignore_errors=True)
    os.makedirs(output)
    # Pickles and configs keep the path they were loaded from: it is relative to here.
    os.chdir(output)
    tiny_models.settle()
    model = write_forms(python4)
    write_expected(model)


if __name__ == "__main__":
    main()
