"""How the same parameter is called by each writer.

Canonical here means: as transformers 4.57 names it in memory and on disk.
"""

import re

# transformers 5 in memory -> canonical.
_RENAMED_IN_5 = [
    (r"^vit\.layers\.", "vit.encoder.layer."),
    (r"\.attention\.q_proj\.", ".attention.attention.query."),
    (r"\.attention\.k_proj\.", ".attention.attention.key."),
    (r"\.attention\.v_proj\.", ".attention.attention.value."),
    (r"\.attention\.o_proj\.", ".attention.output.dense."),
    (r"\.mlp\.fc1\.", ".intermediate.dense."),
    (r"\.mlp\.fc2\.", ".output.dense."),
]

# canonical -> facebookresearch/mae, but for query, key and value, which are fused there.
_RENAMED_IN_ORIGINAL = [
    (r"^vit\.embeddings\.cls_token$", "cls_token"),
    (r"^vit\.embeddings\.position_embeddings$", "pos_embed"),
    (r"^vit\.embeddings\.patch_embeddings\.projection\.", "patch_embed.proj."),
    (r"^vit\.encoder\.layer\.", "blocks."),
    (r"^vit\.layernorm\.", "norm."),
    (r"^decoder\.decoder_layers\.", "decoder_blocks."),
    (r"^decoder\.", ""),
    (r"\.layernorm_before\.", ".norm1."),
    (r"\.layernorm_after\.", ".norm2."),
    (r"\.attention\.output\.dense\.", ".attn.proj."),
    (r"\.intermediate\.dense\.", ".mlp.fc1."),
    (r"\.output\.dense\.", ".mlp.fc2."),
]


def canonical(name):
    """The canonical name of a parameter that transformers 5 holds in memory."""
    for pattern, replacement in _RENAMED_IN_5:
        name = re.sub(pattern, replacement, name)
    return name


def original(name):
    """The name in facebookresearch/mae of a canonical parameter other than query, key and value."""
    for pattern, replacement in _RENAMED_IN_ORIGINAL:
        name = re.sub(pattern, replacement, name)
    return name
