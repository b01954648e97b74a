"""What Korean text needs everywhere: morphemes, particles, line joining, lost spaces. The only home of kiwipiepy."""
