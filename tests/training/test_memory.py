"""Tests of keeping freed memory, each in a process of its own: what is set cannot be taken back."""

import subprocess
import sys

import pytest

SCRIPT = """
import torch
from finsmith.training.memory import keep_freed_memory

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

kept = keep_freed_memory() if {keep} else False
block = torch.ones(2**22)  # 16 MB
held = resident()
del block
print(kept, held - resident())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc and needs glibc")
@pytest.mark.parametrize("keep", [True, False])
def test_freed_blocks_are_kept(keep):
    """After the call a freed block of 16 MB stays with the process; without it the system has it back."""
    script = SCRIPT.format(keep=keep)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    kept, given_back = done.stdout.split()
    assert kept == str(keep)
    assert (int(given_back) < 2**22) if keep else (int(given_back) > 2**23)
