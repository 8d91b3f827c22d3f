import json
import re

from odoo import models
from odoo.tools.translate import code_translations

FOLDER = "kams_sales/"
# What Odoo takes into a translation of a spreadsheet: words in formulas, and titles
WORDS = re.compile(r'_t\("([^"]*)"\)')


class SpreadsheetDashboard(models.Model):
    """Samples of our dashboards speak the reader's language: Odoo translates dashboards, not their samples (9)."""

    _inherit = "spreadsheet.dashboard"

    # BUSINESS
    def _get_sample_dashboard(self):
        sample = super()._get_sample_dashboard()
        if not sample or not self.sample_dashboard_file_path.startswith(FOLDER):
            return sample
        words = {
            message["id"]: message["string"]
            for message in code_translations.get_web_translations("kams_sales", self.env.lang or "en_US")["messages"]
        }
        return self._translated(sample, words) if words else sample

    def _translated(self, part, words):
        """A copy of a part of a spreadsheet with its titles and the words in its formulas replaced."""
        if isinstance(part, dict):
            return {
                key: words.get(value, value) if key == "text" else self._translated(value, words)
                for key, value in part.items()
            }
        if isinstance(part, list):
            return [self._translated(one, words) for one in part]
        if isinstance(part, str) and part.startswith("="):
            return WORDS.sub(lambda found: json.dumps(words.get(found[1], found[1]), ensure_ascii=False), part)
        return part
