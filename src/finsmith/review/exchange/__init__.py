"""What waits for people, written for other tools of annotation, and what people said there taken as decisions."""
