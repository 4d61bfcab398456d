"""Names of parameters: from those of any writer to the canonical ones, which are those of transformers 4.57.

docs/formats.md has the dialects; what stands in front of every key (`model.`, `module.`) is taken off.
"""

import re

# transformers 5, in memory and on disk, to canonical.
_NEWER = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"^vit\.layers\.", "vit.encoder.layer."),
        (r"^decoder\.decoder_encoder\.layer\.", "decoder.decoder_layers."),
        (r"\.attention\.q_proj\.", ".attention.attention.query."),
        (r"\.attention\.k_proj\.", ".attention.attention.key."),
        (r"\.attention\.v_proj\.", ".attention.attention.value."),
        (r"\.attention\.o_proj\.", ".attention.output.dense."),
        (r"\.mlp\.fc1\.", ".intermediate.dense."),
        (r"\.mlp\.fc2\.", ".output.dense."),
    )
]

# facebookresearch/mae to canonical, but for query, key and value, which are one tensor there.
_ORIGINAL = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"^cls_token$", "vit.embeddings.cls_token"),
        (r"^pos_embed$", "vit.embeddings.position_embeddings"),
        (r"^patch_embed\.proj\.", "vit.embeddings.patch_embeddings.projection."),
        (r"^blocks\.", "vit.encoder.layer."),
        (r"^norm\.", "vit.layernorm."),
        (r"^(mask_token|decoder_pos_embed)$", r"decoder.\1"),
        (r"^(decoder_embed|decoder_norm|decoder_pred)\.", r"decoder.\1."),
        (r"^decoder_blocks\.", "decoder.decoder_layers."),
        (r"\.norm1\.", ".layernorm_before."),
        (r"\.norm2\.", ".layernorm_after."),
        (r"\.attn\.proj\.", ".attention.output.dense."),
        (r"\.attn\.qkv\.", ".attention.attention.qkv."),
        (r"\.mlp\.fc1\.", ".intermediate.dense."),
        (r"\.mlp\.fc2\.", ".output.dense."),
    )
]

_LAYER = re.compile(
    r"^(?:vit\.encoder\.layer|decoder\.decoder_layers)\.\d+\."
    r"(?:attention\.attention\.(?:query|key|value|qkv)|attention\.output\.dense|intermediate\.dense|output\.dense"
    r"|layernorm_before|layernorm_after)\.(?:weight|bias)$"
)
_OTHERS = {
    "vit.embeddings.cls_token",
    "vit.embeddings.position_embeddings",
    "decoder.mask_token",
    "decoder.decoder_pos_embed",
} | {
    f"{module}.{leaf}"
    for leaf in ("weight", "bias")
    for module in (
        "vit.embeddings.patch_embeddings.projection",
        "vit.layernorm",
        "decoder.decoder_embed",
        "decoder.decoder_norm",
        "decoder.decoder_pred",
    )
}
_WRAPPERS = {
    "_orig_mod",
    "orig_mod",
    "_checkpoint_wrapped_module",
    "_fsdp_wrapped_module",
    "_fpw_module",
    "_forward_module",
    "_wrapped_module",
    "_module",
    "module",
    "base_layer",
    "original_module",
}


def canonical(name):
    """The canonical name of a parameter, and who else calls it so: "4", "5", "disk" or "original". None where it is
    none."""
    if _is_canonical(name):
        return name, "4"
    for dialect, rules in (("5", _NEWER), ("original", _ORIGINAL)):
        renamed = name
        for pattern, replacement in rules:
            renamed = pattern.sub(replacement, renamed)
        if renamed != name and _is_canonical(renamed):
            return renamed, "disk" if dialect == "5" and "decoder_encoder" in name else dialect
    return None


def _is_canonical(name):
    return name in _OTHERS or _LAYER.match(name) is not None


def plain(name):
    """A key without the names by which wrappers hold what they wrap."""
    return ".".join(part for part in name.split(".") if part not in _WRAPPERS)


def recognize(keys):
    """Canonical names and dialects by key, and the prefix behind which most of `keys` are recognized.

    A file of a bare ViTMAEModel has no `vit.`, which is put in front.
    """
    best, best_prefix = {}, ""
    for prefix in sorted(_prefixes(keys), key=len):
        found = {}
        for key in keys:
            name = plain(key)
            if not name.startswith(prefix):
                continue
            rest = name[len(prefix) :]
            match = canonical(rest) or canonical("vit." + rest)
            if match:
                found[key] = match
        if len(found) > len(best):
            best, best_prefix = found, prefix
    return best, best_prefix


def _prefixes(keys):
    """What may stand in front: what does before the keys that each model has."""
    prefixes = {""}
    for key in keys:
        name = plain(key)
        for end in (
            "vit.embeddings.cls_token",
            "embeddings.cls_token",
            "cls_token",
            "vit.layernorm.weight",
            "layernorm.weight",
            "norm.weight",
        ):
            if name.endswith("." + end):
                prefixes.add(name[: -len(end)])
    return prefixes


def split(name, tensor):
    """The parameters in a tensor by canonical name: query, key and value of facebookresearch/mae are one."""
    if ".attention.attention.qkv." not in name:
        return {name: tensor}
    parts = tensor.chunk(3, dim=0)
    return {name.replace(".qkv.", f".{part}."): each for part, each in zip(("query", "key", "value"), parts)}
