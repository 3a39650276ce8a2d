"""The platform over HTTP: one file for each noun, and the few that all of them share."""
