"""Writes explain/: outputs of the forum thread's tiny model in the forms that programs save them in. See README.md."""

import copy
import os

import numpy as np
import torch
from make_thread import CONFIG, pretrained
from transformers import ViTMAEConfig, ViTMAEForPreTraining

HERE = os.path.dirname(os.path.abspath(__file__))
OUTPUT = os.path.join(HERE, "../Goldens/explain")


def pixels():
    """The images of the thread's scripts; draw 0 is the next `torch.rand`."""
    torch.manual_seed(42)
    return torch.randn(8, 1, 32, 32)


def tokens(model, x, **options):
    return model.vit(x, **options).last_hidden_state


def save(name, value):
    np.save(f"{OUTPUT}/{name}.npy", value.detach().float().numpy())


@torch.no_grad()
def main():
    os.makedirs(OUTPUT, exist_ok=True)
    model = pretrained().eval()

    # What transformers returns, saved whole.
    torch.save(model.vit(pixels(), output_hidden_states=True), f"{OUTPUT}/model-output.pt")
    torch.save(model(pixels(), output_hidden_states=True), f"{OUTPUT}/pretraining-output.pt")
    torch.save(model(pixels()), f"{OUTPUT}/pretraining-output-alone.pt")
    torch.save(model(pixels(), output_hidden_states=True).hidden_states, f"{OUTPUT}/hidden-states.pt")

    # A copy in half precision, and what it computes in half precision.
    half = copy.deepcopy(model).half()
    torch.save(half.state_dict(), f"{OUTPUT}/half.pth")
    x = pixels()
    noise = torch.rand(8, 16)
    save("half-tokens", tokens(half, x.half(), noise=noise))
    save("half-mean", tokens(half, x.half(), noise=noise).mean(1))

    # A model of smaller patches after one of larger ones: 64 numbers an image after 16.
    config = ViTMAEConfig(**{**CONFIG.to_dict(), "patch_size": 4})
    torch.manual_seed(1)
    other = ViTMAEForPreTraining(config).eval()
    for parameter in other.parameters():
        parameter += 0.3 * torch.randn_like(parameter)
    other.save_pretrained(f"{OUTPUT}/patches")
    x = pixels()
    for number, one in enumerate([model, other, model, other], 1):
        save(f"patches-{number}", tokens(one, x).mean(1))

    # A ratio that no file states: 8 of 16 patches stay.
    ratio = copy.deepcopy(model)
    ratio.config.mask_ratio = 0.5
    save("ratio-half", tokens(ratio, pixels()))

    # Other ways to make vectors of the tokens.
    out = tokens(model, pixels())
    save("patch-mean", out[:, 1:].mean(1))
    save("mean-normalized", torch.nn.functional.normalize(out.mean(1)))
    save("cls-normalized", torch.nn.functional.normalize(out[:, 0]))
    save("max", out.max(1).values)

    # The seed set before each call.
    x = pixels()
    torch.manual_seed(42)
    save("reseeded", tokens(model, x).mean(1))

    # Other layouts of one array.
    array = out.mean(1).numpy()
    np.save(f"{OUTPUT}/float16.npy", array.astype(np.float16))
    np.save(f"{OUTPUT}/fortran.npy", np.asfortranarray(out.numpy()))
    np.savez(f"{OUTPUT}/arrays.npz", first=array, tokens=out.numpy(), count=np.arange(3))
    np.savez_compressed(f"{OUTPUT}/compressed.npz", first=array)


if __name__ == "__main__":
    main()
