"""A witness that errs on purpose: `python strange_witness.py MODE --connect …`, for tests."""

import sys
import time

from mae_witness import forward, mae_pb2 as pb, program, shell


def lie():
    """Hands in outputs that are off by a little, with digests that fit them."""
    honest = forward.run

    def run(vit, images, noise, control, states_of=None):
        result = honest(vit, images, noise, control, states_of)
        for values in (result.canonical, result.returned, result.pooled):
            values.reshape(-1)[5] += 0.001
        return result

    forward.run = run


def other_version():
    """Speaks the next version of the protocol."""
    shell.Shell.version = 3


def endless():
    """Computes its first batch until it is told to stop, telling progress."""
    honest, waited = forward.run, []

    def run(vit, images, noise, control, states_of=None):
        if not waited:
            waited.append(True)
            print("waiting to be cancelled", file=sys.stderr, flush=True)
            step = 0
            while True:
                step += 1
                control.report(pb.Stage_FORWARD, step, 1 << 40, "vit.embeddings")
                time.sleep(0.01)
        return honest(vit, images, noise, control, states_of)

    forward.run = run


if __name__ == "__main__":
    {"lie": lie, "other-version": other_version, "endless": endless}[sys.argv[1]]()
    sys.exit(program.main(sys.argv[2:]))
