"""Records, parameters, files and errors shared by every package; no heavy library."""
