"""How far from the truth the finder is, on heads of which the truth is known."""
