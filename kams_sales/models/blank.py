"""Number fields that know the difference between nothing and naught.

Odoo reads an empty number as 0. A ratio without a denominator is not 0: these fields keep it empty in the
database, read it as ``False``, and show it blank. Averages leave it out, as PostgreSQL does.
"""

from odoo import fields
from odoo.exceptions import ValidationError


def known(value):
    """``None`` for a blank, else the number: how blank fields are handed to plain arithmetic."""
    return None if value is None or value is False else value


def refuse_beyond(records, most, *names):
    """For constraints: none of these numbers of something on a deal may be above ``most``."""
    for record in records:
        for name in names:
            if (known(record[name]) or 0.0) > most:
                raise ValidationError(
                    record.env._(
                        "%(deal)s: “%(field)s” is %(most)s at most.",
                        deal=record.lead_id.display_name,
                        field=record._fields[name]._description_string(record.env),
                        most=f"{most:g}",
                    )
                )


def refuse_negative(records, *names):
    """For constraints: none of these numbers of something on a deal may be less than nothing."""
    for record in records:
        for name in names:
            if (known(record[name]) or 0.0) < 0:
                raise ValidationError(
                    record.env._(
                        "%(deal)s: “%(field)s” can't be negative.",
                        deal=record.lead_id.display_name,
                        field=record._fields[name]._description_string(record.env),
                    )
                )


class _Blank:
    def convert_to_column(self, value, record, values=None, validate=True):
        return None if known(value) is None else super().convert_to_column(value, record, values, validate)

    def convert_to_cache(self, value, record, validate=True):
        return None if known(value) is None else super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        return False if known(value) is None else value

    def convert_to_read(self, value, record, use_display_name=True):
        return False if known(value) is None else value

    def convert_to_export(self, value, record):
        return "" if known(value) is None else value


class BlankFloat(_Blank, fields.Float):
    """A number that may be unknown."""


class BlankMonetary(_Blank, fields.Monetary):
    """An amount that may be unknown."""

    def convert_to_column_insert(self, value, record, values=None, validate=True):
        return None if known(value) is None else super().convert_to_column_insert(value, record, values, validate)


class BlankInteger(_Blank, fields.Integer):
    """A count that may be unknown."""
