import { registry } from "@web/core/registry";

const rotting = registry.category("fields").get("rotting_statusbar_duration");

/**
 * Odoo's status bar of a deal, but for one thing: a move that the gate refuses is taken back. Odoo's own bar
 * stays on the refused stage, and every later save of the form would try to move the deal again.
 */
export class KamsStatusBar extends rotting.component {
    async selectItem(item) {
        const { name, record } = this.props;
        const before = record.data[name];
        const wasDirty = await record.isDirty();
        try {
            await super.selectItem(item);
        } catch (error) {
            if (wasDirty) {
                await record.update({ [name]: before });
            } else {
                await record.discard();
            }
            throw error;
        }
    }
}

registry.category("fields").add("kams_statusbar", {
    ...rotting,
    component: KamsStatusBar,
    additionalClasses: ["o_field_rotting_statusbar_duration"],
});
