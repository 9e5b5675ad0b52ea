"""The drill: the table is damaged under load, and is had back from a backup.

On an embedded AWS of its own (.drill), by the commands that operators run. `make drill` is
`python -m local.drill restore`.
"""
