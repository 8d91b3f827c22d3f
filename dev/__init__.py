"""Gets a real Odoo 19 and runs, tests, lints and measures kams_sales with it.

Standard library only: it works with the Python of a bare Debian. The Makefile is its front door.
"""
