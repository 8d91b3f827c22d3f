from odoo import api, models
from odoo.fields import Command


class Followers:
    """Who is to follow what, until all are known. JSON carries no such object."""

    def __init__(self):
        self.pairs = {}  # {(record id, partner id): True}, in the order in which they came


class KamsAskedMixin(models.AbstractModel):
    """A record that somebody is asked about; a nightly job asks hundreds of people at once.

    Odoo lets whoever gets an activity follow its record, person by person: with as many people as records, statements
    grow with the batch. Here all followers of a batch come at once.
    """

    _name = "kams.asked.mixin"
    _description = "Record that people are asked about"
    _inherit = ["mail.thread", "mail.activity.mixin"]

    # ORM
    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        later = self.env.context.get("kams_followers_later")
        if isinstance(later, Followers) and not subtype_ids:
            later.pairs.update(((id_, partner_id), True) for id_ in self.ids for partner_id in partner_ids or ())
            return True
        return super().message_subscribe(partner_ids=partner_ids, subtype_ids=subtype_ids)

    # BUSINESS
    @api.model
    def _ask_people(self, activities):
        """Put activities on people's lists, without a mail, in a constant number of statements.

        :param activities: values of activities; which model their ``res_id`` is of is known
        """
        later = Followers()
        made = self.env["mail.activity"].with_context(mail_activity_quick_update=True, kams_followers_later=later)
        model_id = self.env["ir.model"]._get_id(self._name)
        made = made.create([{"automated": True, "res_model_id": model_id, **values} for values in activities])
        self._follow(later.pairs)
        return made.with_env(self.env)

    @api.model
    def _follow(self, pairs):
        """Let these partners follow these records, as :meth:`message_subscribe` would have it one by one."""
        if not pairs:
            return
        ids, partner_ids = ({pair[place] for pair in pairs} for place in (0, 1))
        self.browse(ids).check_access("write")
        # sudo: as in Odoo's own method, once it is known that the records may be written
        env = self.sudo().env
        followers = env["mail.followers"].with_context(default_partner_id=False)
        partners = env["res.partner"].search([("id", "in", list(partner_ids))])
        known = followers.search(
            [("res_model", "=", self._name), ("res_id", "in", list(ids)), ("partner_id", "in", partners.ids)]
        )
        known = {(follower.res_id, follower.partner_id.id) for follower in known}
        default, _internal, external = self.env["mail.message.subtype"].default_subtypes(self._name)
        subtypes = {partner.id: (external if partner.partner_share else default).ids for partner in partners}
        followers.create(
            [
                {
                    "res_model": self._name,
                    "res_id": id_,
                    "partner_id": partner_id,
                    "subtype_ids": [Command.set(subtypes[partner_id])],
                }
                for id_, partner_id in pairs
                if partner_id in subtypes and (id_, partner_id) not in known
            ]
        )
