"""One load and one pass of the encoder in PyTorch, in a process of its own; prints how much memory it took.

usage: first_result.py HUB_DIRECTORY BATCH_SIZE MASK_RATIO THREADS
"""

import sys

import torch
from transformers import ViTMAEForPreTraining


def main():
    hub, images, ratio, threads = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
    torch.set_num_threads(threads)
    model = ViTMAEForPreTraining.from_pretrained(hub).eval()
    model.config.mask_ratio = model.vit.embeddings.config.mask_ratio = ratio
    torch.manual_seed(42)
    extent = model.config.image_size
    with torch.inference_mode():
        output = model.vit(torch.randn(images, model.config.num_channels, extent, extent)).last_hidden_state
    print("first result", tuple(output.shape), flush=True)
    with open("/proc/self/status") as status:
        kibibytes = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    print(kibibytes / 1024, flush=True)


if __name__ == "__main__":
    main()
