"""Values and pure functions: what the program is about, said in numpy and the standard library only."""
