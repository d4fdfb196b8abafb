"""napari: volumes and marks as layers, planes, letters, tools. Layers are drawings of the store, never the truth."""
