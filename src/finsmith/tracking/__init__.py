"""The only home of mlflow."""
