"""One pass of the encoder as a user runs it, and the digests of everything that it went through.

docs/numerics.md has the order that digests are taken in: CLS, then the kept patches by ascending index.
"""

import contextlib
import hashlib
import time

import numpy as np
import torch

from . import limits, mae_pb2 as pb

_CANONICAL_NAN = np.uint32(0x7FC00000)


def elements(tensor):
    """The elements as little-endian fp32, row-major."""
    return np.ascontiguousarray(tensor.detach().to("cpu", torch.float32).contiguous().numpy().astype("<f4", copy=False))


def digest(values):
    """SHA-256 of fp32 elements, each NaN made one quiet NaN first."""
    if isinstance(values, torch.Tensor):
        values = elements(values)
    is_nan = np.isnan(values)
    if is_nan.any():
        values = values.copy()
        values.view(np.uint32)[is_nan] = _CANONICAL_NAN
    return hashlib.sha256(values).digest()


def digest_of_indices(indices):
    """SHA-256 of int32."""
    values = np.ascontiguousarray(indices.detach().cpu().numpy().astype("<i4"))
    return hashlib.sha256(values).digest()


def manifest(weights, check):
    """Name, shape and digest of each weight, sorted by name."""
    entries = []
    for name in sorted(weights, key=str.encode):
        check()
        entries.append((name, tuple(weights[name].shape), digest(weights[name])))
    return entries


def digest_of_weights(entries):
    """The digest of all weights: docs/formats.md, fingerprints of weights."""
    lines = [f"{name} {','.join(map(str, shape))} {sha256.hex()}\n" for name, shape, sha256 in entries]
    return hashlib.sha256("".join(lines).encode()).digest()


def pixels(seed, shape):
    """The batch that two lines of Python give: torch.manual_seed(seed); torch.randn(...)."""
    torch.manual_seed(seed)
    return torch.randn(*shape)


def noise_draw(index, shape, check):
    """What torch.rand gives on its call number `index` after the batch, counted from 0."""
    for _ in range(index):
        check()
        torch.rand(*shape)
    return torch.rand(*shape)


class Pass:
    """What one pass of the encoder gave."""

    def __init__(self):
        self.layers, self.states = [], []
        self.mask_digest = self.order_digest = b""
        self.canonical = self.returned = self.pooled = None
        self.seconds = 0.0


def run(vit, images, noise, control, states_of=None):
    """Runs `vit` and takes the digests after its embeddings and each block; raises Cancelled between two modules.

    Of the image number `states_of` it keeps the tokens after each of them, as many as a message may hold.
    """
    blocks = list(vit.layers if hasattr(vit, "layers") else vit.encoder.layer)
    modules = [("vit.embeddings", vit.embeddings)]
    modules += [(f"vit.encoder.layer.{index}", block) for index, block in enumerate(blocks)]
    modules.append(("vit.layernorm", vit.layernorm))
    result, order = Pass(), {}

    def canonical(tokens):
        patches = tokens[:, 1:].gather(1, order["tokens"].unsqueeze(-1).expand(-1, -1, tokens.shape[2]))
        return torch.cat((tokens[:, :1], patches), dim=1)

    def keep(tokens):
        tokens = canonical(tokens)
        result.layers.append(digest(tokens))
        if states_of is not None and (len(result.states) + 1) * tokens[0].numel() * 4 <= limits.STATE_BYTES:
            result.states.append(elements(tokens[states_of]))

    def before(step, name):
        def hook(module, inputs):
            control.report(pb.Stage_FORWARD, step, len(modules), name)

        return hook

    def after_embeddings(module, inputs, output):
        tokens, _, ids_restore = output
        kept = torch.argsort(ids_restore, dim=1)[:, : tokens.shape[1] - 1]
        order["tokens"] = torch.argsort(kept, dim=1)
        result.mask_digest = digest_of_indices(torch.sort(kept, dim=1).values)
        result.order_digest = digest_of_indices(ids_restore)
        keep(tokens)

    def after_block(module, inputs, output):
        keep(output[0] if isinstance(output, tuple) else output)

    with contextlib.ExitStack() as hooks, torch.no_grad():
        for step, (name, module) in enumerate(modules):
            hooks.callback(module.register_forward_pre_hook(before(step, name)).remove)
        hooks.callback(vit.embeddings.register_forward_hook(after_embeddings).remove)
        for block in blocks:
            hooks.callback(block.register_forward_hook(after_block).remove)
        start = time.monotonic()
        output = vit(images, noise=noise)
        tokens = output[0] if isinstance(output, tuple) else output.last_hidden_state
        # As people write it: PyTorch's own mean, over the tokens as they were returned.
        result.pooled = elements(tokens.mean(dim=1))
        result.seconds = time.monotonic() - start
        result.returned = elements(tokens)
        result.canonical = elements(canonical(tokens))
    return result
