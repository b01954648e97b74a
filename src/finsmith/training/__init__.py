"""The only home of torch: base model, LoRA training, likelihoods."""
