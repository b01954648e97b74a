"""Recipes that turn passages and terms into candidate examples."""
