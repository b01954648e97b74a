"""One thin script per DVC stage.

Run as `python -m stages.<name>` they use the code beside them, so that a queued experiment runs its own snapshot even
where finsmith is installed in editable mode.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
