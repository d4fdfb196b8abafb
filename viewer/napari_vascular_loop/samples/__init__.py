"""Public volumes: a catalogue of what there is, and how to get it."""
