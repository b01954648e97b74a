"""What git and DVC know of earlier versions: commits, experiments, their outputs. The only home of dvc."""
