"""Writes Tests/Goldens/stored/: tensors in the forms that PyTorch stores them in, read ones and refused ones. See README.md."""

import argparse
import os
import pickle
import warnings
from collections import OrderedDict

import numpy as np
import torch
from safetensors.torch import save_file

OUTPUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Goldens/stored")
# What a state dict must hold to be taken for one of a ViT-MAE.
KEY = "vit.encoder.layer.0.attention.attention.query.weight"
FLOAT8 = ["float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz"]


class FromDevice:
    """A tensor pickled as PyTorch pickles one of a device without storages (XLA, HPU, DirectML)."""

    def __init__(self, array, dtype, device):
        self.arguments = (array, dtype, device, False)

    def __reduce_ex__(self, protocol):
        return torch._utils._rebuild_device_tensor_from_numpy, self.arguments


def write_float8():
    bits = torch.arange(256, dtype=torch.uint8)
    tensors = {name: bits.clone().view(getattr(torch, name)) for name in FLOAT8}
    torch.save(tensors, f"{OUTPUT}/float8.pth")
    save_file(tensors, f"{OUTPUT}/float8.safetensors")
    np.save(f"{OUTPUT}/float8.npy", torch.stack([tensors[name].float() for name in FLOAT8]).numpy())


def write_arrays():
    values = (np.arange(24) / 8 - 1).reshape(2, 3, 4)
    arrays = OrderedDict(
        float32=(values.astype("<f4"), torch.float32, "xla:0"),
        float64=(values.astype("<f8"), torch.float64, "hpu:0"),
        float16=(values.astype("<f2"), torch.float16, "privateuseone:0"),
        bfloat16=(values.astype("<f4"), torch.bfloat16, "xla:1"),
        fortran=(np.asfortranarray(values.astype("<f4")), torch.float32, "xla:0"),
        # These need a conversion that changes values, or bytes in another order: they are not read.
        rounded=((values / 3).astype("<f8"), torch.float32, "xla:0"),
        bigendian=(values.astype(">f4"), torch.float32, "xla:0"),
    )
    for protocol in (2, 5):
        torch.save(
            {name: FromDevice(*parts) for name, parts in arrays.items()}, f"{OUTPUT}/arrays-{protocol}.pth",
            pickle_protocol=protocol)


def write_models():
    """Two models in one file, as training scripts keep them: the model moved on, its average is the golden one."""
    average = torch.load(f"{OUTPUT}/../checkpoints/state5.pth")
    model = {name: tensor + 0.125 * (name == "vit.layernorm.bias") for name, tensor in average.items()}
    torch.save({"model": model, "ema": average, "epoch": 3, "optimizer": {"state": {}}}, f"{OUTPUT}/two-models.pth")


def write_kinds():
    """A pickled model, its state dict, another one and a half-precision copy, side by side in one file."""
    model = torch.load(f"{OUTPUT}/../checkpoints/full5.pth", weights_only=False)
    weights = model.state_dict()
    average = {name: tensor + 0.125 * (name == "vit.layernorm.bias") for name, tensor in weights.items()}
    half = {name: tensor.half() for name, tensor in weights.items()}
    torch.save({"model": model, "state_dict": weights, "ema": average, "half": half}, f"{OUTPUT}/several-kinds.pth")


def write_bound():
    """A model with its own method among its attributes, as accelerate leaves it when its hooks are removed."""
    model = torch.load(f"{OUTPUT}/../checkpoints/full5.pth", weights_only=False)
    model.vit.forward = model.vit.forward
    torch.save(model, f"{OUTPUT}/bound-forward.pth")


def write_spectral():
    """The weight of a linear layer under the old spectral_norm, which names its original as pruning does."""
    linear = torch.nn.utils.spectral_norm(torch.nn.Linear(4, 4))
    key = KEY.removesuffix("weight")
    torch.save({key + name: value for name, value in linear.state_dict().items()}, f"{OUTPUT}/spectral-norm.pth")


def write_unfinished():
    """What torch.save leaves when the object cannot be pickled."""
    try:
        torch.save({KEY: torch.zeros(4, 4), "schedule": lambda step: step}, f"{OUTPUT}/unfinished.pth")
    except (AttributeError, pickle.PicklingError):
        return
    raise AssertionError("a lambda was pickled")


def write_shared():
    """One state dict under several names, in containers that hold themselves and each other."""
    weights = torch.load(f"{OUTPUT}/../checkpoints/state5.pth")
    inner = {"state_dict": weights}
    root = {"last": inner, "ema": weights, "best": inner}
    root["self"] = root
    inner["parent"] = [root, inner]
    torch.save(root, f"{OUTPUT}/shared-names.pth")


def write_mask_ratios():
    """Mask ratios of each type that PyTorch computes with, and what it keeps of how many patches."""
    makers = [
        float, np.float64, np.float32, np.float16, torch.tensor, lambda ratio: torch.tensor(ratio, dtype=torch.float64),
        lambda ratio: torch.tensor(ratio).half(), lambda ratio: torch.tensor(ratio).bfloat16(),
    ]
    counts = [9, 16, 25, 49, 64, 100, 144, 196, 256, 2401, 4096]
    ratios = [0.0, 1 / 3, 2 / 3, 0.999] + [hundredth / 100 for hundredth in range(1, 100, 3)]
    rows = []
    for make in makers:
        for ratio in ratios:
            value = make(ratio)
            rows += [(value, patches, int(patches * (1 - value))) for patches in counts]
    torch.save(rows, f"{OUTPUT}/mask-ratios.pth")
    weights = torch.load(f"{OUTPUT}/../checkpoints/state5.pth")
    arguments = argparse.Namespace(mask_ratio=np.float32(4 / 9), num_heads=4, decoder_num_heads=4)
    torch.save({"model": weights, "args": arguments}, f"{OUTPUT}/mask-ratio-float32.pth")


def write_refused():
    weight = torch.arange(16.0).reshape(4, 4)

    def save(name, tensor):
        torch.save({KEY: tensor}, f"{OUTPUT}/{name}.pth")

    save("sparse", weight.to_sparse())
    save("sparse-csr", weight.to_sparse_csr())
    save("meta", weight.to("meta"))
    save("quantized", torch.quantize_per_tensor(weight, 0.25, 0, torch.qint8))
    save("quantized-channels", torch.quantize_per_channel(weight, torch.ones(4), torch.zeros(4), 0, torch.quint8))
    save("complex", weight.to(torch.complex64))
    save("float8-e8m0", weight.to(torch.float8_e8m0fnu))
    save("int8", weight.to(torch.int8))
    save("zero3", torch.zeros(0))
    save("nested", torch.nested.nested_tensor([weight, weight[:2]]))
    # Keys of bitsandbytes, which needs a GPU to write them.
    packed = torch.zeros(8, 1, dtype=torch.uint8)
    torch.save(
        {KEY: packed, f"{KEY}.absmax": torch.ones(1), f"{KEY}.quant_map": torch.ones(16),
         f"{KEY}.quant_state.bitsandbytes__nf4": packed}, f"{OUTPUT}/nf4.pth")
    torch.save({KEY: weight.to(torch.int8), KEY[:-6] + "SCB": torch.ones(4)}, f"{OUTPUT}/int8-bitsandbytes.pth")
    linear = torch.ao.quantization.quantize_dynamic(torch.nn.Sequential(torch.nn.Linear(4, 4)), {torch.nn.Linear})
    quantized = {KEY[:-6] + key.removeprefix("0."): value for key, value in linear.state_dict().items()}
    torch.save({"vit.encoder.layer.0.layernorm_before.weight": weight[0], **quantized}, f"{OUTPUT}/dynamic.pth")
    save_file({KEY: weight.to(torch.complex64), "head.weight": weight.to(torch.int8)}, f"{OUTPUT}/complex.safetensors")
    write_distributed(weight)


def write_distributed(weight):
    from torch.distributed.tensor import Shard, distribute_tensor, init_device_mesh

    torch.distributed.init_process_group("gloo", rank=0, world_size=1, store=torch.distributed.HashStore())
    mesh = init_device_mesh("cpu", (1,))
    torch.save({KEY: distribute_tensor(weight, mesh, [Shard(0)])}, f"{OUTPUT}/dtensor.pth")
    write_sharded(weight)
    torch.distributed.destroy_process_group()


def write_sharded(weight):
    """What FSDP saves by SHARDED_STATE_DICT and, in a dictionary of a trainer, by LOCAL_STATE_DICT."""
    from torch.distributed._shard.sharded_tensor import Shard, init_from_local_shards

    sharded = init_from_local_shards([Shard.from_tensor_and_offsets(weight, [0, 0], 0)], 4, 4)
    torch.save({KEY: sharded}, f"{OUTPUT}/sharded-tensor.pth")
    row = init_from_local_shards([Shard.from_tensor_and_offsets(weight.flatten(), [0], 0)], 16)
    torch.save({"model": {"_flat_param": row}}, f"{OUTPUT}/flat-parameter.pth")


def main():
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    os.makedirs(OUTPUT, exist_ok=True)
    write_float8()
    write_arrays()
    write_models()
    write_kinds()
    write_bound()
    write_spectral()
    write_unfinished()
    write_shared()
    write_mask_ratios()
    write_refused()


if __name__ == "__main__":
    main()
