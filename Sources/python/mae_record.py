"""Records what a model of PyTorch does: which module gave which bits, with which weights, settings and random numbers.

    with mae_record.record(model, "a.safetensors"):
        model(pixels)

This file needs torch alone, 1.13 to 2.13, in eager mode. With mae_record_run.py there is more: for a script that cannot be
edited `MAE_RECORD=a.safetensors python -m mae_record train.py ARGUMENTS`, for Lightning `mae_record.Callback("a.safetensors")`.
docs/recordings.md of mae-cluster has the format, what is kept, what it costs and what is not seen.
"""
import contextlib, ctypes, fnmatch, hashlib, json, math, os, platform, re, sys  # noqa: E401
import threading, time, warnings, weakref  # noqa: E401
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import torch
import torch.fx  # keeps the Module.__call__ that it finds: it must be PyTorch's own
import torch.utils._python_dispatch as dispatch

__version__ = "1.0.0"
MAX_CALLS, MAX_MODULE_CALLS, MAX_VALUES, MAX_PROBLEMS, MAX_TEXT = 64, 16384, 64, 16, 300
WAITING_BYTES = 32 << 20  # of copies that wait for their digests
DTYPES = {"float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16", "int64": "I64", "int32": "I32",
          "int16": "I16", "int8": "I8", "uint8": "U8", "bool": "BOOL"}
DEFAULTS, KINDS = {"final", "pooled", "noise", "generator"}, {"none", "input", "blocks", "all"}
KEPT = {"encoder-norm": "final", "encoder-block": "blocks", "decoder-block": "blocks", "embeddings": "blocks"}
ROLES = {  # paths below the module that has embeddings or decoder_embed, in transformers, facebookresearch/mae and timm
    "embeddings": r"embeddings", "patch-projection": r"embeddings\.patch_embeddings\.projection|patch_embed\.proj",
    "encoder-block": r"(?:encoder\.layer|layers|blocks)\.(\d+)", "encoder-norm": r"layernorm|norm",
    "decoder-embedding": r"decoder_embed", "decoder-block": r"decoder_(?:layers|blocks)\.(\d+)",
    "decoder-norm": r"decoder_norm", "decoder-prediction": r"decoder_pred"}
FLAGS = """threads=get_num_threads default_dtype=get_default_dtype deterministic=are_deterministic_algorithms_enabled
    float32_matmul_precision=get_float32_matmul_precision mkldnn=backends.mkldnn.enabled cuda_version=version.cuda
    mkldnn_fp32_precision=backends.mkldnn.matmul.fp32_precision sdp_flash=backends.cuda.flash_sdp_enabled
    tf32_cudnn=backends.cudnn.allow_tf32 tf32_matmul=backends.cuda.matmul.allow_tf32
    fp16_reduced_precision_reduction=backends.cuda.matmul.allow_fp16_reduced_precision_reduction
    bf16_reduced_precision_reduction=backends.cuda.matmul.allow_bf16_reduced_precision_reduction
    sdp_math=backends.cuda.math_sdp_enabled sdp_mem_efficient=backends.cuda.mem_efficient_sdp_enabled
    cudnn_benchmark=backends.cudnn.benchmark cudnn_deterministic=backends.cudnn.deterministic"""
VARIABLES = """OMP_NUM_THREADS MKL_NUM_THREADS MKL_CBWR MKL_ENABLE_INSTRUCTIONS ONEDNN_MAX_CPU_ISA DNNL_MAX_CPU_ISA
    ONEDNN_DEFAULT_FPMATH_MODE ATEN_CPU_CAPABILITY CUBLAS_WORKSPACE_CONFIG NVIDIA_TF32_OVERRIDE"""
TEXTS = {"approximate", "attention", "dtype", "hidden_act", "model_type", "padding_mode", "reduction", "torch_dtype"}
_is_compiling = getattr(getattr(torch, "compiler", None), "is_compiling", None) or (lambda: False)
_graph_task = getattr(torch._C, "_current_graph_task_id", None) or (lambda: -1)
_recorders, _installed, _lock = (), None, threading.RLock()


def _plain(value):
    """A number, a flag, a dtype or a short list of them, in strict JSON. None for others: texts may be private."""
    if isinstance(value, (list, tuple)) and len(value) <= 64:
        items = [*map(_plain, value)]
        return None if None in items else items
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, bool) or isinstance(value, int) and abs(value) < 2 ** 63:
        return value if isinstance(value, bool) else int(value)
    return str(value)[6:] if isinstance(value, torch.dtype) else None


def _simple(items):
    """The plain attributes or settings. A text is told only where the name is known to choose among a few words."""
    pairs = [(str(name)[:MAX_TEXT], value) for name, value in list(items)[:256]]
    known = {name: value if name in TEXTS and re.fullmatch(r"[\w.]{1,40}", str(value)) and isinstance(value, str)
             else _plain(value) for name, value in pairs}
    return {name: value for name, value in known.items() if value is not None and value != []}


def _class(thing):
    return f"{type(thing).__module__}.{type(thing).__qualname__}"[:MAX_TEXT]


def _settings():
    """What else decides the bits: versions, processor, threads, flags. No name of a host, a user or a file."""
    found = {name: getattr(sys.modules.get(name), "__version__", None) for name in ("torch", "transformers", "timm")}
    found.update(python=platform.python_version(), machine=platform.machine())
    for name, pattern in {"cpu_capability": "CPU capability usage: (.*)", "blas": "BLAS_INFO=([^,]*)",
                          "onednn": r"DNN v([\w.]+)", "mkl": r"Math Kernel Library Version ([\d.]+)"}.items():
        found[name] = (re.findall(pattern, torch.__config__.show()) or [None])[0]
    for name, path in (pair.split("=") for pair in FLAGS.split()):
        with contextlib.suppress(Exception):  # not in this version of torch
            value = torch
            for part in path.split("."):
                value = getattr(value, part)
            found[name] = value() if callable(value) else value
    with contextlib.suppress(Exception), open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        found["processor"] = re.search(r"model name\s*:\s*(.*)", file.read()).group(1)
    if torch.cuda.is_initialized():
        found.update(cuda_device=torch.cuda.get_device_name(), cuda_capability=list(torch.cuda.get_device_capability()),
                     cudnn_version=torch.backends.cudnn.version())
    given = {f"env.{name}": os.environ.get(name, "") for name in VARIABLES.split()}
    found.update({name: value for name, value in given.items() if re.fullmatch(r"[\w.,:=+-]{1,40}", value)})
    known = ((name, value[:MAX_TEXT] if isinstance(value, str) else _plain(value)) for name, value in found.items())
    return {name: value for name, value in known if value is not None}


@contextlib.contextmanager
def _apart():
    """For operations of the recorder's own: modes of the user do not see them."""
    with torch._C.DisableTorchFunction(), contextlib.ExitStack() as stack:
        for _ in range(torch._C._len_torch_dispatch_stack()):
            stack.callback(dispatch._push_mode, dispatch._pop_mode())
        yield


def _has_numbers(tensor):
    """Whether it holds its numbers itself, in rows: not one of meta, sparse, quantized, fake or distributed tensors."""
    own = type(tensor).__torch_dispatch__ is torch.Tensor.__torch_dispatch__
    return own and tensor.layout == torch.strided and not (tensor.is_complex() or tensor.is_quantized or tensor.is_meta)


def _memory(tensor):
    """The bytes of a contiguous tensor on the CPU, not copied: the tensor must live on while they are read."""
    size = tensor.numel() * tensor.element_size()
    return (ctypes.c_char * size).from_address(tensor.data_ptr()) if size else b""


def _sha256(tensor):
    return hashlib.sha256(_memory(tensor)).hexdigest()


def _is_same(numbers, value, tensor):
    """Whether the tensor has the bits of a copy still, and its dtype: `_version` knows of no write through `.data`."""
    bits = torch.int32 if numbers.is_floating_point() else numbers.dtype
    is_same_type = value["dtype"] == str(tensor.dtype)[6:] and _has_numbers(tensor)
    return is_same_type and torch.equal(numbers.view(bits), tensor.detach().to(numbers).view(bits))


def _numbers(tensor, value, copied=False):
    """The tensor in canonical form, or None where it has none. Tells largest, NaN and infinite numbers in `value`."""
    if not _has_numbers(tensor):
        return None
    kind = torch.float32 if tensor.is_floating_point() else torch.uint8 if tensor.dtype == torch.bool else torch.int64
    fits = tensor.dtype == kind and tensor.device.type == "cpu" and tensor.is_contiguous() and not copied
    numbers = tensor.detach() if fits else torch.empty(tensor.shape, dtype=kind, device="cpu").copy_(tensor.detach())
    if numbers.numel() == 0 or kind == torch.uint8:
        return numbers
    bounds = torch.aminmax(numbers)
    if kind == torch.float32:
        value["nan"] = value["infinite"] = 0
        if not all(map(math.isfinite, bounds)):
            bad, finite = numbers.isnan(), numbers[numbers.isfinite()]
            value["nan"], value["infinite"] = int(bad.sum()), int(numbers.isinf().sum())
            numbers = numbers.clone()
            numbers.view(torch.int32).masked_fill_(bad, 0x7FC00000)
            bounds = torch.aminmax(finite) if finite.numel() else ()
    value.update({"largest": max(abs(bound.item()) for bound in bounds)} if bounds else {})
    return numbers


def _digests(jobs):
    """Puts digests into values, on as many threads as PyTorch uses: hashing frees the interpreter's lock."""
    def digest(value, numbers, rows):
        value["sha256"] = _sha256(numbers)
        if rows and numbers.dim() == 3 and numbers.numel():  # also that of the same with each image's rows sorted
            memory, step = bytes(_memory(numbers)), numbers.shape[2] * numbers.element_size()
            lines = [memory[start:start + step] for start in range(0, len(memory), step)]
            images = (sorted(lines[start:start + numbers.shape[1]]) for start in range(0, len(lines), numbers.shape[1]))
            value["rows_sha256"] = hashlib.sha256(b"".join(map(b"".join, images))).hexdigest()

    with ThreadPoolExecutor(max(1, min(8, torch.get_num_threads()))) as pool:
        list(pool.map(digest, *zip(*jobs)) if jobs else ())


def _state(module, prefix=""):
    """What `state_dict()` holds, in its order, without the hooks that user code and FSDP put into it."""
    for name, tensor in [*module._parameters.items(), *module._buffers.items()]:
        if tensor is not None and name not in module._non_persistent_buffers_set:
            yield prefix + name, tensor
    for name, child in module._modules.items():
        if child is not None:
            yield from _state(child, f"{prefix}{name}.")


def _checksum(module):
    """Of the weights, at the speed of memory: `.data` and NumPy write to them, and PyTorch counts none of that."""
    told, width = hashlib.sha256(), 251  # a prime: equal sums of columns of rows that changed places are no accident
    for name, tensor in _state(module):
        told.update(repr((name, tensor.dtype, tensor.shape)).encode())
        if _has_numbers(tensor) and tensor.numel():
            flat, parts = tensor.detach().reshape(-1).view(torch.uint8), []
            flat = flat.clone() if flat.storage_offset() % 8 else flat
            for rows in (64, 1):  # sums of 64 rows stay in the cache, so that memory is read from beginning to end
                count = flat.numel() // (8 * width * rows)
                words, flat = flat[:count * 8 * width * rows].view(torch.int64), flat[count * 8 * width * rows:]
                parts.append(words.view(count, rows, width).sum(1) if rows > 1 else words.view(count, width).sum(0))
            for part in map(torch.Tensor.cpu, [*parts, flat]):
                told.update(_memory(part))
    return told.digest()


def _roles(paths):
    """Role and index by path, of the modules that have them; `paths` has all modules by their paths."""
    roles = {}
    for path, module in paths.items():
        parts, below = dict(module.named_children()), f"{path}." if path else ""
        encoder = "patch_embed" in parts or hasattr(parts.get("embeddings"), "patch_embeddings")
        if encoder or "decoder_embed" in parts:
            roles[path] = {"role": "encoder" if encoder else "decoder"}
            for inner in (inner for inner in paths if inner.startswith(below)):
                for role, pattern in ROLES.items():
                    match = re.fullmatch(pattern, inner[len(below):])
                    if match:
                        roles[inner] = {"role": role, **{"index": int(index) for index in match.groups()}}
    return roles


def _autocast():
    if hasattr(torch, "get_autocast_dtype"):
        kinds = (kind for kind in ("cpu", "cuda") if torch.is_autocast_enabled(kind))
        return {kind: _plain(torch.get_autocast_dtype(kind)) for kind in kinds}
    told = {"cpu": (torch.is_autocast_cpu_enabled(), torch.get_autocast_cpu_dtype()),
            "cuda": (torch.is_autocast_enabled(), torch.get_autocast_gpu_dtype())}
    return {kind: _plain(dtype) for kind, (on, dtype) in told.items() if on}


def _opaque(module):
    """Whether it is compiled: the calls of modules inside are not seen then."""
    compiled = type(module).__name__ == "OptimizedModule" or getattr(module, "_compiled_call_impl", None) is not None
    return compiled or isinstance(module, torch.jit.ScriptModule)


class _Model:
    """A model whose calls are recorded. It is held weakly, so that a script can free it."""

    def __init__(self, root, going_on):
        paths, seen, jobs = dict(root.named_modules()), {}, []
        self.root, self.roles, self.places, self.modules = weakref.ref(root), _roles(paths), {}, []
        self.json = {"class": _class(root), "training": root.training, "configs": [], "modules": [], "weights": []}
        for path, module in paths.items():
            self.add(path, module)
            config = module.__dict__.get("config")
            if hasattr(config, "to_dict") and hasattr(config, "model_type") and id(config) not in seen:
                values = _simple(config.to_dict().items())
                seen[id(config)] = self.json["configs"].append({"path": path, "values": values})
                attention = _simple({"attention": getattr(config, "_attn_implementation", None)}.items())
                self.json = {**attention, **self.json}
        self.json.update({"compiled": True} if any(map(_opaque, paths.values())) else {})
        for name, tensor in _state(root):
            if id(tensor) not in seen:
                value = seen[id(tensor)] = {"shape": list(tensor.shape), "dtype": str(tensor.dtype)[6:]}
                with going_on("the digest of a weight"):
                    numbers = _numbers(tensor, {})
                    jobs += [] if numbers is None else [(value, numbers, False)]
            self.json["weights"].append((name, seen[id(tensor)]))
        _digests(jobs)
        self.json["weights"] = [{"name": name, **value} for name, value in self.json["weights"]]
        self.checksum = _checksum(root)

    def add(self, path, module):
        """Notes a module. The part of a block that is digested too is its attention: what differs later is the MLP."""
        role, above = self.roles.get(path, {}), self.roles.get(path.rpartition(".")[0], {}).get("role", "")
        part = above.endswith("-block") and path.endswith((".attention", ".attn"))
        self.places[id(module)] = len(self.modules)
        self.modules.append((weakref.ref(module), path, role.get("role"), part))
        own = _simple((name, value) for name, value in list(module.__dict__.items())
                      if not name.startswith("_") and name != "training")
        self.json["modules"].append({"path": path, "class": _class(module), "training": module.training, **role,
                                     **({"settings": own} if own else {})})

    def place(self, module):
        """The index of the module, which may have been added since the first call."""
        place = self.places.get(id(module))
        if place is None or self.modules[place][0]() is not module:
            self.add(next((path for path, one in self.root().named_modules() if one is module), "(unknown)"), module)
        return self.places[id(module)]


def _flatten(values, depth=0):
    """Names and tensors in arguments or outputs, however they are nested."""
    for name, value in values:
        if isinstance(value, torch.Tensor):
            yield str(name), value
        elif depth < 4:
            inner = dict(enumerate(value)) if isinstance(value, (list, tuple)) else value
            if hasattr(value, "__dataclass_fields__") and not isinstance(value, dict):
                inner = {field: getattr(value, field, None) for field in value.__dataclass_fields__}
            if isinstance(inner, dict):
                yield from _flatten([(f"{name}.{key}".lstrip("."), item) for key, item in inner.items()], depth + 1)


class record:
    """Records the calls of `models` to `path`: one, several, or None for each outermost call of what has parameters.

    A context manager. The file is written at its end, whole or not at all, also when the block raises. `keep` adds
    whole tensors to `final`, `pooled`, `noise` and `generator`: `input`, `blocks`, `all` or patterns of module paths
    such as `*.layers.*`, as a list or with commas; `none` takes those four away. At most `limit` bytes are kept.
    `detail="all"` digests all outputs. OSError where the folder cannot be written to. What fails later is a warning
    and noted in the file, and the model goes on.
    """

    def __init__(self, models, path, keep=(), detail="blocks", limit=1 << 30):
        names = {name.strip() for name in (keep.split(",") if isinstance(keep, str) else keep)} - {""}
        self.keep, self.patterns = names if "none" in names else names | DEFAULTS, names - DEFAULTS - KINDS
        self.path, self.all, self.limit, self.kept, self.tensors = os.fspath(path), detail == "all", limit, 0, {}
        given = [models] if isinstance(models, torch.nn.Module) else models and list(models)
        if not isinstance(limit, int) or not all(isinstance(model, torch.nn.Module) for model in given or ()):
            raise TypeError("record takes a module, a list of them or None; limit is a number of bytes")
        # The modules are held, so that no other gets one of these ids.
        self.watched = given and {id(module): module for model in given for module in model.modules()}
        self.local, self.lock, self.models, self.begun = threading.local(), threading.RLock(), [], time.monotonic()
        started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.json = {"schema": 1, "recorder": __version__, "started": started, "seconds": 0, "ended": "finished",
                     "detail": detail, "settings": {}, "models": [], "calls": []}
        if detail not in ("blocks", "all"):
            raise ValueError(f"detail is 'blocks' or 'all', not {detail!r}")
        if not os.access(os.path.dirname(os.path.abspath(self.path)), os.W_OK):
            raise OSError(f"mae_record: the folder of {self.path} is missing or cannot be written to")

    def __enter__(self):
        self.listen(True)
        return self

    def __exit__(self, kind, error, traceback):
        self.listen(False)
        if error is not None and not (isinstance(error, SystemExit) and not error.code):
            self.json.update(ended="exception", exception={"type": kind.__name__})
        elif self.watched and not self.json["calls"]:
            self._problem("the given models were not called: call them as model(...), or record(None, ...)")
        paths = [module["path"] for model in self.json["models"] for module in model["modules"]]
        for pattern in sorted(self.patterns if paths else ()):
            if not fnmatch.filter(paths, pattern):
                self._problem(f"keep: no module is called {pattern}")
        self.write()

    def listen(self, on):
        """Begins or ends to record calls. `torch.nn.Module.__call__` is PyTorch's own whenever there is no recorder."""
        global _recorders, _installed
        with _lock:
            _recorders = tuple(one for one in _recorders if one is not self) + (self,) * on
            if _recorders and _installed is None:
                torch.nn.Module.__call__ = _installed = _recording(torch.nn.Module.__call__)
            elif not _recorders and _installed is not None:
                _swap(_installed, _installed.original)
                _installed = None

    def write(self):
        """Writes what was recorded up to now."""
        self.json["seconds"] = round(time.monotonic() - self.begun, 3)
        try:
            with self.lock, _apart():
                _write(self.path, self.json, self.tensors)
        except Exception as error:
            _warn(f"{self.path} was not written: {error}")

    def _problem(self, problem, detail=""):
        """Notes what is missing, and warns of it once. What an exception says may be private, and is not noted."""
        told = self.json.setdefault("problems", [])
        if problem not in told and len(told) < MAX_PROBLEMS:
            told.append(problem)
            _warn(f"{problem}{detail}")

    @contextlib.contextmanager
    def _going_on(self, what):
        """The model goes on when the recorder fails."""
        try:
            yield
        except Exception as error:
            self._problem(f"{type(error).__name__}: {what} is missing", f": {error}")

    def began(self, module, args, kwargs):
        """Before a module's call; gives the stack of recorded calls, or None where this one is not recorded."""
        stack, frame = self.local.__dict__.setdefault("stack", []), None
        if stack and stack[-1] is None:
            return None  # inside of a call that is left out
        if not stack:
            watched = self.watched
            other = next(module.parameters(), None) is None if watched is None else id(module) not in watched
            if other or getattr(module, "_is_replica", False) or _graph_task() != -1:  # computed again for gradients
                return None
        with self._going_on("a call"), _apart():
            call, parent = (stack[-1].call, stack[-1].index) if stack else (self._call(module), -1)
            frame = call and self._begin(call, module, [*enumerate(args), *kwargs.items()], parent)
        stack.append(frame)
        return stack

    def ended(self, stack, output, error):
        """After a module's call returned or raised."""
        frame = stack.pop()
        with self._going_on("what a call gave"), _apart():
            if frame is not None:
                self._end(frame, output, error)

    def _call(self, module):
        """A new outermost call, or None where there are too many."""
        with self.lock:
            number = len(self.json["calls"])
            if number >= MAX_CALLS:
                self.json["calls_left_out"] = self.json.get("calls_left_out", 0) + 1
                return None
            self.json["settings"] = self.json["settings"] or _settings()
            model = next((model for model in self.models if model.root() is module), None)
            if model is None:
                model = _Model(module, self._going_on)
                self.models.append(model)
                self.json["models"].append(model.json)
            json = {"model": self.models.index(model), "training": module.training, "grad": torch.is_grad_enabled(),
                    "inference": torch.is_inference_mode_enabled(), "autocast": _autocast(),
                    "weights_changed": _checksum(module) != model.checksum, "generators": {}, "modules": []}
            self.json["calls"].append(json)
        devices = {tensor.device.index for _, tensor in _state(module) if tensor.is_cuda}
        generators = {f"cuda:{index}": torch.cuda.default_generators[index] for index in sorted(devices)}
        generators["cpu"] = torch.default_generator
        for device, generator in generators.items():
            state = generator.get_state()
            json["generators"][device] = {"before": _sha256(state), "seed": generator.initial_seed()}
            if "generator" in self.keep and device == "cpu":
                self._store(json["generators"][device], "state", f"{number}/generator.{device}", state)
        return SimpleNamespace(json=json, number=number, model=model, generators=generators, entries=json["modules"],
                               counts={}, seen={}, jobs=[], bytes=0)

    def _begin(self, call, module, arguments, parent):
        if len(call.entries) >= MAX_MODULE_CALLS:
            return self._problem(f"call {call.number} calls over {MAX_MODULE_CALLS} modules: the others are left out")
        place = call.model.place(module)
        call.counts[place] = count = call.counts.get(place, -1) + 1
        frame = SimpleNamespace(call=call, index=len(call.entries), parent=parent, count=count, drawn=None)
        frame.entry = {"module": place, "call": count, "parent": parent, "inputs": [], "outputs": []}
        _, frame.path, frame.role, frame.part = call.model.modules[place]
        call.entries.append(frame.entry)
        self._values(frame, "inputs", arguments, parent == -1 or frame.role or self.all)
        images = next(_flatten(arguments), None) if frame.role == "embeddings" else None
        if images:
            device, ratio = images[1].device, _plain(getattr(getattr(module, "config", None), "mask_ratio", None))
            state = call.generators.get(str(device), torch.default_generator).get_state()
            frame.drawn = dict(arguments).get("noise", dict(arguments).get(1)), device, state
            call.json["mae"] = {} if ratio is None else {"mask_ratio": ratio}
        return frame

    def _end(self, frame, output, error):
        call = frame.call
        try:
            if error is not None:
                frame.entry["error"] = type(error).__name__
                return
            values = [("0" if isinstance(output, torch.Tensor) else "", output)]
            self._values(frame, "outputs", values, frame.parent == -1 or frame.role or frame.part or self.all)
            if frame.role == "encoder-norm" and isinstance(output, torch.Tensor) and output.dim() == 3:
                call.json["pooled"] = self._value(call, "pooled", output.detach().mean(1))
            if frame.drawn and isinstance(output, (tuple, list)) and len(output) == 3:
                self._masking(call, call.json["mae"], *output[1:], *frame.drawn)
        finally:
            if frame.parent == -1:
                self._flush(call)
                for device, generator in call.generators.items():
                    call.json["generators"][device]["after"] = _sha256(generator.get_state())

    def _masking(self, call, mae, mask, restore, noise, device, state):
        """What the embeddings drew. Noise is drawn again from the generator's state, and told where it fits."""
        source, generator = "generator" if noise is None else "argument", torch.Generator(device)
        generator.set_state(state)
        noise = torch.rand(restore.shape, generator=generator, device=device) if noise is None else noise
        mae["mask"], mae["ids_restore"] = self._value(call, "mask", mask), self._value(call, "ids_restore", restore)
        if torch.equal(noise.argsort(1).argsort(1).to(restore.device), restore):
            mae.update(noise=self._value(call, "noise", noise), noise_from=source)

    def _values(self, frame, side, named, digest):
        """Describes the tensors on one side of a module's call, and keeps those that were asked for."""
        call, kept, outputs = frame.call, KEPT.get(frame.role), side == "outputs"
        first = kept in self.keep and (outputs or frame.role.endswith("-block"))
        whole = "all" in self.keep or any(fnmatch.fnmatchcase(frame.path, pattern) for pattern in self.patterns)
        whole = whole if outputs else frame.parent == -1 and "input" in self.keep
        rows = outputs and frame.role in ("embeddings", "encoder-norm")
        for place, (name, tensor) in zip(range(MAX_VALUES), _flatten(named)):
            value, same = self._described(call, name, tensor, digest, rows, [frame.index, side, place])
            frame.entry[side].append({"name": name, "same_as": same} if same else value)
            if "tensor" not in value and (whole or first and place == 0):
                label = frame.path or "output" if outputs else "input" if frame.parent == -1 else f"{frame.path}.input"
                suffix = f"#{frame.count}.{place}" if frame.count else f"#{place}" if place else ""
                self._store(value, "tensor", f"{call.number}/{label}{suffix}", tensor)

    def _described(self, call, name, tensor, digest, rows, place):
        """A value, and where it was described before: if the very tensor was, and if its bits are still the same."""
        value = {"name": name, "shape": list(tensor.shape), "dtype": str(tensor.dtype)[6:]}
        value["device"] = str(tensor.device)
        if not digest:
            return value, None
        with self._going_on("a digest"):
            known = call.seen.get(id(tensor))
            if known and known[0]() is tensor and not rows and _is_same(*known[1:3], tensor):
                return known[2:]
            numbers = _numbers(tensor, value, copied=True)
            if numbers is not None:
                call.jobs.append((value, numbers, rows))
                call.seen.pop(id(tensor), None)  # the newest is the last
                call.seen[id(tensor)] = weakref.ref(tensor), numbers, value, place
                call.bytes += numbers.numel() * numbers.element_size()
                if call.bytes > WAITING_BYTES:
                    self._flush(call)
        return value, None

    def _value(self, call, name, tensor):
        value, _ = self._described(call, name, tensor, True, True, None)
        if name == "pooled" and name in self.keep or name != "pooled" and "noise" in self.keep:
            self._store(value, "tensor", f"{call.number}/{name}", tensor)
        return value

    def _flush(self, call):
        """Takes the digests that wait. Of the copies only the last one is left to compare with: most often the next input."""
        jobs, call.jobs, call.bytes = call.jobs, [], 0
        call.seen = dict([*call.seen.items()][-1:])
        _digests(jobs)

    def _store(self, value, field, name, tensor):
        """Keeps the tensor whole, and says in `value[field]` under which name."""
        with self._going_on("a whole tensor"), self.lock:
            size = tensor.numel() * tensor.element_size()
            if self.kept + size > self.limit:
                self._problem(f"not all was kept: over {self.limit} bytes; give keep= less or limit= more")
            elif name not in self.tensors and _has_numbers(tensor) and str(tensor.dtype)[6:] in DTYPES:
                copy = torch.empty(tensor.shape, dtype=tensor.dtype, device="cpu").copy_(tensor.detach())
                self.tensors[name], self.kept, value[field] = copy, self.kept + size, name


def _warn(text):
    try:
        warnings.warn(f"mae_record: {text}", RuntimeWarning)
    except Exception:  # warnings are errors in this process, and the model has to go on
        with contextlib.suppress(Exception):
            print(f"mae_record: {text}", file=sys.stderr)


def _swap(old, new):
    """Puts another function in place of `torch.nn.Module.__call__`, unless that is a third by now."""
    with _lock:
        found = torch.nn.Module.__call__ is old and (_installed is old or _installed is new)
        if found:
            torch.nn.Module.__call__ = new
        return found


def _recording(original):
    """What is `torch.nn.Module.__call__` for the time of a recording."""
    def __call__(self, *args, **kwargs):
        recorders = _recorders if _installed is __call__ and not _is_compiling() and not torch.jit.is_tracing() else ()
        if not recorders or torch.cuda.is_initialized() and torch.cuda.is_current_stream_capturing():
            return original(self, *args, **kwargs)
        stacks, output, error = [one.began(self, args, kwargs) for one in recorders], None, None
        away = _opaque(self) and _swap(__call__, original)  # compiled code keeps the __call__ that it finds
        try:
            output = original(self, *args, **kwargs)
            return output
        except BaseException as raised:
            error = raised
            raise
        finally:
            if away:
                _swap(original, __call__)
            for one, stack in zip(recorders, stacks):
                if stack is not None:
                    one.ended(stack, output, error)
            del output, error  # a traceback that holds itself is not freed

    __call__.original = original
    return __call__


def _write(path, recorded, tensors):
    """A safetensors file: the header's length, the header, and the tensors, aligned by having larger elements first."""
    end, header = 0, {"__metadata__": {"mae_record": json.dumps(recorded, allow_nan=False, separators=(",", ":"))}}
    ordered = sorted(tensors.items(), key=lambda item: (-item[1].element_size(), item[0]))
    for name, tensor in ordered:
        start, end = end, end + tensor.numel() * tensor.element_size()
        header[name] = {"dtype": DTYPES[str(tensor.dtype)[6:]], "shape": [*tensor.shape], "data_offsets": [start, end]}
    text, part = json.dumps(header, separators=(",", ":")).encode(), f"{path}.{os.getpid()}.part"
    text += b" " * (-len(text) % 8)
    try:
        with open(part, "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            for _, tensor in ordered:
                file.write(_memory(tensor))
        os.replace(part, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(part)


def Callback(path, batches=1, **options):  # noqa: N802
    """For Lightning: records the first `batches` batches of training, validation, test and prediction."""
    from mae_record_run import callback
    return callback(path, batches, **options)


if __name__ == "__main__":
    import mae_record_run  # which imports this module as a script does, so that there is one list of recorders
    mae_record_run.main()
