"""Measurements on real documents that are not part of the project.

Run as `python -m benchmarks.<name>` they measure the code beside them, even where finsmith is installed elsewhere.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
