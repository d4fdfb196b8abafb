"""Finding a named structure in any head: atlas, registration, and how far the answer can be trusted."""
