import { getNextTabableElement } from "@web/core/utils/ui";
import { registry } from "@web/core/registry";
import { ListRenderer } from "@web/views/list/list_renderer";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";

import { useEffect } from "@odoo/owl";

/**
 * Odoo's list, but that the key after the last answer leads to the field after the list. Odoo's own goes back to the
 * first line, or stays where it is while the answer is being weighed.
 */
class KamsAnswersRenderer extends ListRenderer {
    onCellKeydownEditMode(hotkey, cell, group, record) {
        const { list } = this.props;
        if (!["tab", "enter"].includes(hotkey) || record !== list.records.at(-1)) {
            return super.onCellKeydownEditMode(...arguments);
        }
        const next = getNextTabableElement();
        list.leaveEditMode().then((left) => {
            if (left && next?.isConnected) {
                next.focus();
                next.select?.();
            }
        });
        return true;
    }
}

/**
 * Odoo's list of a scorecard's questions, but for the keyboard: the cursor stands in the first open answer as soon as
 * the questions are there. Odoo's own list can't be entered from the keyboard when it has no line to add.
 */
export class KamsAnswers extends X2ManyField {
    static components = { ...X2ManyField.components, ListRenderer: KamsAnswersRenderer };

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
