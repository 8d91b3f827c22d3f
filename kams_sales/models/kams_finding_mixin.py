from odoo import models
from odoo.tools import format_date

# A last day that is a day off moves to the next working day
DAY_OFF = "民法典 203"
# The order in which findings are read
LEVELS = ("error", "warning", "info")


class KamsFindingMixin(models.AbstractModel):
    """What dated rules say of a record, as findings that name rule, article, field and what would be lawful.

    Architecture, engine 10. A model says what it looks at; what several of them look at stands here.
    """

    _name = "kams.finding.mixin"
    _description = "Judged by dated rules"

    def _finding(self, level, rule, message, field=False, article="", lawful=None, use=None):
        """One finding.

        :param level: ``error``, ``warning`` or ``info``
        :param rule: number of the statutory table (L03), or a word
        :param article: the statute and article that the rule rests on
        :param lawful: the first or last value that would be lawful: a day, an amount, a percentage; or None
        :param use: the day that the field is to be put on, if moving it helps
        """
        return {
            "level": level,
            "rule": rule,
            "article": article,
            "field": field,
            "message": message,
            "lawful": lawful,
            "use": use,
        }

    def _said(self, day):
        return format_date(self.env, day)

    def _find_signed_in_time(self, rule, due, last, signed, field):
        """L11, the contract after an award: warned about on the earlier day, when the last one is a day off.

        :param due: last day as the rule counts it
        :param last: the same, moved on where it is a day off
        :param signed: day of the signature, if there is one
        :param field: name of the field that it stands in
        """
        words = {"due": self._said(due), "last": self._said(last)}
        if signed and signed > last:
            message = self.env._("The contract was signed late: it was due by %(last)s.", **words)
            return [self._finding("error", "L11", message, field, rule.source, last)]
        if due != last and (not signed or signed > due):
            message = self.env._(
                "Sign the contract by %(due)s. That is a day off, so the law may let the period end on %(last)s: "
                "confirm that before you rely on it.",
                **words,
            )
            return [self._finding("warning", "L11", message, "contract_due", f"{rule.source}；{DAY_OFF}", due)]
        if signed:
            message = self.env._("The contract was signed in time: it was due by %(due)s.", **words)
        else:
            message = self.env._("Sign the contract by %(due)s.", **words)
        return [self._finding("info", "L11", message, "contract_due", rule.source, due)]
