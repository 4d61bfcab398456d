"""Where a coordinator listens, and who else could listen there."""

import ipaddress
import os
import stat


class EndpointProblem(Exception):
    """What is wrong with an endpoint, and what to do about it."""


def check(endpoint, has_key):
    """Refuses what is no endpoint, or one that takes a key where none is given; returns a warning, or None."""
    if endpoint.startswith("ipc://"):
        path = endpoint[len("ipc://") :]
        if not path.startswith("/") or len(path.encode()) > 107:
            raise EndpointProblem(f"{endpoint}: a socket file is named by its whole path, of at most 107 bytes")
        if not has_key:
            _require_guarded(endpoint, os.path.dirname(path))
        return None
    if not endpoint.startswith("tcp://"):
        raise EndpointProblem(f"{endpoint}: is no endpoint; tcp://HOST:PORT and ipc://PATH are")
    host, colon, port = endpoint[len("tcp://") :].rpartition(":")
    # libzmq takes a port modulo 65536, and cuts trailing text off.
    if not colon or not host or not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise EndpointProblem(f"{endpoint}: is no endpoint; tcp://HOST:PORT with a port from 1 to 65535 is")
    if has_key:
        return None
    if not _is_loopback(host):
        raise EndpointProblem(
            f"{endpoint}: a coordinator on another machine is spoken to with keys only; make a node file there with "
            "`mae-coord keys add NODE` and give it with --key FILE"
        )
    return (
        f"any account of this machine could pass for the coordinator at {endpoint}: use keys with --key, or a socket "
        "file in a folder of your own"
    )


def _is_loopback(host):
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _require_guarded(endpoint, folder):
    """Makes sure that only this user and root can put a socket into `folder`, or another folder in its place."""
    try:
        place = os.path.realpath(folder, strict=True)
        parts = [part for part in place.split("/") if part]
        owners = {os.geteuid(), 0, os.stat("/").st_uid}
        for count in range(len(parts) + 1):
            path = "/" + "/".join(parts[:count])
            status = os.stat(path)
            is_last, is_sticky = count == len(parts), status.st_mode & stat.S_ISVTX
            mask = 0o022 if is_last else 0 if is_sticky else 0o002
            if status.st_uid not in owners:
                raise EndpointProblem(
                    f"{endpoint}: {path} belongs to user {status.st_uid}, so another program could pass "
                    "for the coordinator; use keys with --key"
                )
            if status.st_mode & mask:
                raise EndpointProblem(
                    f"{endpoint}: others may write to {path}, so another program could pass for the "
                    "coordinator; use keys with --key"
                )
    except OSError as error:
        raise EndpointProblem(f"{endpoint}: {error.strerror}: {folder}") from error
