"""`python -m napari_vascular_loop`: the command line."""

import sys

from napari_vascular_loop.cli import main

sys.exit(main())
