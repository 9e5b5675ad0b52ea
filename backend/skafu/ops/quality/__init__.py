"""The quality gate: as data, on a SonarQube server, and held without one."""
