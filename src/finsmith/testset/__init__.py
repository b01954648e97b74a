"""The closed test: its questions read and checked, candidates from tables, what is picked of them, versions."""
