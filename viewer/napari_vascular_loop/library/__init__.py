"""Libraries of lessons: a folder or an address, indexed, searched and shown as cards."""
