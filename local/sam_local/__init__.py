"""`sam local start-api` against the embedded AWS, where a Docker engine is present.

The embedded AWS needs no engine and is the way to work on Skafu (docs/adr/0003). This is for
stepping into a function in a container like Lambda's. What `sam local` lacks is given to it here:
what the deployment knows (names of table, queues and topic: `sam local` does not resolve
references), and a way from the containers to the embedded AWS, which listens on the loopback
address alone.
"""
