"""The only home of mlflow: executions as runs, on disk first, and what is logged of them."""
