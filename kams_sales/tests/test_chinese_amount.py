import doctest
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools import chinese_amount


@tagged("post_install", "-at_install")
class TestChineseAmount(BaseCase):
    """Amounts in capital words: what was written is read again, and nothing else is."""

    def test_the_examples_in_the_code_hold(self):
        self.assertEqual(doctest.testmod(chinese_amount).failed, 0)

    @settings(max_examples=500, deadline=None)
    @given(st.integers(0, 10**18 - 1) | st.builds(lambda a, b: a * 10**b, st.integers(0, 99), st.integers(0, 16)))
    def test_what_is_written_is_read_again(self, number):
        amount = Decimal(number % 10**18).scaleb(-2)
        words = chinese_amount.in_words(amount, "人民币")
        self.assertEqual(chinese_amount.read(words), amount, words)
        self.assertIs(chinese_amount.agrees(words, amount), True)
        self.assertIs(chinese_amount.agrees(words, amount + Decimal("0.01")), False)

    @settings(max_examples=300, deadline=None)
    @given(st.text("零壹贰叁拾佰仟万亿元角分整负", max_size=12))
    def test_words_that_are_read_say_one_amount(self, words):
        """What can be read at all stays the same when it is written properly."""
        amount = chinese_amount.read(words)
        if amount is not None:
            self.assertEqual(chinese_amount.read(chinese_amount.in_words(amount)), amount)

    @given(st.decimals(max_value="-0.01", min_value=-(10**9), places=2))
    def test_less_than_nothing_is_refused(self, amount):
        with self.assertRaises(ValueError):
            chinese_amount.in_words(amount)
