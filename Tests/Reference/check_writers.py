"""Opens what CheckpointWriter wrote with real PyTorch and transformers, and runs it. See README.md.

Usage: check_writers.py HUB FULL STATE LIGHTNING, all of one model; FULL and STATE are of this transformers' release.
Run it with the Python of transformers 4 and with that of transformers 5. Exits 1 when anything is missing, unexpected
or different.
"""

import sys

import torch
import transformers
from transformers import ViTMAEConfig, ViTMAEForPreTraining


def outputs(model):
    """Encoder and decoder outputs for inputs and noise of one seed."""
    config = model.config
    torch.manual_seed(5)
    images = torch.randn(2, config.num_channels, config.image_size, config.image_size)
    noise = torch.rand(2, (config.image_size // config.patch_size) ** 2)
    with torch.no_grad():
        result = model(images, noise=noise)
        return result.loss, result.logits, model.vit(images, noise=noise).last_hidden_state


def check(name, expected, actual, failures):
    equal = all(torch.equal(one, other) for one, other in zip(expected, actual))
    print(f"{name}: {'same outputs' if equal else 'OTHER OUTPUTS'}")
    if not equal:
        failures.append(name)


def main():
    hub, full, state, lightning = sys.argv[1:]
    failures = []
    print(f"torch {torch.__version__}, transformers {transformers.__version__}")

    model, info = ViTMAEForPreTraining.from_pretrained(hub, output_loading_info=True)
    model.eval()
    for kind, keys in info.items():
        if keys:
            print(f"hub: {kind}: {keys}")
            failures.append(f"hub {kind}")
    expected = outputs(model)
    assert all(torch.isfinite(value).all() for value in expected)
    print("hub: every key matched" if not failures else "hub: KEYS DIFFER")

    pickled = torch.load(full, weights_only=False)
    assert not pickled.training and isinstance(pickled, ViTMAEForPreTraining)
    check("full", expected, outputs(pickled), failures)
    pickled.config.mask_ratio = 0.5
    check("full after from_pretrained's own save", outputs(pickled), resaved(pickled), failures)
    frozen = [name for name, value in pickled.named_parameters() if not value.requires_grad]
    if len(frozen) != 2:
        failures.append(f"frozen parameters {frozen}")

    fresh = ViTMAEForPreTraining(ViTMAEConfig.from_pretrained(hub)).eval()
    fresh.load_state_dict(torch.load(state, weights_only=True))
    check("state dict", expected, outputs(fresh), failures)

    checkpoint = torch.load(lightning, weights_only=True)
    settings = checkpoint["hyper_parameters"]["config"]
    fresh = ViTMAEForPreTraining(ViTMAEConfig(**settings)).eval()
    weights = {key.removeprefix("model."): value for key, value in checkpoint["state_dict"].items()}
    if set(weights) == set(fresh.state_dict()):
        fresh.load_state_dict(weights)
        check("lightning", expected, outputs(fresh), failures)
    else:
        print("lightning: has the names of the other release, not loaded")

    if failures:
        sys.exit(f"failed: {failures}")


def resaved(model):
    """Outputs after transformers itself has saved the model and loaded it."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        return outputs(ViTMAEForPreTraining.from_pretrained(folder).eval())


if __name__ == "__main__":
    main()
