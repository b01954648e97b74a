"""Tests of finsmith.review.page."""
