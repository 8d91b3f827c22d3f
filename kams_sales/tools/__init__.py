"""Arithmetic of the method: pure Python that knows no records."""
