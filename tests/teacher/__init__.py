"""Tests of finsmith.teacher."""
