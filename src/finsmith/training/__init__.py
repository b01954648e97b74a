"""The only home of torch: base model, LoRA training, likelihoods."""

import logging

# it says at each import that it has no 4-bit kernel of its own for processors; its slower one does
logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
