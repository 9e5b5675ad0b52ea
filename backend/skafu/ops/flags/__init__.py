"""Feature flags as operators set them: a file for each environment, checked, deployed, undone."""
