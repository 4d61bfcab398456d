"""Runs `mae_record` where a script cannot be edited: the command line `python -m mae_record`, and Lightning's callback."""
import importlib
import os
import runpy
import sys

import mae_record


def _place(path, rank, world):
    """The path with `%p` (process) and `%r` (rank) filled in. Ranks of one run never share a file."""
    if world > 1 and "%p" not in path and "%r" not in path:
        path = "%s.%%r%s" % os.path.splitext(path)
    return path.replace("%p", str(os.getpid())).replace("%r", str(rank))


def callback(path, batches, **options):
    """The callback of `mae_record.Callback`, for those names of Lightning that are imported."""
    loaded = [one for one in ("lightning.pytorch", "pytorch_lightning") if one in sys.modules] or ["pytorch_lightning"]
    counts, recorders = {}, []

    def hook(stage, on):
        def called(self, trainer, module, *_, **__):
            if not trainer.sanity_checking and counts.get(stage, 0) < batches:
                if not recorders:
                    file = _place(os.fspath(path), trainer.global_rank, trainer.world_size)
                    recorders.append(mae_record.record(module, file, **options))
                recorders[0].listen(on)
                if not on:
                    counts[stage] = counts.get(stage, 0) + 1
                    recorders[0].write()
        return called

    hooks = {f"on_{stage}_batch_{edge}": hook(stage, edge == "start")
             for stage in ("train", "validation", "test", "predict") for edge in ("start", "end")}
    hooks["on_exception"] = lambda self, trainer, module, error: [
        one.__exit__(type(error), error, None) for one in recorders]
    return type("Callback", tuple(importlib.import_module(one).Callback for one in loaded), hooks)()


def main():
    """Runs a script or, after -m, a module as Python does, and records it."""
    arguments, get = sys.argv[1:], os.environ.get
    module = arguments[:1] == ["-m"]
    usage = ("MAE_RECORD=FILE.safetensors python -m mae_record (SCRIPT | -m MODULE) [ARGUMENTS]\n"
             "%p in FILE is the process, %r the rank. MAE_RECORD_KEEP and MAE_RECORD_DETAIL: keep= and detail=")
    if arguments[:1] in (["-h"], ["--help"]):
        return print(usage)
    if not get("MAE_RECORD") or len(arguments) <= module:
        sys.exit(usage + ("" if get("MAE_RECORD") else "\nMAE_RECORD is not set"))
    path = _place(get("MAE_RECORD"), get("RANK", "0"), int(get("WORLD_SIZE", "1")))
    with mae_record.record(None, path, get("MAE_RECORD_KEEP", ""), get("MAE_RECORD_DETAIL", "blocks")):
        sys.argv = arguments[module:]
        if module:
            runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        else:
            sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
            runpy.run_path(sys.argv[0], run_name="__main__")
