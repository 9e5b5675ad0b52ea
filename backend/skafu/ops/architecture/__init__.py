"""Diagrams and tables of what there is, made from the templates."""
