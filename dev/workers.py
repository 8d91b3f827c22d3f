"""A pytest plugin: each worker has files of its own.

pytest-odoo lets all workers share the files of the database that theirs are copies of. But after each class of tests
Odoo deletes the files that its own database doesn't know, and took those that other workers had just written.
"""

import contextlib
import shutil
from pathlib import Path

import pytest_odoo

from odoo.tools import config


@contextlib.contextmanager
def own_filestore(original, name):
    """The files of the database ``original`` for the copy ``name`` of it, as long as that lives."""
    if original == name:
        yield
        return
    source, copy = Path(config.filestore(original)), Path(config.filestore(name))
    shutil.rmtree(copy, ignore_errors=True)
    if source.exists():
        shutil.copytree(source, copy)
    try:
        yield
    finally:
        shutil.rmtree(copy, ignore_errors=True)


pytest_odoo._shared_filestore = own_filestore
