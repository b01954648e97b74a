"""Cards of the training set and the adapter in the form of the Hugging Face Hub, and pushing them there."""
