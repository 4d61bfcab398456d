"""The command line of a witness."""

import argparse
import logging
import os
import re
import resource
import signal
import socket
import sys
import time

_ABOUT = """\
Takes part in `mae-coord verify` with real PyTorch: loads checkpoints with from_pretrained, torch.load and
load_state_dict, runs transformers' ViT-MAE, and answers digests. It waits for a coordinator that is not there yet, and
again when it is gone. SIGINT and SIGTERM end it with a Goodbye; a second signal ends it at once.

A coordinator on another machine is spoken to with keys: mae-coord keys add NODE writes the file for --key.

Pickled models (the method full) EXECUTE CODE when torch.load reads them: those who wrote the file, or can change it on
the coordinator's machine, can then run programs here as this user. They are refused, as "refused by policy", unless
--allow-pickle is given. The other methods execute nothing.
"""

_EXITS = (
    "Exit codes: 0 told to stop, 64 usage, 65 bad key file, 69 cannot reach or trust the endpoint, lacks a package, or"
    " the coordinator speaks another version, 70 internal error."
)


class _Usage(Exception):
    """What is wrong with the arguments."""


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise _Usage(message)


def arguments():
    """The parser of the command line."""
    parser = _Parser(
        prog="python -m mae_witness",
        description=_ABOUT,
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--connect",
        required=True,
        metavar="ENDPOINT",
        help="the coordinator: tcp://HOST:PORT, an IPv6 address in brackets, or ipc://PATH",
    )
    parser.add_argument("--key", metavar="FILE", help="the node's key file, as mae-coord keys add writes it")
    parser.add_argument(
        "--name",
        help="what the node is called; when left out, the name in the key file, or the host's with -torch behind it",
    )
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N (default: cpu)")
    parser.add_argument(
        "--threads", type=int, metavar="N", help="threads of PyTorch; when left out, as many as PyTorch takes"
    )
    parser.add_argument(
        "--attention",
        choices=("sdpa", "eager"),
        help="the implementation of attention; when left out, the one that transformers takes",
    )
    parser.add_argument(
        "--allow-pickle",
        action="store_true",
        help="load pickled models, WHICH EXECUTE CODE: only for coordinators and files that you trust",
    )
    parser.add_argument(
        "--import",
        dest="imports",
        action="append",
        default=[],
        metavar="FILE.py",
        help=(
            "a file with the classes that a pickled model needs, which is executed at the start; repeat for "
            "each. Without it, empty modules stand in for classes of a script's __main__. Takes --allow-pickle"
        ),
    )
    parser.add_argument(
        "--models",
        action="append",
        default=[],
        metavar="DIR",
        help=(
            "folder in which the coordinator may name files that are here; repeat for each. A path elsewhere, "
            "links followed, is never opened: its files are fetched from the coordinator"
        ),
    )
    parser.add_argument(
        "--cache",
        metavar="DIR",
        help=(
            "folder for files that come from the coordinator; witnesses of one user "
            "may share it, mae-worker has another. When left out, mae-cluster/witness in the user's cache folder"
        ),
    )
    parser.add_argument(
        "--cache-limit", default="20GB", metavar="SIZE", help="bytes that the cache may have (default: 20GB)"
    )
    parser.add_argument(
        "--no-fetch",
        action="store_true",
        help="fetch nothing: where the files here are not those of the coordinator, the work is refused",
    )
    parser.add_argument("--once", action="store_true", help="leave after the first run in which something was computed")
    parser.add_argument("--log-level", default="info", choices=("debug", "info", "warning", "error"))
    parser.add_argument("--version", action="store_true", help="show the versions, instead of working")
    return parser


def main(words=None):
    """Runs a witness; returns the exit code."""
    from . import __version__

    words = sys.argv[1:] if words is None else words
    if words == ["--version"]:
        print(f"mae_witness {__version__}")
        return 0
    try:
        options = arguments().parse_args(words)
        limit = _bytes(options.cache_limit)
        if options.imports and not options.allow_pickle:
            raise _Usage("--import executes the file that it names, and takes --allow-pickle")
        if options.threads is not None and not 1 <= options.threads <= 1024:
            raise _Usage("--threads: 1 to 1024")
    except _Usage as problem:
        print(f"error: {problem}\nsee python -m mae_witness --help", file=sys.stderr)
        return 64
    logging.basicConfig(
        stream=sys.stderr, level=options.log_level.upper(), format="%(asctime)s %(levelname)s %(message)s"
    )
    # Nothing is looked for on the network: what is loaded came from the coordinator, or is in a folder that was
    # allowed.
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if options.threads is not None:
        os.environ["OMP_NUM_THREADS"] = str(options.threads)
    # Until there is something to say Goodbye to.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return _work(options, limit)
    except ImportError as error:
        print(
            f"error: a package is missing: {error}; install them with: pip install torch transformers pyzmq protobuf",
            file=sys.stderr,
        )
        return 69


def _work(options, limit):
    import zmq

    from . import endpoint, keys

    log = logging.getLogger("mae-witness")
    try:
        node = _node(options, keys)
        warning = endpoint.check(options.connect, options.key is not None)
    except _Usage as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 64
    except keys.KeyProblem as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 65
    except endpoint.EndpointProblem as problem:
        print(f"error: --connect {problem}", file=sys.stderr)
        return 69
    if warning:
        log.warning("%s", warning)
    return _witness(options, limit, node, zmq)


def _witness(options, limit, node, zmq):
    log = logging.getLogger("mae-witness")
    log.info("importing torch and transformers, which takes from seconds to minutes")
    import torch
    import transformers

    from . import content, keys, machine, supply
    from .cache import Cache
    from .jobs import JobFailure
    from .link import IO_THREADS, Options
    from .runner import Runner, definitions_of
    from .shell import Incompatible, Shell

    transformers.logging.set_verbosity_error()
    if hasattr(transformers.logging, "disable_progress_bar"):
        transformers.logging.disable_progress_bar()
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    try:
        device = torch.device(options.device)
        if device.type not in ("cpu", "cuda"):
            raise RuntimeError("only cpu and cuda are devices of a witness")
        torch.zeros(1, device=device)
    except Exception as error:
        print(f"error: --device {options.device}: {error}", file=sys.stderr)
        return 69
    definitions = {}
    for path in options.imports:
        try:
            definitions.update(definitions_of(path))
        except BaseException as error:
            print(f"error: --import {path}: {type(error).__name__}: {error}", file=sys.stderr)
            return 65
    attention = _attention(options.attention, transformers)
    numeric_class = machine.numeric_class(device, attention)
    log.info(
        "torch %s, transformers %s on %s, %d threads, class %s",
        torch.__version__,
        transformers.__version__,
        machine.device_name(device),
        torch.get_num_threads(),
        numeric_class,
    )
    for folder in options.models:
        if not os.path.isdir(folder):
            log.warning("--models %s: there is no such folder now", folder)
    # Files that are fetched stay open, one for each of a folder of images.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    except (ValueError, OSError):
        # The limit that there is may do.
        pass
    context = zmq.Context(io_threads=IO_THREADS)
    link_options = Options(options.connect, node, options.key)
    cache = Cache(options.cache or _cache_folder(), limit)
    try:
        cache.open()
    except JobFailure as failure:
        print(f"error: {failure.message}: {failure.remedy}", file=sys.stderr)
        return 69
    files = supply.Supply(cache, content.ModelFolders(options.models), link_options, context, not options.no_fetch)
    runner = Runner(files, cache, device, attention, options.attention, options.allow_pickle, definitions)
    shell = Shell(link_options, hello(node, device, attention), runner, context, options.once)

    def stop(number, frame):
        # A second signal has the effect that it has in any program.
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)
        shell.leave()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    try:
        shell.run()
    except Incompatible as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 69
    except keys.KeyProblem as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 65
    except zmq.ZMQError as error:
        print(f"error: {options.connect}: {error}", file=sys.stderr)
        return 69
    if shell.computation.thread.is_alive():
        # A job hangs in PyTorch. What was said has a moment to leave, and then nothing is waited for.
        time.sleep(0.5)
        os._exit(0)
    context.term()
    return 0


def hello(node, device, attention):
    """What the witness says of itself."""
    import torch

    from . import limits, machine, mae_pb2 as pb
    from .session import MOST_JOBS

    capability = machine.capability(device)
    message = pb.Hello(maximum_jobs=MOST_JOBS, threads=min(max(torch.get_num_threads(), 1), 1 << 16))
    texts = {
        "name": node,
        "host": socket.gethostname() or "localhost",
        "build": machine.build(),
        "backend": "pytorch",
        "device": machine.device_name(device),
        "isa": capability,
        "numeric_class": machine.numeric_class(device, attention),
    }
    for name, text in texts.items():
        setattr(message, name, limits.clipped(text, limits.NAME_BYTES).encode())
    message.class_reason = limits.clipped(
        f"it is PyTorch {torch.__version__} with {attention} attention on {capability}: its bits depend on release,"
        " processor, threads and batch, so it is compared with others by tolerance"
    ).encode()
    for name, value in machine.facts(device, attention):
        message.machine.add(name=name.encode(), text=value.encode())
    return message


def _attention(asked, transformers):
    """The implementation that transformers takes for a model of its own."""
    if asked is not None:
        return asked
    config = transformers.ViTMAEConfig(
        hidden_size=4,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=4,
        image_size=2,
        patch_size=2,
        num_channels=1,
        decoder_hidden_size=4,
        decoder_num_hidden_layers=1,
        decoder_num_attention_heads=1,
        decoder_intermediate_size=4,
    )
    return transformers.ViTMAEModel(config).config._attn_implementation or "eager"


def _node(options, keys):
    if options.key is not None:
        node = keys.read(options.key).node
        if options.name not in (None, node):
            raise _Usage(f"--name: {options.key} holds the key of {node}, which is another name; leave out --name")
        return node
    name = options.name if options.name is not None else f"{socket.gethostname()[:48]}-torch"
    if not keys.is_name(name):
        raise _Usage("--name: 1 to 64 bytes without control characters are a name")
    return name


def _cache_folder():
    def folder(name):
        # The specification has relative paths ignored.
        path = os.environ.get(name, "")
        return path if path.startswith("/") else None

    home = folder("HOME") or os.path.expanduser("~")
    return (folder("XDG_CACHE_HOME") or home + "/.cache") + "/mae-cluster/witness"


def _bytes(text):
    units = {
        "": 1,
        "B": 1,
        "KB": 10**3,
        "MB": 10**6,
        "GB": 10**9,
        "TB": 10**12,
        "KIB": 1 << 10,
        "MIB": 1 << 20,
        "GIB": 1 << 30,
        "TIB": 1 << 40,
    }
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([A-Z]*)", text.upper())
    if not match or match[2] not in units or not 0 < float(match[1]) * units[match[2]] < 1e18:
        raise _Usage(f"--cache-limit {text}: is no number of bytes, such as 20GB")
    return int(float(match[1]) * units[match[2]])
