"""Writes the forms that transformers 4 saves into the working directory; make_checkpoints.py calls it."""

import sys

import torch
from safetensors.torch import load_file
from transformers import ViTMAEConfig, ViTMAEForPreTraining


def main():
    model = ViTMAEForPreTraining(ViTMAEConfig.from_pretrained("hub5"))
    model.load_state_dict(load_file(sys.argv[1]))
    model.eval()
    model.save_pretrained("hub4")
    model = ViTMAEForPreTraining.from_pretrained("hub4").eval()
    model.save_pretrained("hub-bin", safe_serialization=False)
    torch.save(model, "full4.pth")
    torch.save(model.state_dict(), "state4.pth")
    # An integer, as the thread's author wrote it: transformers 5 refuses to store that.
    model.config.mask_ratio = 0
    torch.save(model, "full4-ratio0.pth")


if __name__ == "__main__":
    main()
