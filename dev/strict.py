"""A pytest plugin: a skipped test is a failed one; and what a test counts doesn't hang on the garbage collector.

Odoo skips a browser test when Chromium doesn't start, and a report test when the printing program
can't do what it asks. In a run that is to prove something, that would be green for nothing.

Odoo keeps an environment, with its user's time zone, as long as something refers to it. When the collector comes in
between, the next one asks for user and contact again, and a test finds two statements too many once in fifty runs.
"""

import gc

import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, so it proves nothing: {reason}"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
