"""How many cells of real tables three readers get right."""
