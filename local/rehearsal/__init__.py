"""The rehearsal: the whole delivery, played on one machine by the commands that people and
pipelines run.

Three accounts and two regions of an embedded AWS, releases built from commits, evidence, promotion,
smoke tests, releases with planted bugs, a rollback; all the while points are written to production,
and at the end every acknowledged one is read back. `make rehearse` is `python -m local.rehearsal`.
"""
