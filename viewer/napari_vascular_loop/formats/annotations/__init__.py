"""Annotation files: bytes on one side, annotations on the other; one module for each format."""
