"""Ways out: pictures of a lesson for slides and pages. Needs neither a window nor OpenGL."""
