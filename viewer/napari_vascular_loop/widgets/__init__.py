"""Qt widgets: lay out, connect, forward. No files, no geometry."""
