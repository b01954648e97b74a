"""What every test shares: how long a generated example takes decides no test."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
