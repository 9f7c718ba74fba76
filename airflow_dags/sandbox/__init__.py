"""A local server that speaks the platforms' real protocols over one simulated seller whose true numbers are known."""
