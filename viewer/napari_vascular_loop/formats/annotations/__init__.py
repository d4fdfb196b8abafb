"""Annotations in files: one module a format.

Most have `encode(annotations) -> (data, losses)` and `decode(data, name, volume_id) -> (annotations, losses)`. `data`
are the bytes of a file, `name` is what errors call it; `volume_id` is that of the volume in which the annotations lie,
or "" for the one that the file names, where it names one. Annotations are in RAS mm, whatever the file has. A `Loss`
says what the other side can't hold. A file that is wrong raises LessonError, which names the place in it and the value.
"""
