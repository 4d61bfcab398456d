"""The three ways in which people load a ViT-MAE with PyTorch, and what each of them does that they should know.

`pretrained` is from_pretrained of a folder, `full` torch.load of a pickled model, `state-dict` torch.load of tensors
and load_state_dict. What each leaves out, draws at random or renames becomes a finding.
"""

import contextlib
import json
import logging
import os
import pickle
import tempfile
import types
import warnings

import torch
import transformers

from . import configuration, content, limits, mae_pb2 as pb, names
from .jobs import JobFailure

log = logging.getLogger("mae-witness")

NOTE, WARNING, ERROR = pb.Severity_NOTE, pb.Severity_WARNING, pb.Severity_ERROR

# Attention that transformers has itself; other names are those of packages and of code on a hub.
_ATTENTIONS = ("eager", "sdpa")

# A key with one of these words is an average, a copy or an optimizer: docs/formats.md, several models in one file.
_COPIES = ("ema", "avg", "swa", "teacher", "momentum", "target", "optimizer", "grads")


class Model:
    """A model that was loaded: the ViTMAEModel that computes, its configuration, digests of weights, and findings."""

    def __init__(self, vit, outer, origins, findings, weights):
        self.vit, self.outer, self.origins, self.findings, self.weights = vit, outer, origins, findings, weights
        self.manifest = None


def pretrained(folder, named, attention, overrides=None):
    """What ViTMAEForPreTraining.from_pretrained gives of `folder`; `overrides` is a folder with another config.json.

    It is given the weights of the folder, and of the configuration what a ViT-MAE computes with: other settings name
    code to run, such as a kernel, a quantizer or an adapter.
    """
    path = os.path.join(overrides or folder, "config.json")
    settings = configuration.document(path, named) if os.path.exists(path) else None
    stated = configuration.known(settings or {})
    if attention is None and (settings or {}).get("attn_implementation") in _ATTENTIONS:
        attention = settings["attn_implementation"]
    options = {} if attention is None else {"attn_implementation": attention}
    try:
        with _plain_folder(folder, settings) as plain:
            model, info = transformers.ViTMAEForPreTraining.from_pretrained(
                plain, output_loading_info=True, local_files_only=True, **options
            )
    except Exception as error:
        raise JobFailure(
            "loadFailed",
            limits.clipped(
                f"{named}: from_pretrained of transformers {transformers.__version__} "
                f"fails: {type(error).__name__}: {error}"
            ),
            "load the folder in Python by itself, and mend what it says",
        ) from error
    missing = {names.canonical(key)[0] if names.canonical(key) else key for key in info.get("missing_keys", ())}
    mismatched = {each[0] if isinstance(each, (tuple, list)) else each for each in info.get("mismatched_keys", ())}
    missing |= {names.canonical(key)[0] if names.canonical(key) else key for key in mismatched}
    findings, drawn = [], sorted(missing)
    parameters = {names.canonical(key)[0] for key, _ in model.named_parameters() if names.canonical(key)}
    decoder = {name for name in parameters if name.startswith("decoder.")}
    leave_out = set()
    if drawn and missing >= decoder and not any(name.startswith("vit.") for name in drawn):
        # An encoder alone: nothing that is compared depends on what was drawn for the decoder.
        leave_out = decoder
        findings.append(("encoder-only", NOTE, f"{named}: there is no decoder; from_pretrained draws one at random"))
    elif drawn:
        findings.append(
            (
                "drawn-weights",
                ERROR,
                (
                    f"{named}: from_pretrained of transformers {transformers.__version__} found no weights of"
                    f" {len(drawn)} parameters, and drew them at random, another time differently:"
                    f" {limits.listed(drawn)}. It says so in a warning only. Convert the folder: mae-coord checkpoint"
                    " convert writes names that transformers 4 and 5 read."
                ),
            )
        )
    unexpected = sorted(info.get("unexpected_keys", ()))
    if unexpected:
        findings.append(
            (
                "unexpected-keys",
                WARNING,
                (
                    f"{named}: from_pretrained left out {len(unexpected)} tensors that are no parameter of its model: "
                    f"{limits.listed(unexpected)}"
                ),
            )
        )
    left_out = _left_out(settings or {})
    if left_out:
        findings.append(
            (
                "settings-left-out",
                WARNING,
                (
                    f"{named}: config.json also sets {limits.listed(left_out)}, which from_pretrained was not given: the"
                    " witness hands over what a ViT-MAE computes with, and nothing that may choose other code to run"
                ),
            )
        )
    origin = pb.Origin_CONFIG_JSON if overrides is None else pb.Origin_CONFIG_OPTION
    return _model(model.vit, model, {name: origin for name in stated}, findings, leave_out)


def _left_out(settings):
    """Names of settings that from_pretrained was not given and that say something other than its defaults."""
    plain = configuration.plain(settings)
    defaults = json.loads(transformers.ViTMAEConfig().to_json_string(use_diff=False))
    return sorted(
        name
        for name, value in settings.items()
        if name not in plain
        and name not in configuration.HARMLESS
        and not (name == "attn_implementation" and value in _ATTENTIONS)
        and not (value is None or (name in defaults and defaults[name] == value))
    )


@contextlib.contextmanager
def _plain_folder(folder, settings):
    """A folder with the weights of `folder` and a config.json of plain settings; of None, without one."""
    with tempfile.TemporaryDirectory(prefix="mae-witness-") as plain:
        for name in content.checkpoint_names(folder)[1]:
            if name != "config.json":
                os.symlink(os.path.abspath(os.path.join(folder, name)), os.path.join(plain, name))
        if settings is not None:
            with open(os.path.join(plain, "config.json"), "w", encoding="utf-8") as file:
                json.dump(configuration.plain(settings), file)
        yield plain


def full(path, named, key, attention, stand_ins):
    """What torch.load gives of a pickled model. This executes what the file says: the caller has permission.

    Classes that are not there (those of a script's `__main__`, packages that are not installed) are stood in for by
    empty modules: they keep what was stored in them, and have no code.
    """
    stood = set()
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=False, pickle_module=_unpickler(stand_ins, stood))
    except Exception as error:
        raise JobFailure(
            "loadFailed",
            limits.clipped(
                f"{named}: torch.load of torch {torch.__version__} with transformers "
                f"{transformers.__version__} fails: {type(error).__name__}: {error}"
            ),
            "a pickled model fits only the release of transformers that it was saved with",
        ) from error
    found = _models(loaded)
    if not found:
        raise JobFailure(
            "wrongMethod",
            f"{named}: holds no ViTMAEForPreTraining or ViTMAEModel as a module",
            "load a dictionary of tensors with --method state-dict",
        )
    if key is not None:
        found = {at: each for at, each in found.items() if at == key or at.startswith(key + ".")}
        if not found:
            raise JobFailure(
                "missing", f"{named}: holds no model at {key}", "checkpoint inspect shows the keys of the file"
            )
    at, outer = min(found.items(), key=lambda item: (_is_copy(item[0]), item[0].count("."), list(found).index(item[0])))
    findings = []
    if len(found) > 1:
        findings.append(
            (
                "several-models",
                NOTE,
                f"{named}: holds {len(found)} models, {limits.listed(found)}: that at {at!r} was taken",
            )
        )
    if stood:
        findings.append(
            (
                "stand-ins",
                NOTE,
                (
                    f"{named}: empty modules stand in for {limits.listed(sorted(stood))}, which this witness does not"
                    " have: what their own code does is not looked at. Hand in the file that defines them with"
                    " --import FILE.py."
                ),
            )
        )
    vit = outer.vit if hasattr(outer, "vit") else outer
    if attention is not None and hasattr(outer, "set_attn_implementation"):
        outer.set_attn_implementation(attention)
    findings += _randomness(vit, named)
    config = vit.config
    stated = {name for name in configuration.FIELDS if hasattr(config, name)}
    return _model(vit, outer, {name: pb.Origin_PICKLED_CONFIG for name in stated}, findings, set())


def state_dict(path, named, key, config_values, attention, allow_pickle):
    """A ViTMAEForPreTraining of the configuration that the job or the file gives, with load_state_dict of the file's
    tensors.

    Names of transformers 4, 5 and facebookresearch/mae are mapped to those of the transformers that runs.
    """
    loaded = _tensors(path, named, allow_pickle)
    at, tensors = _state(loaded, named, key)
    recognized, prefix = names.recognize(list(tensors))
    parameters = {}
    for name, (canonical, _) in recognized.items():
        for each, tensor in names.split(canonical, tensors[name]).items():
            if each in parameters:
                raise JobFailure("contradiction", f"{named}: several keys hold {each}", "save the state dict again")
            parameters[each] = tensor
    findings = []
    stated = _stated(loaded)
    if config_values is not None and "hidden_size" not in stated:
        values, origins = config_values, {name: pb.Origin_CONFIG_OPTION for name in config_values}
    else:
        # A configuration in the file goes before one that is named for files without.
        values, origins = stated, {name: pb.Origin_STATED for name in stated}
        if "hidden_size" not in values:
            read, read_origins = configuration.inferred(
                {name: tuple(tensor.shape) for name, tensor in parameters.items()}, named
            )
            values, origins = {**read, **values}, {**read_origins, **origins}
            guessed = [name for name, origin in origins.items() if isinstance(origin, tuple)]
            guessed += [name for name in ("hidden_act", "layer_norm_eps", "mask_ratio") if name not in origins]
            findings.append(
                (
                    "guessed-configuration",
                    WARNING,
                    (
                        f"{named}: nothing says {limits.listed(guessed)}; they were guessed, or are the defaults of"
                        " transformers. Name a configuration with --config."
                    ),
                )
            )
    options = dict(values) if attention is None else {**values, "attn_implementation": attention}
    try:
        model = transformers.ViTMAEForPreTraining(transformers.ViTMAEConfig(**options))
    except Exception as error:
        raise JobFailure(
            "invalidConfiguration",
            limits.clipped(
                f"{named}: transformers {transformers.__version__} makes no model of its configuration: {error}"
            ),
            "correct the configuration",
        ) from error
    own = {}
    for name in model.state_dict():
        match = names.canonical(name)
        own[match[0] if match else name] = name
    decoder = {name for name in own if name.startswith("decoder.")}
    encoder_only = not any(name.startswith("decoder.") for name in parameters)
    missing = sorted(name for name in own if name not in parameters and not (encoder_only and name in decoder))
    beyond = sorted(name for name in parameters if name not in own)
    if missing or beyond:
        raise JobFailure(
            "missing",
            limits.clipped(
                f"{named}: load_state_dict refuses it: "
                + "; ".join(
                    f"{words} {limits.listed(found)}"
                    for words, found in (("missing", missing), ("unexpected", beyond))
                    if found
                )
            ),
            "save the whole state dict, with the configuration that it belongs to",
        )
    try:
        model.load_state_dict({own[name]: tensor for name, tensor in parameters.items()}, strict=not encoder_only)
    except Exception as error:
        raise JobFailure(
            "contradiction",
            limits.clipped(f"{named}: load_state_dict refuses it: {error}"),
            "name the configuration that the weights belong to with --config",
        ) from error
    if encoder_only:
        findings.append(("encoder-only", NOTE, f"{named}: there is no decoder"))
    unexpected = [name for name in tensors if name not in recognized]
    if unexpected:
        findings.append(
            (
                "unexpected-keys",
                WARNING,
                f"{named}: tensors that are no parameter were left out: {limits.listed(unexpected)}",
            )
        )
    renamed = [name for name, (canonical, _) in recognized.items() if own.get(canonical) != name]
    if renamed:
        front = f" behind {prefix!r}" if prefix else ""
        findings.append(
            (
                "renamed-keys",
                NOTE,
                (
                    f"{named}: load_state_dict of transformers {transformers.__version__} refuses {len(renamed)} keys"
                    f" as they are{front}, such as {renamed[0]}; they were renamed"
                ),
            )
        )
    widths = sorted({str(tensor.dtype) for tensor in parameters.values() if tensor.dtype != torch.float32})
    if widths:
        findings.append(
            (
                "converted-dtype",
                NOTE,
                f"{named}: weights are stored as {', '.join(widths)}; load_state_dict converts them to torch.float32",
            )
        )
    if at:
        log.debug("%s: the tensors at %r were taken", named, at)
    model.eval()
    return _model(model.vit, model, origins, findings, decoder if encoder_only else set())


def _randomness(vit, named):
    """What makes the outputs of a model random that was pickled in training mode; torch.load leaves it in that."""
    active = [
        f"{path} ({module.p})"
        for path, module in vit.named_modules()
        if isinstance(module, torch.nn.Dropout) and module.p > 0 and module.training
    ]
    attention = getattr(vit.config, "attention_probs_dropout_prob", 0)
    if vit.training and attention > 0:
        active.append(f"attention ({attention})")
    if active:
        return [
            (
                "training-mode",
                ERROR,
                (
                    f"{named}: the model was pickled in training mode with dropout, and torch.load leaves it so: its"
                    " outputs are random. They were computed as a user would compute them. Call model.eval() after"
                    " loading."
                ),
            ),
            ("dropout", ERROR, f"{named}: dropout is active in {limits.listed(active)}"),
        ]
    if vit.training:
        text = "it has no dropout above 0, so its outputs are those of evaluation mode"
        return [("training-mode", NOTE, f"{named}: the model was pickled in training mode; {text}")]
    return []


class _StandIn(torch.nn.Module):
    """What stands in for a class or function that is not there: it keeps what was stored in it, and does nothing."""

    def __init__(self, *arguments, **options):
        super().__init__()

    def __setstate__(self, state):
        if isinstance(state, dict) and all(isinstance(name, str) for name in state):
            self.__dict__.update(state)

    def __setitem__(self, name, value):
        pass

    def append(self, value):
        """What a stand-in for a list is given."""

    def extend(self, values):
        """What a stand-in for a list is given."""


def _model(vit, outer, origins, findings, leave_out):
    """Takes digests of every parameter but those of `leave_out`, and says what is unusual about their precision."""
    weights, halves = {}, set()
    state = outer.state_dict(keep_vars=False)
    prefix = "" if hasattr(outer, "vit") else "vit."
    for key, tensor in state.items():
        match = names.canonical(prefix + names.plain(key))
        if match and match[0] not in leave_out:
            weights[match[0]] = tensor
            if tensor.dtype != torch.float32:
                halves.add(str(tensor.dtype))
    if halves:
        findings.append(
            (
                "half-precision" if halves & {"torch.float16", "torch.bfloat16"} else "other-precision",
                WARNING,
                (
                    f"the model computes with weights of {', '.join(sorted(halves))}: PyTorch rounds each of its"
                    " operations to that, so outputs are further off than the tolerance"
                ),
            )
        )
    return Model(vit, outer, origins, findings, weights)


def _models(loaded):
    """Models inside what was loaded, by the way to each."""
    found, seen = {}, set()

    def take(value, path, depth):
        if id(value) in seen or depth > 6 or len(seen) > 100_000:
            return
        seen.add(id(value))
        if isinstance(value, torch.nn.Module):
            for at, module in value.named_modules():
                where = ".".join(part for part in (path, at) if part)
                if any(where.startswith(other + ".") or where == other or not other for other in found):
                    continue
                if isinstance(module, (transformers.ViTMAEForPreTraining, transformers.ViTMAEModel)):
                    found[where] = module
        elif isinstance(value, dict):
            for name, each in value.items():
                take(each, f"{path}.{name}" if path else str(name), depth + 1)
        elif isinstance(value, (list, tuple)):
            for index, each in enumerate(value):
                take(each, f"{path}.{index}" if path else str(index), depth + 1)

    take(loaded, "", 0)
    return found


def _is_copy(path):
    words = path.lower().replace(".", "_").split("_")
    return any(word in _COPIES for word in words)


def _unpickler(definitions, stood):
    """A module for torch.load that finds classes in `definitions` before `__main__`, and stands in for those that are
    not there."""
    made = {}

    class Unpickler(pickle.Unpickler):
        def find_class(self, module, name):
            if module == "__main__" and name in definitions:
                return definitions[name]
            try:
                if module != "__main__":
                    return super().find_class(module, name)
            except (ImportError, AttributeError):
                # A class of transformers or torch that is not there is not to be stood in for: the model would be
                # another.
                if module.partition(".")[0] in ("torch", "transformers"):
                    raise
            stood.add(f"{module}.{name}")
            if (module, name) not in made:
                made[module, name] = type(name, (_StandIn,), {"__module__": module})
            return made[module, name]

    module = types.ModuleType("mae_witness_pickle")
    module.__dict__.update({name: getattr(pickle, name) for name in dir(pickle) if not name.startswith("__")})
    module.Unpickler = Unpickler
    module.load = lambda file, **options: Unpickler(file, **options).load()
    return module


def _tensors(path, named, allow_pickle):
    """What is in a file of torch.save or safetensors; content decides which it is."""
    with open(path, "rb") as file:
        head = file.read(9)
    if len(head) == 9 and head[8:9] == b"{" and not head.startswith(b"PK") and head[0] != 0x80:
        from safetensors.torch import load_file

        try:
            return load_file(path)
        except Exception as error:
            raise JobFailure("malformedFile", limits.clipped(f"{named}: safetensors refuses it: {error}")) from error
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if not allow_pickle:
            raise JobFailure(
                "refusedByPolicy",
                limits.clipped(
                    f"{named}: refused by policy: torch.load(weights_only=True) does not read it"
                    f" ({_first_line(error)}), and anything else would execute what is in the file"
                ),
                "save model.state_dict() alone, or start the witness with --allow-pickle if you trust the file",
            ) from error
    except Exception as error:
        raise JobFailure("malformedFile", limits.clipped(f"{named}: torch.load refuses it: {error}")) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=False, pickle_module=_unpickler({}, set()))
    except Exception as error:
        raise JobFailure("loadFailed", limits.clipped(f"{named}: torch.load fails: {error}")) from error


def _first_line(error):
    return str(error).strip().split("\n")[0][:200]


def _state(loaded, named, key):
    """The dictionary of tensors to load, and the way to it."""
    found, seen = {}, set()

    def take(value, path, depth):
        if not isinstance(value, (dict, list, tuple)) or id(value) in seen or depth > 6:
            return
        seen.add(id(value))
        items = list(value.items() if isinstance(value, dict) else enumerate(value))
        if isinstance(value, dict):
            tensors = {name: each for name, each in items if isinstance(name, str) and isinstance(each, torch.Tensor)}
            recognized = names.recognize(list(tensors))[0]
            if recognized:
                found[path] = (sum(tensors[name].numel() for name in recognized), tensors)
        for name, each in items[:10_000]:
            take(each, f"{path}.{name}" if path else str(name), depth + 1)

    take(loaded, "", 0)
    if key is not None:
        if key not in found:
            # Models behind prefixes of one dictionary: the key goes on inside of it.
            for path, (_, tensors) in list(found.items()):
                front = key[len(path) + 1 :] if path and key.startswith(path + ".") else key if not path else None
                part = {name: each for name, each in tensors.items() if front and name.startswith(front + ".")}
                if part:
                    return key, part
            raise JobFailure(
                "missing", f"{named}: holds no weights at {key}", "checkpoint inspect shows the keys of the file"
            )
        return key, found[key][1]
    if not found:
        raise JobFailure(
            "wrongMethod",
            f"{named}: holds no dictionary with tensors of a ViT-MAE",
            "load a pickled model with --method full",
        )
    order = list(found)
    at = min(found, key=lambda path: (_is_copy(path), -found[path][0], order.index(path)))
    return at, found[at][1]


def _stated(loaded):
    """Settings that are stored next to the weights: Lightning's hyper_parameters, a configuration, or `args`."""
    if not isinstance(loaded, dict):
        return {}
    for name in ("hyper_parameters", "config", "cfg", "args"):
        value = loaded.get(name)
        for each in (value, value.get("config") if isinstance(value, dict) else None):
            if each is not None and not isinstance(each, (dict, torch.Tensor)) and hasattr(each, "to_dict"):
                each = each.to_dict()
            if isinstance(each, dict):
                taken = configuration.known(each)
                if taken:
                    return taken
    return {}
