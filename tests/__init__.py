"""Tests of finsmith; they mirror src."""
