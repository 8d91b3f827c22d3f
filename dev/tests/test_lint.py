"""Every linter is one test, so that pytest's closing line counts it."""

import pytest

from dev import lint


@pytest.mark.parametrize("name", list(lint.ALL))
def test_linter_is_content(name):
    status, output = lint.run(name)
    if status:
        pytest.fail(f"{name} found:\n{output}", pytrace=False)
