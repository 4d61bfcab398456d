"""Records what a model of PyTorch does: which module gave which bits, with which weights, settings and random numbers.

    with mae_record.record(model, "a.safetensors"):
        model(pixels)

or, for a script that cannot be edited: `MAE_RECORD=a.safetensors python -m mae_record train.py arguments`.
Needs torch alone, 1.13 to 2.13, in eager mode. docs/recordings.md tells the format, the cost and what is not seen.
"""

import concurrent.futures
import contextlib
import ctypes
import dataclasses
import datetime
import fnmatch
import hashlib
import importlib
import inspect
import json
import math
import os
import platform
import re
import runpy
import struct
import sys
import threading
import time
import types
import warnings
import weakref

import torch
import torch.fx  # before Module.__call__ is replaced, since torch.fx keeps the one it finds

__version__ = "1.0.0"
__all__ = ["record", "Callback"]

MAX_CALLS, MAX_MODULE_CALLS, MAX_VALUES, MAX_PROBLEMS, MAX_TEXT = 64, 16384, 64, 16, 300
PENDING_BYTES = 64 << 20  # copies that wait for their digests
DEFAULT_KEEP = ("final", "pooled", "noise", "generator")
SAFETENSORS = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
               torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL"}
VARIABLES = re.compile("OMP_NUM_THREADS|OMP_DYNAMIC|KMP_AFFINITY|(MKL|DNNL|ONEDNN|ATEN|TORCH_ALLOW|TORCH_BLAS|NVIDIA_TF32|CUBLAS|CUDNN"
                       "|CUDA_LAUNCH|PYTORCH_NO|PYTORCH_ENABLE)_[A-Z0-9_]+|(RANK|WORLD_SIZE)")

_is_compiling = getattr(getattr(torch, "compiler", None), "is_compiling", None) or (lambda: False)
_current_graph_task = getattr(torch._C, "_current_graph_task_id", None) or (lambda: -1)


# Plain values for JSON

def _text(value):
    """A short text without paths of this machine."""
    return re.sub(r"(?<![\w.])(?:/|~/|[A-Za-z]:\\)[^\s'\",;)]+", "(path)", str(value))[:MAX_TEXT]


def _plain(value, depth=0):
    """The value as strict JSON has it, or None where it is no simple value. Texts that may be paths are left out."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        value = int(value) if isinstance(value, int) else float(value)
        return value if abs(value) < 2 ** 63 and math.isfinite(value) else str(value)[:MAX_TEXT]
    if isinstance(value, str):
        return None if "/" in value or "\\" in value else str(value)[:MAX_TEXT]
    if isinstance(value, (torch.dtype, torch.device)):
        return str(value).replace("torch.", "")
    if depth < 4 and isinstance(value, dict):
        items = {str(key)[:MAX_TEXT]: _plain(item, depth + 1) for key, item in list(value.items())[:256]}
        return {key: item for key, item in items.items() if item is not None}
    if depth < 4 and isinstance(value, (list, tuple)) and len(value) <= 64:
        return [_plain(item, depth + 1) for item in value]
    return None


def _name(thing):
    return f"{type(thing).__module__}.{type(thing).__qualname__}"[:MAX_TEXT]


# Digests

def _memory(tensor):
    """The bytes of a contiguous tensor on the CPU, not copied: they are read while `tensor` lives."""
    size = tensor.numel() * tensor.element_size()
    return (ctypes.c_char * size).from_address(tensor.data_ptr()) if size else b""


def _canonical(tensor, copy=True):
    """Contiguous numbers of the canonical type on the CPU (NaN as they are), or None where that has no meaning."""
    if tensor.layout != torch.strided or tensor.is_complex() or tensor.is_quantized or tensor.device.type == "meta":
        return None
    kind = torch.float32 if tensor.is_floating_point() else torch.uint8 if tensor.dtype == torch.bool else torch.int64
    if not copy and tensor.dtype == kind and tensor.device.type == "cpu" and tensor.is_contiguous():
        return tensor
    return torch.empty(tensor.shape, dtype=kind, device="cpu").copy_(tensor)


def _measure(numbers, value):
    """Adds the largest magnitude and the counts of NaN and infinity; gives the numbers with each NaN as 0x7fc00000."""
    if numbers.numel() == 0 or numbers.dtype == torch.uint8:
        return numbers
    low, high = (bound.item() for bound in torch.aminmax(numbers))
    if numbers.dtype == torch.int64:
        value["largest"] = max(abs(low), abs(high))
        return numbers
    value["nan"] = value["infinite"] = 0
    if not (math.isfinite(low) and math.isfinite(high)):
        bad = torch.isnan(numbers)
        value["nan"], value["infinite"] = int(bad.sum()), int(torch.isinf(numbers).sum())
        finite = numbers[torch.isfinite(numbers)]
        if value["nan"]:
            numbers = numbers.clone()
            numbers.view(torch.int32).masked_fill_(bad, 0x7FC00000)
        if finite.numel() == 0:
            return numbers
        low, high = finite.min().item(), finite.max().item()
    value["largest"] = max(abs(low), abs(high))
    return numbers


def _digest(job):
    """Fills in the digest of the numbers and, where it is wanted, of the same with the rows of each image sorted."""
    value, numbers, rows = job
    memory = _memory(numbers)
    value["sha256"] = hashlib.sha256(memory).hexdigest()
    if rows and numbers.numel():
        images, tokens, width = numbers.shape
        view, step, digest = memoryview(memory).cast("B"), width * numbers.element_size(), hashlib.sha256()
        for image in range(images):
            places = range(image * tokens * step, (image + 1) * tokens * step, step)
            digest.update(b"".join(sorted(bytes(view[place:place + step]) for place in places)))
        value["rows_sha256"] = digest.hexdigest()


# What a model is

def _roles(root):
    """What each module is in a ViT-MAE, by the names that transformers, facebookresearch/mae and timm give its parts."""
    roles = {}

    def blocks(parent, name, role):
        for index, block in enumerate(parent._modules.get(name, torch.nn.Module())._modules.values()):
            roles[id(block)] = (role, index)

    def part(parent, names, role):
        for name in names:
            if parent._modules.get(name) is not None:
                roles.setdefault(id(parent._modules[name]), (role, None))

    for module in root.modules():
        parts = module._modules
        embeddings = parts.get("embeddings")
        patches = parts.get("patch_embed") if embeddings is None else embeddings._modules.get("patch_embeddings")
        layers = parts.get("encoder") if "layer" in getattr(parts.get("encoder"), "_modules", ()) else module
        if patches is not None and any(name in layers._modules for name in ("layers", "layer", "blocks")):
            roles.setdefault(id(module), ("encoder", None))
            part(module, ("embeddings",), "embeddings")
            part(patches, ("projection", "proj"), "patch-projection")
            for name in ("layers", "layer", "blocks"):
                blocks(layers, name, "encoder-block")
            part(module, ("layernorm", "norm"), "encoder-norm")
        if "decoder_embed" in parts:
            roles.setdefault(id(module), ("decoder", None))
            part(module, ("decoder_embed",), "decoder-embedding")
            for name in ("decoder_layers", "decoder_blocks"):
                blocks(module, name, "decoder-block")
            part(module, ("decoder_norm",), "decoder-norm")
            part(module, ("decoder_pred",), "decoder-prediction")
    return roles


def _state(module, prefix=""):
    """What `state_dict()` gives, in its order, without the hooks that user code or FSDP put into it."""
    for name, tensor in [*module._parameters.items(), *module._buffers.items()]:
        if tensor is not None and name not in module._non_persistent_buffers_set:
            yield prefix + name, tensor
    for name, child in module._modules.items():
        if child is not None:
            yield from _state(child, f"{prefix}{name}.")


def _version(tensor):
    try:
        return tensor._version
    except RuntimeError:  # a tensor of inference mode has none
        return None


class _Model:
    """A model whose calls are recorded. Holds its modules weakly, so that a script can free them."""

    def __init__(self, root, flush):
        self.root, self.places, self.refs, self.traits = weakref.ref(root), {}, [], []
        self.json = {"class": _name(root), "training": root.training, "configs": [], "modules": [], "weights": []}
        self.roles, configs = _roles(root), set()
        self.parts = {id(part) for module in root.modules() if self.roles.get(id(module), "  ")[0].endswith("-block")
                      for part in module.children()}
        for path, module in root.named_modules():
            self.add(module, path)
            config = module.__dict__.get("config")
            if hasattr(config, "to_dict") and hasattr(config, "model_type") and id(config) not in configs:
                configs.add(id(config))
                self.json["configs"].append({"path": path, "values": _plain(config.to_dict())})
                self.json.setdefault("attention", _plain(getattr(config, "_attn_implementation", None)))
        if self.json.get("attention", "") is None:
            del self.json["attention"]
        if any(_opaque(module) for module in root.modules()):
            self.json["compiled"] = True
        self.weights, seen, jobs = [], {}, []
        for name, tensor in _state(root):
            value = seen.get(id(tensor))
            if value is None:
                value = seen[id(tensor)] = {"shape": list(tensor.shape), "dtype": str(tensor.dtype)[6:]}
                numbers = _canonical(tensor.detach(), copy=False)
                if numbers is not None:
                    counts = {}
                    jobs.append((value, _measure(numbers, counts), False))
                self.weights.append((weakref.ref(tensor), _version(tensor)))
            self.json["weights"].append((name, value))
        flush(jobs)
        self.json["weights"] = [{"name": name, **value} for name, value in self.json["weights"]]

    def add(self, module, path):
        role, index = self.roles.get(id(module), (None, None))
        self.places[id(module)] = len(self.refs)
        self.refs.append(weakref.ref(module))
        self.traits.append((path, role, id(module) in self.parts))
        simple = {key: _plain(item) for key, item in list(module.__dict__.items())
                  if not key.startswith("_") and key != "training" and isinstance(item, (bool, int, float, str, tuple))}
        settings = {key: item for key, item in list(simple.items())[:32] if item is not None and item != []}
        entry = {"path": path, "class": _name(module), "training": module.training}
        extra = {"role": role, "index": index, "settings": settings or None}
        self.json["modules"].append({**entry, **{key: item for key, item in extra.items() if item is not None}})

    def place(self, module):
        place = self.places.get(id(module))
        if place is None or self.refs[place]() is not module:  # added during the recording
            named = dict((id(one), path) for path, one in self.root().named_modules())
            self.add(module, named.get(id(module), "(not in the model)"))
            place = self.places[id(module)]
        return place

    def changed(self):
        return any(ref() is not None and version is not None and _version(ref()) != version for ref, version in self.weights)


def _opaque(module):
    """Whether modules inside of it are called by compiled code, which is not seen."""
    compiled = getattr(module, "_compiled_call_impl", None) is not None or type(module).__name__ == "OptimizedModule"
    return compiled or isinstance(module, torch.jit.ScriptModule)


# Settings

def _settings():
    """What else decides the bits: versions, processor, threads and flags. No name of a host, user or file."""
    shown = torch.__config__.show()
    found, cuda = {}, torch.cuda.is_available()

    def add(name, read):
        try:
            value = _plain(read())
        except Exception:  # not in this version of torch
            return
        if value is not None and value != "":
            found[name] = value

    def match(pattern):
        hit = re.search(pattern, shown)
        return hit.group(1).strip() if hit else None

    def processor():
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            return re.search(r"model name\s*:\s*(.*)", file.read()).group(1)

    for name in ("transformers", "numpy", "pytorch_lightning", "lightning", "timm", "safetensors"):
        if name in sys.modules:
            add(name, lambda: sys.modules[name].__version__)
    backends = torch.backends
    for name, read in {
        "python": platform.python_version, "torch": lambda: torch.__version__, "system": platform.system,
        "kernel": platform.release, "libc": lambda: " ".join(platform.libc_ver()), "machine": platform.machine,
        "processor": processor, "cpu_capability": lambda: match("CPU capability usage: (.*)"),
        "blas": lambda: match("BLAS_INFO=([^,]*)"), "mkl": lambda: match(r"(?:MKL|Math Kernel Library) Version ([\d.]+)"),
        "onednn": lambda: match(r"MKL-DNN v([\w.]+)"), "threads": torch.get_num_threads,
        "interop_threads": torch.get_num_interop_threads, "default_dtype": torch.get_default_dtype,
        "deterministic": torch.are_deterministic_algorithms_enabled,
        "deterministic_warn_only": torch.is_deterministic_algorithms_warn_only_enabled,
        "flush_denormal": lambda: float(torch.tensor([1e-40], device="cpu").mul(1.0)[0]) == 0,
        "mkldnn": lambda: backends.mkldnn.is_available() and backends.mkldnn.enabled,
        "tf32_matmul": lambda: backends.cuda.matmul.allow_tf32, "tf32_cudnn": lambda: backends.cudnn.allow_tf32,
        "float32_matmul_precision": torch.get_float32_matmul_precision,
        "fp32_precision": lambda: backends.fp32_precision,
        "mkldnn_fp32_precision": lambda: backends.mkldnn.fp32_precision,
        "fp16_reduced_precision_reduction": lambda: backends.cuda.matmul.allow_fp16_reduced_precision_reduction,
        "bf16_reduced_precision_reduction": lambda: backends.cuda.matmul.allow_bf16_reduced_precision_reduction,
        "sdp_flash": backends.cuda.flash_sdp_enabled if hasattr(backends.cuda, "flash_sdp_enabled") else None,
        "sdp_math": getattr(backends.cuda, "math_sdp_enabled", None),
        "sdp_mem_efficient": getattr(backends.cuda, "mem_efficient_sdp_enabled", None),
        "sdp_cudnn": getattr(backends.cuda, "cudnn_sdp_enabled", None),
        "cudnn_enabled": lambda: backends.cudnn.enabled, "cudnn_benchmark": lambda: backends.cudnn.benchmark,
        "cudnn_deterministic": lambda: backends.cudnn.deterministic, "cuda_available": lambda: cuda,
        "cuda_version": lambda: torch.version.cuda, "cudnn_version": lambda: backends.cudnn.version() if cuda else None,
        "cuda_device": lambda: torch.cuda.get_device_name() if torch.cuda.is_initialized() else None,
        "cuda_capability": lambda: str(torch.cuda.get_device_capability()) if torch.cuda.is_initialized() else None,
    }.items():
        add(name, read)
    for name in sorted(os.environ):
        if VARIABLES.fullmatch(name):
            add(f"env.{name}", lambda: os.environ[name])
    return found


# Recording

def _flatten(values, depth=0):
    """Names and tensors in arguments and outputs, however they are nested."""
    for name, value in values:
        if isinstance(value, torch.Tensor):
            yield str(name), value
        elif depth < 4:
            inner = None
            if isinstance(value, dict):
                inner = list(value.items())
            elif isinstance(value, (list, tuple)):
                inner = list(zip(getattr(value, "_fields", range(len(value))), value))
            elif dataclasses.is_dataclass(value) and not isinstance(value, type):
                inner = [(field.name, getattr(value, field.name, None)) for field in dataclasses.fields(value)]
            if inner:
                yield from _flatten([(f"{name}.{key}" if name != "" else key, item) for key, item in inner], depth + 1)


class _Call:
    """An outermost call of a model in one thread."""

    def __init__(self, model, json):
        self.model, self.json, self.place = model, json, 0
        self.entries, self.counts, self.seen, self.pending, self.pending_bytes = json["modules"], {}, {}, [], 0
        self.before, self.ratio = {}, None


class record:
    """Records the calls of `models` (one, several, or None for each outermost call of any model with parameters) to `path`.

    Use it as a context manager; the file is written at its end, whole or not at all, also when the block raises.
    `keep` adds whole tensors to the default (the final layer norm, its mean, what the embeddings drew, the state of the CPU's
    generator): `input`, `blocks`, `all`, or patterns of paths such as `*.layers.*`; `none` takes the default away.
    At most `limit` bytes are kept. `detail="all"` takes digests of every module.
    A path that cannot be written raises OSError at the start. What fails later is a warning and noted in `problems`.
    """

    def __init__(self, models, path, keep=(), detail="blocks", limit=1 << 30):
        if detail not in ("blocks", "all"):
            raise ValueError(f"detail is \"blocks\" or \"all\", not {detail!r}")
        names = [name.strip() for name in (keep.split(",") if isinstance(keep, str) else keep)]
        self.keep = {*names} if "none" in names else {*names, *DEFAULT_KEEP}
        self.path, self.detail, self.limit = os.fspath(path), detail, limit
        models = [models] if isinstance(models, torch.nn.Module) else models
        self.given = None if models is None else list(models)
        self.watched = self.given and {id(module) for model in self.given for module in model.modules()}
        self.local, self.lock, self.models, self.tensors, self.kept = threading.local(), threading.RLock(), [], {}, 0
        self.pool, self.names, self.warned = None, {}, False
        self.json = {"schema": 1, "recorder": __version__, "started": None, "seconds": 0, "ended": "finished", "detail": detail,
                     "calls_left_out": 0, "problems": [], "settings": {}, "models": [], "calls": []}

    def __enter__(self):
        folder = os.path.dirname(os.path.abspath(self.path))
        if not os.path.isdir(folder) or not os.access(folder, os.W_OK):
            raise OSError(f"mae_record: the folder of {self.path} is not there or cannot be written to")
        self.json["started"] = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.begun = time.monotonic()
        self.resume()
        return self

    def __exit__(self, kind, error, traceback):
        self.pause()
        if error is not None and not (isinstance(error, SystemExit) and not error.code):
            self.json.update(ended="exception", exception={"type": _name(error), "message": _text(error)})
        self.write()
        return False

    def resume(self):
        """Goes on recording after `pause()`."""
        _install(self)

    def pause(self):
        """Records no further calls until `resume()`; nothing of PyTorch is changed then."""
        _remove(self)

    def write(self):
        """Writes the file as it is now, atomically."""
        try:
            with self.lock:
                self.json["seconds"] = round(time.monotonic() - self.begun, 3)
                _write(self.path, self.json, self.tensors)
        except Exception as error:
            warnings.warn(f"mae_record: {self.path} was not written: {error}", RuntimeWarning, stacklevel=3)
        if self.pool is not None:
            self.pool.shutdown()
            self.pool = None

    # What happens at the calls of modules

    def began(self, module, args, kwargs):
        """Called before a module; gives what `ended` needs, or None where the call is not recorded."""
        stack = self.local.__dict__.setdefault("stack", [])
        if stack and stack[-1] is None:
            return None  # inside of a call that is left out
        if not stack:
            if self.watched is not None and id(module) not in self.watched:
                return None
            if self.watched is None and next(module.parameters(), None) is None:
                return None
            if getattr(module, "_is_replica", False) or _current_graph_task() != -1:
                return None  # a copy of DataParallel, or computed again for the gradients
        frame, modes = None, {"grad": torch.is_grad_enabled(), "inference": torch.is_inference_mode_enabled()}
        try:
            with _quietly():
                frame = self._begin(module, args, kwargs, stack, modes)
        except Exception as error:
            self._problem(error)
        stack.append(frame)
        return (stack, frame)

    def ended(self, token, output, error):
        """Called after a module returned or threw."""
        if token is None:
            return
        stack, frame = token
        stack.pop()
        if frame is not None:
            try:
                with _quietly():
                    self._end(frame, output, error, last=not stack)
            except Exception as problem:
                self._problem(problem)

    def _begin(self, module, args, kwargs, stack, modes):
        if stack:
            call, parent, _ = stack[-1]
        else:
            call, parent = self._call(module, modes), -1
            if call is None:
                return None
        if len(call.entries) >= MAX_MODULE_CALLS:
            raise RuntimeError(f"a call of a model with more than {MAX_MODULE_CALLS} calls of modules: the rest is left out")
        place = call.model.place(module)
        path, role, part = call.model.traits[place]
        count = call.counts[place] = call.counts.get(place, -1) + 1
        entry = {"module": place, "call": count, "parent": parent, "inputs": [], "outputs": []}
        index = len(call.entries)
        call.entries.append(entry)
        named = self._named(module, args, kwargs)
        simple = {name: item for name, item in named if isinstance(item, (bool, int, float))}
        if simple:
            entry["arguments"] = _plain(simple)
        digest = parent == -1 or role is not None or self.detail == "all"
        kept = "input" if parent == -1 else "blocks" if role in ("encoder-block", "decoder-block") else None
        self._values(call, index, "inputs", named, digest, False, kept, path)
        if role == "embeddings":
            self._before_embeddings(call, module, named)
        return (call, index, module)

    def _call(self, module, modes):
        with self.lock:
            if len(self.json["calls"]) >= MAX_CALLS:
                self.json["calls_left_out"] += 1
                return None
            if not self.json["settings"]:
                self.json["settings"] = _settings()
            number = next((number for number, model in enumerate(self.models) if model.root() is module), None)
            if number is None:
                model = _Model(module, self._flush)
                number = len(self.models)
                self.models.append(model)
                self.json["models"].append(model.json)
            model = self.models[number]
            json = {"model": number, "training": module.training, **modes, "autocast": _autocast(), "weights_changed": model.changed(),
                    "generators": {}, "modules": []}
            call = _Call(model, json)
            call.place = len(self.json["calls"])
            self.json["calls"].append(json)
        for device, generator in _generators(module):
            state = generator.get_state()
            json["generators"][device] = {"before": _sha(state), "seed": generator.initial_seed()}
            call.before[device] = generator
            if device == "cpu" and "generator" in self.keep:
                name = f"{call.place}/generator.{device}"
                self._store(json["generators"][device], "state", name, state)
        return call

    def _end(self, frame, output, error, last):
        call, index, module = frame
        entry = call.entries[index]
        path, role, part = call.model.traits[entry["module"]]
        if error is not None:
            entry["error"] = f"{type(error).__name__}: {_text(error)}"
        else:
            digest = last or role is not None or part or self.detail == "all"
            rows = role in ("embeddings", "encoder-block", "encoder-norm")
            kept = {"encoder-norm": "final", "encoder-block": "blocks", "decoder-block": "blocks", "embeddings": "blocks"}.get(role)
            values = [("0", output)] if isinstance(output, torch.Tensor) else [("", output)]
            self._values(call, index, "outputs", values, digest, rows, kept, path)
            if role == "embeddings":
                self._after_embeddings(call, output)
            if role == "encoder-norm" and isinstance(output, torch.Tensor) and output.dim() == 3:
                call.json["pooled"] = self._whole(call, "pooled", output.mean(1), "pooled")
        if last:
            self._flush(call.pending)
            call.seen = {}
            for device, generator in call.before.items():
                call.json["generators"][device]["after"] = _sha(generator.get_state())

    def _named(self, module, args, kwargs):
        kind = type(module)
        if kind not in self.names:
            try:
                parameters = list(inspect.signature(kind.forward).parameters.values())[1:]
                self.names[kind] = [one.name for one in parameters if one.kind == one.POSITIONAL_OR_KEYWORD]
            except (TypeError, ValueError):
                self.names[kind] = []
        names = self.names[kind]
        return [(names[place] if place < len(names) else place, item) for place, item in enumerate(args)] + list(kwargs.items())

    def _values(self, call, index, side, values, digest, rows, kept, path):
        """Describes the tensors on one side of a module's call, and keeps those that were asked for."""
        entry = call.entries[index]
        for place, (name, tensor) in enumerate(_flatten(values)):
            if place == MAX_VALUES:
                break
            version, known = _version(tensor), call.seen.get(id(tensor))
            same = known and known[0]() is tensor and version is not None and known[1] == version and known[4] >= digest
            if same:
                value = known[2]
                entry[side].append({"name": name, "same_as": known[3]})
            else:
                value = self._value(call, name, tensor, digest, rows)
                entry[side].append(value)
                call.seen[id(tensor)] = (weakref.ref(tensor), version, value, [index, side, place], digest)
            if "tensor" not in value and self._keeps(side, place, kept, path):
                label = path if side == "outputs" else "input" if entry["parent"] == -1 else f"{path}.input"
                suffix = f"#{entry['call']}.{place}" if entry["call"] else f"#{place}" if place else ""
                self._store(value, "tensor", f"{call.place}/{label}{suffix}", tensor)

    def _keeps(self, side, place, kept, path):
        if side == "inputs":
            return kept in self.keep and (kept == "input" or place == 0)
        return "all" in self.keep or place == 0 and kept in self.keep or any(fnmatch.fnmatchcase(path, one) for one in self.keep)

    def _value(self, call, name, tensor, digest, rows=False):
        value = {"name": name, "shape": list(tensor.shape), "dtype": str(tensor.dtype)[6:], "device": str(tensor.device)}
        numbers = _canonical(tensor.detach()) if digest else None
        if numbers is not None:
            numbers = _measure(numbers, value)
            call.pending.append((value, numbers, rows and numbers.dim() == 3))
            call.pending_bytes += numbers.numel() * numbers.element_size()
            if call.pending_bytes > PENDING_BYTES:
                self._flush(call.pending)
                call.pending_bytes = 0
        return value

    def _flush(self, jobs):
        """Takes the digests that wait, on as many threads as PyTorch uses: hashing does not hold the interpreter's lock."""
        with self.lock:
            if self.pool is None:
                self.pool = concurrent.futures.ThreadPoolExecutor(max(1, min(8, torch.get_num_threads())))
            pool = self.pool
        list(pool.map(_digest, sorted(jobs, key=lambda job: -job[1].numel())))
        jobs.clear()

    def _store(self, value, field, name, tensor):
        size = tensor.numel() * tensor.element_size()
        with self.lock:
            if tensor.dtype not in SAFETENSORS or tensor.layout != torch.strided or name in self.tensors:
                return
            if self.kept + size > self.limit:
                raise MemoryError(f"{name} was not kept: more than {self.limit} bytes; name less in keep= or set limit=")
            self.kept += size
            self.tensors[name] = torch.empty(tensor.shape, dtype=tensor.dtype, device="cpu").copy_(tensor.detach())
        value[field] = name

    def _whole(self, call, name, tensor, kept):
        value = self._value(call, name, tensor, True)
        if kept in self.keep:
            self._store(value, "tensor", f"{call.place}/{name}", tensor)
        return value

    def _before_embeddings(self, call, module, named):
        """Notes the generator's state, from which the noise is drawn again afterwards, or the noise that was handed in."""
        noise = dict(named).get("noise")
        device = next((tensor.device for _, tensor in _flatten(named)), torch.device("cpu"))
        call.noise = noise, device, None if noise is not None else call.before.get(str(device), torch.default_generator).get_state()
        ratio = getattr(getattr(module, "config", None), "mask_ratio", None)
        call.json["mae"] = {} if _plain(ratio) is None else {"mask_ratio": _plain(ratio)}

    def _after_embeddings(self, call, output):
        if not (isinstance(output, (tuple, list)) and len(output) == 3 and output[2].dtype == torch.int64):
            return
        mae, (_, mask, restore), (noise, device, state) = call.json["mae"], output, call.noise
        mae["mask"], mae["ids_restore"] = (self._whole(call, *one, "noise") for one in (("mask", mask), ("ids_restore", restore)))
        source = "argument" if noise is not None else "generator"
        if noise is None:
            generator = torch.Generator(device)
            generator.set_state(state)
            noise = torch.rand(restore.shape, generator=generator, device=device)
        if noise.shape == restore.shape and torch.equal(noise.argsort(1).argsort(1).to(restore.device), restore):
            mae["noise"], mae["noise_from"] = self._whole(call, "noise", noise, "noise"), source

    def _problem(self, error):
        """The model goes on; what is missing in the recording is said there and, once, on standard error."""
        text = f"{type(error).__name__}: {_text(error)}"
        with self.lock:
            if text not in self.json["problems"] and len(self.json["problems"]) < MAX_PROBLEMS:
                self.json["problems"].append(text)
                warnings.warn(f"mae_record: {text}", RuntimeWarning, stacklevel=4)


@contextlib.contextmanager
def _quietly():
    """Without gradients, without what redefines functions of torch, and without deprecation warnings of the recorder's own."""
    with torch.no_grad(), torch._C.DisableTorchFunction():
        yield


def _sha(tensor):
    return hashlib.sha256(_memory(tensor.contiguous())).hexdigest()


def _autocast():
    found = {}
    if torch.is_autocast_enabled():
        found["cuda"] = _plain(torch.get_autocast_gpu_dtype())
    if torch.is_autocast_cpu_enabled():
        found["cpu"] = _plain(torch.get_autocast_cpu_dtype())
    return found


def _generators(module):
    """The generators a call of the module may draw from: the CPU's, and those of the CUDA devices it is on."""
    yield "cpu", torch.default_generator
    for index in sorted({tensor.device.index for _, tensor in _state(module) if tensor.device.type == "cuda"}):
        yield f"cuda:{index}", torch.cuda.default_generators[index]


# The one change to PyTorch, for the time of the recording: what `module(...)` calls

_recorders, _original, _lock = (), None, threading.RLock()


def _call(self, *args, **kwargs):
    recorders, original = _recorders, _original
    if not recorders or _is_compiling() or torch.jit.is_tracing() or _capturing():
        return original(self, *args, **kwargs)
    tokens = [(one, one.began(self, args, kwargs)) for one in recorders]
    output = error = None
    try:
        with _unpatched() if _opaque(self) else contextlib.nullcontext():
            output = original(self, *args, **kwargs)
        return output
    except BaseException as problem:
        error = problem
        raise
    finally:
        for one, token in reversed(tokens):
            one.ended(token, output, error)
        del error


def _capturing():
    return torch.cuda.is_initialized() and torch.cuda.is_current_stream_capturing()


def _install(recorder):
    global _recorders, _original
    with _lock:
        if torch.nn.Module.__call__ is not _call:
            _original = torch.nn.Module.__call__
            torch.nn.Module.__call__ = _call
        _recorders = (*(one for one in _recorders if one is not recorder), recorder)


def _remove(recorder):
    global _recorders
    with _lock:
        _recorders = tuple(one for one in _recorders if one is not recorder)
        if not _recorders and torch.nn.Module.__call__ is _call:
            torch.nn.Module.__call__ = _original


@contextlib.contextmanager
def _unpatched():
    """Compiled code keeps what it finds in `Module.__call__`: it must find PyTorch's own."""
    with _lock:
        torch.nn.Module.__call__ = _original
    try:
        yield
    finally:
        with _lock:
            if _recorders:
                torch.nn.Module.__call__ = _call


# The file

def _write(path, json_object, tensors):
    """A safetensors file: the length of the header, the header, the tensors, larger elements first so that all are aligned."""
    header = {"__metadata__": {"mae_record": json.dumps(json_object, allow_nan=False, separators=(",", ":"))}}
    ordered, end = sorted(tensors.items(), key=lambda item: (-item[1].element_size(), item[0])), 0
    for name, tensor in ordered:
        start, end = end, end + tensor.numel() * tensor.element_size()
        header[name] = {"dtype": SAFETENSORS[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [start, end]}
    text = json.dumps(header, allow_nan=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    temporary = f"{path}.{os.getpid()}.part"
    try:
        with open(temporary, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for _, tensor in ordered:
                file.write(_memory(tensor))
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


def _place(path, rank=None, world=None):
    """The path with `%p` (process) and `%r` (rank) filled in; ranks of one run never share a file."""
    rank, world = rank if rank is not None else os.environ.get("RANK"), world or int(os.environ.get("WORLD_SIZE", "1"))
    if rank is not None and world > 1 and "%p" not in path and "%r" not in path:
        stem, ending = os.path.splitext(path)
        path = f"{stem}.%r{ending}"
    return path.replace("%p", str(os.getpid())).replace("%r", str(rank or 0))


# PyTorch Lightning, and scripts that cannot be edited

def __getattr__(name):
    if name != "Callback":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    packages = [one for one in ("lightning.pytorch", "pytorch_lightning") if one in sys.modules] or ["pytorch_lightning"]
    bases = tuple(importlib.import_module(one).Callback for one in packages)

    class Callback(*bases):
        """Records the first `batches` batches of fit (training and validation), validate, test and predict each."""

        def __init__(self, path, batches=1, **options):
            super().__init__()
            self.path, self.batches, self.options, self.recorder, self.counts = path, batches, options, None, {}

        def setup(self, trainer, module, stage=None):
            if self.recorder is None:
                path = _place(os.fspath(self.path), trainer.global_rank, trainer.world_size)
                self.recorder = record(module, path, **self.options)
                self.recorder.__enter__()
                self.recorder.pause()

        def teardown(self, trainer, module, stage=None):
            self.recorder.write()

        def on_exception(self, trainer, module, exception):
            if self.recorder is not None:
                self.recorder.__exit__(type(exception), exception, None)

    def hooks(stage):
        def start(self, trainer, *_):
            if not trainer.sanity_checking and self.counts.get(stage, 0) < self.batches:
                self.recorder.resume()

        def end(self, trainer, *_, **__):
            if not trainer.sanity_checking and self.counts.get(stage, 0) < self.batches:
                self.recorder.pause()
                self.counts[stage] = self.counts.get(stage, 0) + 1

        setattr(Callback, f"on_{stage}_batch_start", start)
        setattr(Callback, f"on_{stage}_batch_end", end)

    for stage in ("train", "validation", "test", "predict"):
        hooks(stage)
    globals()["Callback"] = Callback
    return Callback


def main():
    """Runs `script arguments` or `-m module arguments` as Python does, and records what it does to $MAE_RECORD."""
    arguments, path = sys.argv[1:], os.environ.get("MAE_RECORD")
    as_module = arguments[:1] == ["-m"]
    if not path or len(arguments) <= as_module or arguments[0] in ("-h", "--help"):
        print("MAE_RECORD=FILE.safetensors python -m mae_record (SCRIPT | -m MODULE) [ARGUMENTS]\n"
              "MAE_RECORD_KEEP, MAE_RECORD_DETAIL: see keep= and detail= of mae_record.record", file=sys.stderr)
        return 2
    sys.argv = arguments[as_module:]
    options = {"keep": os.environ.get("MAE_RECORD_KEEP", "").split(",") , "detail": os.environ.get("MAE_RECORD_DETAIL", "blocks")}
    with record(None, _place(path), **options):
        if as_module:
            runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        else:
            script = types.ModuleType("__main__")
            script.__dict__.update(__file__=sys.argv[0], __builtins__=__builtins__)
            sys.modules["__main__"], sys.path[0] = script, os.path.dirname(os.path.abspath(sys.argv[0]))
            with open(sys.argv[0], "rb") as file:
                code = compile(file.read(), sys.argv[0], "exec")
            exec(code, script.__dict__)
    return 0


if __name__ == "__main__":
    import mae_record  # the module that a script would import, so that there is one list of recorders

    sys.exit(mae_record.main())
