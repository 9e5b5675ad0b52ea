"""The routes that tell which metrics, series and tags there are."""
