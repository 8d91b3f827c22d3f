import { registry } from "@web/core/registry";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";

import { useEffect } from "@odoo/owl";

/**
 * Odoo's list of a scorecard's questions, but for one thing: the cursor stands in the first open answer as soon as
 * the questions are there. Odoo's own list can't be entered from the keyboard when it has no line to add.
 */
export class KamsAnswers extends X2ManyField {
    setup() {
        super.setup();
        useEffect(
            (ready) => {
                const open = ready && this.list.records.find((line) => !line.data.answer);
                if (open) {
                    this.list.enterEditMode(open);
                }
            },
            () => {
                const { account_id, lead_id } = this.props.record.data;
                const ready = !this.props.readonly && this.props.viewMode === "list" && (account_id || lead_id);
                return [Boolean(ready), this.list.records[0]?.id];
            },
        );
    }
}

registry.category("fields").add("kams_answers", { ...x2ManyField, component: KamsAnswers });
