"""What Shakwa is about, in plain Python: no input, no output, no library."""
