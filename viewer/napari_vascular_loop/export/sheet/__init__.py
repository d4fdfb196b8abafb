"""A sheet of pictures, shapes and words in mm, and how it becomes pixels, SVG or PDF. Knows nothing of medicine."""
