from odoo import fields, models

from ..tools import chain
from .kams_stakeholder import DECIDES


class KamsStakeholder(models.Model):
    """What a decision chain still lacks, in words: the most important first (3.6)."""

    _inherit = "kams.stakeholder"

    # BUSINESS
    def _weight(self):
        """``(influence, attitude)`` as numbers; unknown is None."""
        self.ensure_one()
        influence, attitude = self.influence, self.attitude
        return int(influence) if influence else None, int(attitude) if attitude else None

    def _decides(self):
        """Whether this person decides or approves; an economic buyer does by definition."""
        self.ensure_one()
        return self.mh_role == "eb" or not DECIDES.isdisjoint(self.buying_role_ids.mapped("code"))

    def _met(self):
        return self.filtered(lambda person: person.coverage != "none")

    def _named(self, most=3):
        """Some names, and how many more."""
        names = [person.display_name for person in self[:most]]
        if len(self) > most:
            names.append(self.env._("%s more", len(self) - most))
        return ", ".join(names)

    def _chain_advice(self, met_on=None):
        """Sentences on the chain of one deal, as ``self`` is all of its people.

        :param met_on: the day of the deal's last meeting
        """
        if not self:
            return [self.env._("Nobody is named yet: add who decides, who is asked and who can say no.")]
        key = self.filtered("is_key_player")
        roles = self.grouped("mh_role")
        none = self.browse()
        buyer, technical, coaches = (roles.get(role, none) for role in ("eb", "tb", "coach"))
        against = key.filtered(lambda person: person.attitude in ("-1", "-2") and not (person.strategy or "").strip())
        not_met = key - key._met() - buyer
        unknown = key._met().filtered(lambda person: not person.attitude)
        flagged = self.filtered("red_flag")
        advice = []
        if not buyer:
            advice.append(self.env._("No economic buyer is named: find out who gives the final yes."))
        elif not buyer._met():
            advice.append(self.env._("The economic buyer, %s, has not been met.", buyer.display_name))
        superiors = self._above(technical)
        if superiors and not superiors._met() and self._met():
            advice.append(self.env._("Nobody above the technical buyer has been met."))
        if not coaches:
            advice.append(self.env._("Nobody guides us: win a coach."))
        elif not coaches.filtered(lambda person: person.attitude == "2"):
            advice.append(self.env._("%s is named as coach, but isn't known as an advocate.", coaches._named()))
        if against:
            advice.append(self.env._("Key players against us, and no strategy for them: %s.", against._named()))
        if not key:
            advice.append(self.env._("No key player is named: find out who is in the inner circle."))
        if len(self._met()) == 1:
            advice.append(self.env._("We know only one of them, %s: what if they leave?", self._met().display_name))
        elif not self._met():
            advice.append(self.env._("None of them has been met."))
        if not_met and self._met():
            advice.append(self.env._("Key players not met: %s.", not_met._named()))
        if unknown:
            advice.append(self.env._("Key players whose attitude isn't known: %s.", unknown._named()))
        if flagged:
            advice.append(self.env._("Red flags: %s.", flagged._named()))
        return advice + self._contact_advice(met_on)

    def _contact_advice(self, met_on):
        """Whether the last meeting is too long ago."""
        today = fields.Date.context_today(self)
        most = self.env["kams.legal.rule"]._value("chain_meeting_days", today)
        if most is None:
            return []
        if not met_on:
            return [self.env._("No meeting of this deal is in the calendar yet.")]
        days = (today - met_on).days
        if days <= most:
            return []
        return [
            self.env._(
                "The last meeting was %(days)s days ago, more than %(most)s: see them again.",
                days=days,
                most=round(most),
            )
        ]

    def _above(self, people):
        """All who stand above any of these people, as ``self`` is all of their chain."""
        drawn = {person.id: person.reports_to_id.id for person in self if person.reports_to_id}
        return self.browse(sorted({id_ for person in people for id_ in chain.above(person.id, drawn)}))

    def _chart(self):
        """``[(depth, person), ...]`` of these people as a chart is read, from the top."""
        drawn = {person.id: person.reports_to_id.id for person in self if person.reports_to_id}
        return [(depth, self.browse(id_)) for depth, id_ in chain.in_order(self.ids, drawn)]

    def _map_rows(self):
        """What the map's template shows of each, in the order of the chart: plain values."""
        badges = {"eb": "text-bg-primary", "coach": "text-bg-success"}
        tones = {"-2": "against2", "-1": "against1", "0": "neutral", "1": "for1", "2": "for2"}
        return [
            {
                "id": person.id,
                "depth": min(depth, 7),
                "name": person.display_name,
                "function": person.function or "",
                "role": self._label_of("mh_role", person.mh_role),
                "badge": badges.get(person.mh_role, "text-bg-secondary"),
                "key": person.is_key_player,
                "stars": "★" * int(person.influence or 0),
                "influence": self._label_of("influence", person.influence),
                "attitude": self._label_of("attitude", person.attitude) or self.env._("Attitude not known"),
                "tone": tones.get(person.attitude, "unknown"),
                "coverage": self._label_of("coverage", person.coverage),
                "met": person.coverage != "none",
                "red_flag": person.red_flag,
            }
            for depth, person in self._chart()
        ]
