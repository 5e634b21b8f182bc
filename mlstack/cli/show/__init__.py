"""How results and progress look. Results are lines of text; only live progress needs rich."""
