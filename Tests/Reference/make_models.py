"""Writes Tests/Goldens/models/: tiny models of many configurations and their outputs. See README.md."""

import json
import os
import shutil

import torch
from transformers import ViTMAEConfig

import tiny_models

OUTPUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Goldens/models")

# Name, images a batch, mask ratios to run at (the first is the config's), configuration.
CASES = [
    # More than 128 tokens, so keys fall into two blocks; heads 3 wide; one channel.
    ("gelu_new-144-patches", 2, [0.75, 0.0], dict(
        hidden_act="gelu_new", num_channels=1, image_size=72, patch_size=6,
        hidden_size=12, num_hidden_layers=2, num_attention_heads=4, intermediate_size=40,
        decoder_hidden_size=16, decoder_num_hidden_layers=1, decoder_num_attention_heads=2,
        decoder_intermediate_size=24)),
    # An MLP wider than two blocks of 128.
    ("gelu_pytorch_tanh-wide-mlp", 2, [0.75, 0.0], dict(
        hidden_act="gelu_pytorch_tanh", image_size=12, patch_size=4,
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=300,
        decoder_hidden_size=12, decoder_num_hidden_layers=1, decoder_num_attention_heads=3,
        decoder_intermediate_size=260)),
    # No bias on query, key and value; an epsilon that shows.
    ("relu-no-qkv-bias-large-eps", 2, [0.75, 0.0], dict(
        hidden_act="relu", qkv_bias=False, layer_norm_eps=0.001, image_size=20, patch_size=5,
        hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=33,
        decoder_hidden_size=20, decoder_num_hidden_layers=1, decoder_num_attention_heads=5,
        decoder_intermediate_size=17)),
    # Normalized target pixels; patches of 147 pixels; 17 tokens, one more than there are lanes.
    ("silu-norm-pix-loss", 2, [0.75, 0.0], dict(
        hidden_act="silu", norm_pix_loss=True, layer_norm_eps=1e-6, image_size=28, patch_size=7,
        hidden_size=20, num_hidden_layers=1, num_attention_heads=4, intermediate_size=31,
        decoder_hidden_size=12, decoder_num_hidden_layers=1, decoder_num_attention_heads=1,
        decoder_intermediate_size=20)),
    # Half of nine patches: 4 are kept.
    ("quick_gelu-half-masked", 2, [0.5, 0.0], dict(
        hidden_act="quick_gelu", num_channels=1, image_size=21, patch_size=7,
        hidden_size=28, num_hidden_layers=2, num_attention_heads=4, intermediate_size=45,
        decoder_hidden_size=8, decoder_num_hidden_layers=1, decoder_num_attention_heads=2,
        decoder_intermediate_size=9)),
    # 25 * (1 - 0.92) is 1.9999999999999982 in doubles, so one patch is kept, not two.
    ("gelu-deep-rounded-keep", 3, [0.92, 0.6, 0.0], dict(
        hidden_act="gelu", image_size=15, patch_size=3,
        hidden_size=20, num_hidden_layers=4, num_attention_heads=4, intermediate_size=50,
        decoder_hidden_size=12, decoder_num_hidden_layers=3, decoder_num_attention_heads=4,
        decoder_intermediate_size=30)),
]


def write_case(name, batch, ratios, settings):
    config = ViTMAEConfig(mask_ratio=ratios[0], **settings)
    model = tiny_models.make_model(config)
    model.save_pretrained(os.path.join(OUTPUT, name))
    expected = os.path.join(OUTPUT, name, "expected")
    images, noise = tiny_models.draw_inputs(config, batch)
    tiny_models.write_array(expected, "images", images.numpy())
    tiny_models.write_array(expected, "noise", noise.numpy())
    for ratio in ratios:
        results = tiny_models.run(model, images, noise, "sdpa", ratio)
        for key in ("mask", "ids_restore"):
            tiny_models.write_array(expected, f"{key}-{ratio:g}", results[key])
        exact = tiny_models.run(model, images, noise, "eager", ratio, torch.float64)
        for key in ("layernorm", "logits", "loss"):
            tiny_models.write_array(expected, f"{key}-sdpa-{ratio:g}", results[key])
            # Where nothing is masked there is little to learn from the decoder, and its output is large.
            if key != "logits" or ratio > 0:
                tiny_models.write_array(expected, f"{key}-float64-{ratio:g}", exact[key])


def main():
    shutil.rmtree(OUTPUT, ignore_errors=True)
    tiny_models.settle()
    for case in CASES:
        write_case(*case)
    index = [{"name": name, "batch": batch, "mask_ratios": ratios} for name, batch, ratios, _ in CASES]
    with open(os.path.join(OUTPUT, "models.json"), "w") as file:
        json.dump(index, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
