"""Records a tiny ViT-MAE in the ways that the tests of `explain` need, into Tests/Goldens/explain/recordings. See README.md.

Run it twice: with transformers 4.57 first, which also writes the checkpoint, and then with 5.23.
"""

import os
import sys

import numpy as np
import torch
import transformers
from transformers import ViTMAEConfig, ViTMAEForPreTraining

HERE = os.path.dirname(os.path.abspath(__file__))
OUTPUT = os.path.join(HERE, "../Goldens/explain/recordings")
sys.path.insert(0, os.path.join(HERE, "../../Sources/python"))

import mae_record  # noqa: E402

CONFIG = {
    "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "image_size": 32, "patch_size": 8,
    "num_channels": 1, "decoder_hidden_size": 8, "decoder_num_hidden_layers": 1, "decoder_num_attention_heads": 2,
    "decoder_intermediate_size": 16}
IMAGES, PATCHES = 2, 16


def images(seed=1):
    """Images that are the same on every processor."""
    draw = np.random.default_rng(seed).standard_normal((IMAGES, 1, 32, 32))
    return torch.from_numpy(draw.astype(np.float32))


def noise(seed=2):
    return torch.from_numpy(np.random.default_rng(seed).random((IMAGES, PATCHES)).astype(np.float32))


def load(**settings):
    """The checkpoint, with other settings where they are given."""
    attention = settings.pop("attention", None)
    config = ViTMAEConfig.from_pretrained(f"{OUTPUT}/hub")
    for name, value in settings.items():
        setattr(config, name, value)
    model = ViTMAEForPreTraining.from_pretrained(f"{OUTPUT}/hub", config=config)
    if attention:
        model.set_attn_implementation(attention)
    return model.eval()


def write_checkpoint():
    """A model whose every parameter is drawn from its name, as after training, under the names that both versions read."""
    model = ViTMAEForPreTraining(ViTMAEConfig(**CONFIG))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            draw = np.random.default_rng(np.frombuffer(name.encode(), np.uint8).astype(np.uint32))
            scale = 0.3 / max(1, parameter.shape[-1]) ** 0.5 if parameter.ndim > 1 else 0.1
            start = 1.0 if "layernorm" in name and name.endswith("weight") else 0.0
            parameter.copy_(torch.from_numpy(start + scale * draw.standard_normal(parameter.shape)).float())
    model.save_pretrained(f"{OUTPUT}/hub")


def record(name, model, pixels=None, shared=True, calls=1, **options):
    """Records calls of the encoder, whose noise is given where it is shared."""
    with mae_record.record(model, f"{OUTPUT}/{name}.safetensors", **options), torch.no_grad():
        for _ in range(calls):
            model(images() if pixels is None else pixels, **({"noise": noise()} if shared else {}))


def faulty():
    """A model whose first block adds to one element of its output."""
    model = load()
    block = model.vit.layers[0]
    whole = type(block).forward

    def forward(*arguments, **named):
        output = whole(block, *arguments, **named).clone()
        output[1, 2, 3] += 0.01
        return output

    block.forward = forward
    return model


def hidden():
    """A model whose second block adds the same to all of a token, which the layer norm after it takes away again."""
    model = load()
    block = model.vit.layers[1]
    whole = type(block).forward

    def forward(*arguments, **named):
        output = whole(block, *arguments, **named).clone()
        output[0, 2] += 0.01
        return output

    block.forward = forward
    return model


def seeded(name, model):
    """Two calls that draw noise of their own after torch.manual_seed(42) and the images."""
    torch.manual_seed(42)
    record(name, model, torch.randn(IMAGES, 1, 32, 32), shared=False, calls=2)


def main():
    torch.set_num_threads(1)
    if transformers.__version__.startswith("4."):
        write_checkpoint()
        record("version-4", load().vit)
        return
    base = load()
    record("base", base.vit)
    record("base-kept", base.vit, keep="blocks,input")
    record("base-bare", base.vit, keep="none")
    record("eager", load(attention="eager").vit)
    record("fault", faulty().vit)
    record("fault-kept", faulty().vit, keep="blocks,input")
    record("fault-bare", faulty().vit, keep="none")
    record("hidden", hidden().vit)
    training = load(hidden_dropout_prob=0.1)
    training.train()
    record("training", training.vit)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        record("autocast", base.vit, keep="input")
    other = load()
    with torch.no_grad():
        other.vit.layers[1].mlp.fc1.weight[0, 0] += 0.5
    record("weights", other.vit)
    broken = load()
    with torch.no_grad():
        broken.vit.layers[1].layernorm_after.weight[0] = float("nan")
    record("not-finite", broken.vit)
    record("input", base.vit, images(5))
    record("epsilon", load(layer_norm_eps=1e-6).vit)
    record("ratio", load(mask_ratio=0.5).vit)
    seeded("masks", base.vit)
    seeded("unmasked", load(mask_ratio=0.0).vit)
    record("decoder", base, keep="input")
    trained = load().vit
    with mae_record.record(trained, f"{OUTPUT}/updated.safetensors"):
        trained(images(), noise=noise()).last_hidden_state.square().mean().backward()
        torch.optim.SGD(trained.parameters(), 0.1).step()
        trained(images(), noise=noise())
    try:
        with mae_record.record(base.vit, f"{OUTPUT}/thrown.safetensors"):
            base.vit(images(), noise=noise())
            base.vit(torch.zeros(1, 1, 8, 8))
    except ValueError:
        pass
    with torch.no_grad():
        tokens = base.vit(images(), noise=noise()).last_hidden_state
    np.save(f"{OUTPUT}/mean.npy", tokens.mean(1).numpy())


if __name__ == "__main__":
    os.makedirs(OUTPUT, exist_ok=True)
    main()
