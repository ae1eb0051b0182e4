"""The roof: command line, settings and the demo."""
