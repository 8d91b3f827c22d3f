from odoo import models


class KamsHandMixin(models.AbstractModel):
    """A record that says what happened is written by its own buttons, after they have looked; not by hand.

    System control (0.4): what a control point relies on isn't typed. The buttons write with a mark in the context that
    only code in this process has, since JSON has no such value. What the mark permits, each model says where it
    refuses the others.
    """

    _name = "kams.hand.mixin"
    _description = "Written by its own buttons"

    _hand = None  # the key in the context, and the InternalPass that stands there

    def _in_hand(self):
        """Whether the model itself writes: nobody else can put this into a context."""
        key, mark = self._hand
        return self.env.context.get(key) is mark

    def _engine(self):
        """These records as their buttons write them, by the same user: rights and rules hold."""
        key, mark = self._hand
        return self.with_context(**{key: mark})
