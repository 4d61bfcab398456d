"""The configuration in effect: its fields as a result tells them, and what is read off the weights where nothing says
it."""

import json
import math

from . import mae_pb2 as pb
from .jobs import JobFailure

_INTEGER, _NUMBER, _BOOL, _EXTENT, _TEXT = range(5)

# The fields that are told, in their order, and what kind each is.
FIELDS = {
    "attention_probs_dropout_prob": _NUMBER,
    "decoder_hidden_size": _INTEGER,
    "decoder_intermediate_size": _INTEGER,
    "decoder_num_attention_heads": _INTEGER,
    "decoder_num_hidden_layers": _INTEGER,
    "hidden_act": _TEXT,
    "hidden_dropout_prob": _NUMBER,
    "hidden_size": _INTEGER,
    "image_size": _EXTENT,
    "initializer_range": _NUMBER,
    "intermediate_size": _INTEGER,
    "layer_norm_eps": _NUMBER,
    "mask_ratio": _NUMBER,
    "norm_pix_loss": _BOOL,
    "num_attention_heads": _INTEGER,
    "num_channels": _INTEGER,
    "num_hidden_layers": _INTEGER,
    "patch_size": _EXTENT,
    "qkv_bias": _BOOL,
}

# What a config.json calls the type of the weights in memory, and the types that it may name.
_DTYPE_NAMES = ("dtype", "torch_dtype")
_DTYPES = ("float32", "float16", "bfloat16", "float64")
# Settings that say where a file comes from.
HARMLESS = ("architectures", "model_type", "transformers_version", "_name_or_path")

_MOST_BYTES = 1 << 20

# Heads of the models that have a name, by width, layers and inner width: tiny, base, large, huge; then of their
# decoders.
_KNOWN_HEADS = {(64, 2, 128): 4, (768, 12, 3072): 12, (1024, 24, 4096): 16, (1280, 32, 5120): 16}
_KNOWN_DECODER_HEADS = {(32, 1, 64): 2, (512, 8, 2048): 16}


def value_text(name, value):
    """A value as config.json spells it, in the one form that all nodes use."""
    kind = FIELDS[name]
    if kind == _INTEGER:
        value = int(value)
    elif kind == _NUMBER:
        value = float(value)
    elif kind == _BOOL:
        value = bool(value)
    elif kind == _TEXT:
        value = str(value)
    else:
        sides = [int(side) for side in value] if isinstance(value, (list, tuple)) else [int(value)] * 2
        value = sides[0] if sides[0] == sides[1] else sides
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def fields(config, origins, mask_ratio, mask_ratio_origin):
    """Each field as (name, text, origin, reason); `origins` holds what is no default, as an origin or (origin,
    reason)."""
    told = []
    for name in FIELDS:
        value, origin = getattr(config, name, None), origins.get(name, pb.Origin_DEFAULT_VALUE)
        if name == "mask_ratio":
            value, origin = mask_ratio, mask_ratio_origin
        if value is None:
            continue
        origin, reason = origin if isinstance(origin, tuple) else (origin, None)
        told.append((name, value_text(name, value), origin, reason))
    return told


def read(path, named):
    """The known fields in a config.json; raises JobFailure. Only numbers, text and truth values are taken from it."""
    return known(document(path, named))


def document(path, named):
    """The object in the config.json of a ViT-MAE; raises JobFailure."""
    try:
        with open(path, "rb") as file:
            data = file.read(_MOST_BYTES + 1)
        values = json.loads(data) if len(data) <= _MOST_BYTES else None
    except (OSError, ValueError, RecursionError) as error:
        raise JobFailure(
            "malformedFile", f"{named}: cannot be read as JSON: {error}", "name the config.json of a ViT-MAE"
        ) from error
    if not isinstance(values, dict):
        raise JobFailure("malformedFile", f"{named}: is no JSON object", "name the config.json of a ViT-MAE")
    if values.get("model_type", "vit_mae") != "vit_mae":
        raise JobFailure(
            "invalidConfiguration",
            f"{named}: model_type is {values['model_type']!r}",
            "name the configuration of a ViT-MAE",
        )
    return values


def plain(values):
    """What from_pretrained is given of a config.json: the fields of a ViT-MAE, and the type of the weights in memory."""
    taken = {name: values[name] for name in FIELDS if name in values}
    dtypes = {name: values[name] for name in _DTYPE_NAMES if values.get(name) in _DTYPES}
    return {**taken, **dtypes, "model_type": "vit_mae"}


def known(values):
    """The fields of ViTMAEConfig among `values`, where they are of the kind that the field takes."""
    taken = {}
    for name, kind in FIELDS.items():
        value = values.get(name)
        if isinstance(value, (str, bool)):
            fits = kind == (_TEXT if isinstance(value, str) else _BOOL)
        elif isinstance(value, int):
            fits = kind in (_INTEGER, _NUMBER, _EXTENT)
        elif isinstance(value, float):
            fits = kind == _NUMBER
        else:
            fits = kind == _EXTENT and isinstance(value, (list, tuple)) and len(value) == 2
        if fits:
            taken[name] = value
    return taken


def inferred(shapes, named):
    """Values and origins of a configuration by the shapes of parameters, by canonical name; raises JobFailure.

    The rules are those of docs/formats.md: shapes give widths, layers, patches and channels; heads are a guess.
    """
    values, origins = {}, {}

    def shape(name, rank):
        found = shapes.get(name)
        if found is None or len(found) != rank:
            raise JobFailure(
                "missing",
                f"{named}: {name} is not in the file, or not as it must be, and no configuration says its size",
                "save the whole state dict, or name a configuration with --config",
            )
        return found

    def note(origin, **found):
        values.update(found)
        origins.update({name: origin for name in found})

    projection = shape("vit.embeddings.patch_embeddings.projection.weight", 4)
    positions = shape("vit.embeddings.position_embeddings", 3)
    side = math.isqrt(max(0, positions[1] - 1))
    if side < 1 or side * side != positions[1] - 1:
        raise JobFailure(
            "missing",
            f"{named}: {positions[1]} position embeddings are no square of patches and a class token",
            "name a configuration with --config",
        )
    if projection[2] != projection[3]:
        raise JobFailure(
            "missing",
            f"{named}: patches of {projection[2]} by {projection[3]} pixels",
            "transformers computes with square ones",
        )
    layers = _count(shapes, "vit.encoder.layer.")
    note(
        pb.Origin_INFERRED,
        hidden_size=projection[0],
        num_channels=projection[1],
        patch_size=projection[2],
        num_hidden_layers=layers,
    )
    inner = shape("vit.encoder.layer.0.intermediate.dense.weight", 2)[0] if layers else 3072
    if layers:
        note(
            pb.Origin_INFERRED,
            intermediate_size=inner,
            qkv_bias=any(name.endswith(".attention.attention.query.bias") for name in shapes),
        )
    note(
        (pb.Origin_GUESS, f"a square of the {side * side} patches that have position embeddings"),
        image_size=side * projection[2],
    )
    heads, reason = _heads((projection[0], layers, inner), _KNOWN_HEADS, 64, "encoder", named)
    note((pb.Origin_GUESS, reason), num_attention_heads=heads)
    if any(name.startswith("decoder.") for name in shapes):
        width = shape("decoder.decoder_embed.weight", 2)[0]
        layers = _count(shapes, "decoder.decoder_layers.")
        inner = shape("decoder.decoder_layers.0.intermediate.dense.weight", 2)[0] if layers else 2048
        note(
            pb.Origin_INFERRED,
            decoder_hidden_size=width,
            decoder_num_hidden_layers=layers,
            decoder_intermediate_size=inner,
        )
        heads, reason = _heads((width, layers, inner), _KNOWN_DECODER_HEADS, 32, "decoder", named)
        note((pb.Origin_GUESS, reason), decoder_num_attention_heads=heads)
    return values, origins


def _count(shapes, prefix):
    numbers = [int(name[len(prefix) :].split(".")[0]) for name in shapes if name.startswith(prefix)]
    return max(numbers) + 1 if numbers else 0


def _heads(sizes, known_heads, width, part, named):
    if sizes in known_heads:
        return known_heads[sizes], f"the {part} has the sizes of a model that has a name"
    if sizes[0] % width:
        raise JobFailure(
            "missing",
            f"{named}: the number of heads of the {part} cannot be seen from weights {sizes[0]} wide, "
            "and a state dict holds no configuration",
            "name one with --config",
        )
    return sizes[0] // width, f"heads {width} wide, as in the published models"
