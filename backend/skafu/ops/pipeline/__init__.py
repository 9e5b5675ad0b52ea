"""What only workflows need: telling of deployments, and whose work an artefact is."""
