"""The HTML report: a page put together from its sections, each in a template of its own."""
