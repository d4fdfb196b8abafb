"""The process that registers: it reads a scan from its standard input, tells its progress, and waits for the next.

A message is a line of JSON; where it says so, arrays follow as they lie in memory.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import IO, Any

import numpy as np

_IDLE_S = 600.0


def send_head(stream: IO[bytes], head: Any) -> None:
    """Write a head to a pipe."""
    about = {
        "shape": list(head.values.shape),
        "origin_ras_mm": head.origin_ras_mm.tolist(),
        "spacing_mm": head.spacing_mm,
        "is_stripped": head.is_stripped,
    }
    stream.write(json.dumps(about).encode() + b"\n")
    stream.write(np.ascontiguousarray(head.values, dtype="<f4").tobytes())
    stream.write(np.ascontiguousarray(head.inside, dtype=np.uint8).tobytes())
    stream.flush()


def receive_head(stream: IO[bytes]) -> Any:
    """Read a head from a pipe; None at its end."""
    from napari_vascular_loop.locate.head import Head

    line = stream.readline()
    if not line:
        return None
    about = json.loads(line)
    shape = tuple(about["shape"])
    count = int(np.prod(shape))
    values = np.frombuffer(stream.read(4 * count), dtype="<f4").reshape(shape).astype(np.float32)
    inside = np.frombuffer(stream.read(count), dtype=np.uint8).reshape(shape).astype(bool)
    origin = np.array(about["origin_ras_mm"], dtype=np.float64)
    return Head(values, inside, origin, float(about["spacing_mm"]), bool(about["is_stripped"]))


def main() -> None:
    """Serve until the pipe is closed, or nobody has asked for long."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever a library prints goes to stderr, and not between the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def tell(**what: Any) -> None:
        answers.write(json.dumps(what).encode() + b"\n")
        answers.flush()

    atlas = receive_head(sys.stdin.buffer)
    from napari_vascular_loop.domain.errors import LocateError
    from napari_vascular_loop.formats.registration_json import encode_registration
    from napari_vascular_loop.locate import elastix
    from napari_vascular_loop.locate.registration import register

    try:
        elastix.load()
    except LocateError as error:
        tell(error=str(error))
        return
    tell(ready=True)
    while True:
        idle = threading.Timer(_IDLE_S, os._exit, (0,))
        idle.daemon = True
        idle.start()
        scan = receive_head(sys.stdin.buffer)
        idle.cancel()
        if scan is None or atlas is None:
            return
        try:
            found = register(scan, atlas, lambda done: tell(progress=done))
        except Exception as error:
            # The caller is told, and decides.
            tell(error=f"the registration failed: {type(error).__name__}: {error}")
        else:
            tell(result=encode_registration(found).decode())


if __name__ == "__main__":
    main()
