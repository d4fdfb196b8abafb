"""Files on one side, values of the domain on the other; one module for each format."""
