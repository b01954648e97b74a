"""Which tokens novelty should count, and what the filters catch of rows that were labelled by hand."""
