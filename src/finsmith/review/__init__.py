"""What people say of rows and questions, kept for good, and what follows from it."""
