"""A witness: real PyTorch as a node of `mae-coord verify`. `python -m mae_witness --help` tells how to start one."""

__version__ = "1.0.0"
