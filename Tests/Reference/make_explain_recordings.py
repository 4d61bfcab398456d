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


def faulty(size=0.01):
    """A model whose first block adds to one element of its output."""
    model = load()
    block = model.vit.layers[0]
    whole = type(block).forward

    def forward(*arguments, **named):
        output = whole(block, *arguments, **named).clone()
        output[1, 2, 3] += size
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


def shifted():
    """A model whose first block adds half to all values, which the layer norms after it take away again."""
    model = load()
    block = model.vit.layers[0]
    whole = type(block).forward
    block.forward = lambda *arguments, **named: whole(block, *arguments, **named) + 0.5
    return model


class Adapted(torch.nn.Module):
    """A linear layer with a low-rank adapter."""

    def __init__(self, layer):
        super().__init__()
        self.base_layer = layer
        self.lora_A = torch.nn.Linear(layer.in_features, 2, bias=False)
        self.lora_B = torch.nn.Linear(2, layer.out_features, bias=False)

    def forward(self, tokens):
        return self.base_layer(tokens) + self.lora_B(self.lora_A(tokens))


def adapted():
    """A model with an adapter in its first block."""
    torch.manual_seed(3)
    model = load()
    attention = model.vit.layers[0].attention
    attention.q_proj = Adapted(attention.q_proj)
    return model


def written():
    """A model whose output is written to after its final layer norm."""
    model = load()
    whole = model.vit.forward

    def forward(*arguments, **named):
        output = whole(*arguments, **named)
        output.last_hidden_state.add_(0.5)
        return output

    model.vit.forward = forward
    return model


def dropping(fault):
    """A model with dropout after one seed, and where it is asked for a fault in its second block."""
    model = load(hidden_dropout_prob=0.1).train()
    block = model.vit.layers[1]
    whole = type(block).forward

    def forward(*arguments, **named):
        output = whole(block, *arguments, **named).clone()
        output[1, 2, 3] += fault
        return output

    block.forward = forward
    torch.manual_seed(1)
    return model


def retried():
    """A call whose second block throws, and the same call again."""
    model = load()

    def fail(module, arguments):
        raise ValueError("no block today")

    with mae_record.record(model.vit, f"{OUTPUT}/retried.safetensors", keep="none"), torch.no_grad():
        handle = model.vit.layers[1].register_forward_pre_hook(fail)
        try:
            model.vit(images(), noise=noise())
        except ValueError:
            pass
        handle.remove()
        model.vit(images(), noise=noise())


def add_second():
    """What was added later: recordings of faults that others would hide."""
    base = load()
    record("shifted-kept", shifted().vit, keep="blocks,input")
    record("adapter", adapted().vit)
    record("written", written().vit)
    record("pooled", base.vit, keep="none,pooled")
    record("pooled-eager", load(attention="eager").vit, keep="none,pooled")
    record("dropping", dropping(0.0).vit)
    record("dropping-fault", dropping(5.0).vit)
    large = faulty(5.0)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        record("autocast-fault", large.vit)
    record("half", load().vit.half(), images().half())
    with mae_record.record(base.vit, f"{OUTPUT}/two.safetensors", keep="none"), torch.no_grad():
        base.vit(images(), noise=noise())
        base.vit(images(5), noise=noise())
    retried()


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
    add_second()


if __name__ == "__main__":
    os.makedirs(OUTPUT, exist_ok=True)
    main()
