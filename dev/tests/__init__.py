"""Tests of what no test inside Odoo can see: install, upgrade, uninstall, linters, the tooling."""
