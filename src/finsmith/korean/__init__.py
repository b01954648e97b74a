"""What Korean text needs everywhere: morphemes, particles, line joining. The only home of kiwipiepy."""
