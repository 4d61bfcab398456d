"""What a witness tells of its machine and of PyTorch, in its Hello: docs/security.md, what a worker tells of its
machine."""

import os
import platform
import re
import unicodedata

import torch
import transformers

from . import __version__, limits

_FAMILIES = ("MAE_", "OMP_", "MKL_", "KMP_", "VK_", "MALLOC_", "ATEN_", "TORCH_", "CUBLAS_", "NVIDIA_TF32")
# The extensions that matter for arithmetic, as mae-worker tells them.
_EXTENSIONS = (
    "sse4_2 f16c fma avx avx2 avx_vnni avx512f avx512dq avx512bw avx512vl avx512ifma avx512_vnni avx512_bf16"
    " avx512_fp16 amx_tile amx_int8 amx_bf16"
).split()
_VARIABLES = ("LD_PRELOAD", "GLIBC_TUNABLES")


def capability(device):
    """The name of what PyTorch computes with: avx2, avx512, default, or the compute capability of a CUDA device."""
    if device.type == "cuda":
        major, minor = torch.cuda.get_device_capability(device)
        return f"cuda-sm{major}{minor}"
    return torch.backends.cpu.get_cpu_capability().lower().replace(" ", "-")


def numeric_class(device, attention):
    """torch-VERSION/ATTENTION/CAPABILITY; PyTorch gives other bits wherever one of them differs."""
    version = torch.__version__.split("+")[0]
    return limits.clipped(f"torch-{version}/{attention}/{capability(device)}", limits.NAME_BYTES)


def build():
    """The releases of all that computes."""
    return limits.clipped(
        f"torch {torch.__version__}, transformers {transformers.__version__}, mae_witness {__version__}",
        limits.NAME_BYTES,
    )


def device_name(device):
    """What the device is called."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return _processor().get("model name", platform.machine())


def tf32(device):
    """Which operations may round their inputs to fewer bits than fp32 has; empty where none does."""
    found = []
    if torch.get_float32_matmul_precision() != "highest":
        found.append(f"matrix products ({torch.get_float32_matmul_precision()})")
    if device.type == "cuda":
        if torch.backends.cuda.matmul.allow_tf32:
            found.append("matrix products on CUDA")
        if torch.backends.cudnn.allow_tf32:
            found.append("convolutions of cuDNN, such as the projection of patches")
    return found


def facts(device, attention):
    """Pairs of name and value; only those that `mae-coord` knows are shown there."""
    processor = _processor()
    told = [
        ("torch", torch.__version__),
        ("transformers", transformers.__version__),
        ("attention", attention),
        ("cpu capability", torch.backends.cpu.get_cpu_capability()),
        ("torch threads", str(torch.get_num_threads())),
        ("mkl", _words(torch.backends.mkl.is_available())),
        ("mkldnn", _words(torch.backends.mkldnn.is_available())),
        ("tf32", "; ".join(tf32(device)) or "off"),
        ("deterministic", _words(torch.are_deterministic_algorithms_enabled())),
        ("processor", processor.get("model name", "")),
        (
            "model",
            (
                "family {}, model {}, stepping {}".format(
                    *(processor.get(name, "?") for name in ("cpu family", "model", "stepping"))
                )
                if "cpu family" in processor
                else ""
            ),
        ),
        ("microcode", processor.get("microcode", "")),
        ("extensions", " ".join(name for name in _EXTENSIONS if name in processor.get("flags", "").split())),
        ("virtual", _words("hypervisor" in processor["flags"].split()) if "flags" in processor else ""),
        ("kernel", platform.release()),
        ("libc", " ".join(platform.libc_ver())),
        ("usable processors", str(len(os.sched_getaffinity(0)))),
        ("online processors", str(os.cpu_count())),
        ("memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') >> 20} MiB"),
    ]
    for name in sorted(os.environ):
        if re.fullmatch(r"[A-Za-z0-9_]{1,64}", name) and (name.startswith(_FAMILIES) or name in _VARIABLES):
            told.append((f"environment {name}", os.environ[name]))
    shown = [(name, limits.clipped(_printable(value), limits.FACT_VALUE_BYTES)) for name, value in told if value]
    return [each for each in shown if len(each[0].encode()) <= limits.FACT_NAME_BYTES][: limits.MACHINE_FACTS]


def _words(flag):
    return "yes" if flag else "no"


def _printable(text):
    harmful = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"}
    return "".join("?" if unicodedata.category(letter) in harmful else letter for letter in text)


def _processor():
    """The fields of the first processor in /proc/cpuinfo."""
    fields = {}
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                name, colon, value = line.partition(":")
                if not colon:
                    break
                fields[name.strip()] = value.strip()
    except OSError:
        pass
    return fields
