"""Write an output whole or not at all, with an error that a user can act on."""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import FigureError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def replacing_output(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`, moved into place on leaving.

    Raises
    ------
    FigureError
        If the folder can't be written.
    """
    temporary = path.with_name(f".{secrets.token_hex(4)}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        raise FigureError(f"{str(path)!r} could not be written ({error.strerror or error})") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
