"""The stacks of infrastructure/: which there are, what each is told, and how they are deployed."""
