from odoo import models
from odoo.exceptions import ValidationError

ROUNDING = 0.01  # weights of a third each are written 33.33


class KamsScorecardTemplate(models.Model):
    """What makes a template fit for use: asked when it is activated, and at every change while it is in use."""

    _inherit = "kams.scorecard.template"

    def _check_fit(self):
        """Refuse what could not be scored, each with its reason."""
        for template in self:
            if not template.criterion_ids:
                raise ValidationError(
                    self.env._(
                        "Scorecard template %(template)s asks nothing. Add at least one criterion.",
                        template=template.name,
                    )
                )
            template._check_comparison()
            template._check_weights()
            template._check_measure()
            template._check_bands()

    def _check_weights(self):
        if self.measure == "sum":
            return
        sides = [(self.name, self.block_ids)] if self.block_ids else []
        for block, criteria in self._groups().items():
            if self.block_ids and not block:
                raise ValidationError(
                    self.env._(
                        "Scorecard template %(template)s has blocks, but %(criteria)s belongs to none. "
                        "Choose its block.",
                        template=self.name,
                        criteria=", ".join(criteria.mapped("name")),
                    )
                )
            sides.append((f"{self.name}, {block.name}" if block else self.name, criteria))
        if empty := self.block_ids - self.criterion_ids.block_id:
            raise ValidationError(
                self.env._(
                    "Block %(block)s of scorecard template %(template)s asks nothing. Give it criteria or delete it.",
                    block=", ".join(empty.mapped("name")),
                    template=self.name,
                )
            )
        for label, parts in sides:
            total = sum(parts.mapped("weight"))
            if abs(total - 100.0) > ROUNDING * len(parts):
                raise ValidationError(
                    self.env._(
                        "The weights of %(template)s sum to %(total)s, not to 100: %(weights)s. "
                        "Change them to 100 in all.",
                        template=label,
                        total=f"{total:g}",
                        weights=", ".join(f"{part.name} {part.weight:g}" for part in parts),
                    )
                )

    def _check_measure(self):
        """A mean or a sum of answers needs answers that can be added."""
        if self.measure == "percent":
            return
        scales = {(criterion.scale_min, criterion.scale_max) for criterion in self.criterion_ids}
        if len(set(self.criterion_ids.mapped("direction"))) > 1 or (self.measure == "mean" and len(scales) > 1):
            raise ValidationError(
                self.env._(
                    "Scorecard template %(template)s has its bands on the answers themselves, but its criteria differ "
                    "in direction or scale. Give them one direction and scale, or put the bands on the score.",
                    template=self.name,
                )
            )

    def _lowest(self):
        """The lowest result that answers can give, on the scale of the bands."""
        if self.measure == "percent":
            return 0.0
        lows = self.criterion_ids.mapped("scale_min")
        return sum(lows) if self.measure == "sum" else min(lows)

    def _check_bands(self):
        bands, lowest = self.band_ids.sorted("lower"), self._lowest()
        if bands and bands[0].lower > lowest:
            raise ValidationError(
                self.env._(
                    "Scorecard template %(template)s has no band for results from %(lowest)s to %(lower)s. "
                    "Let band %(band)s begin at %(lowest)s, or add one.",
                    template=self.name,
                    lowest=f"{lowest:g}",
                    lower=f"{bands[0].lower:g}",
                    band=bands[0].name,
                )
            )
