"""finsmith: from a company's PDFs and glossary to an audited finance LLM."""
