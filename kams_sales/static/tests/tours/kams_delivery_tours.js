import { registry } from "@web/core/registry";

const dialog = ".modal:not(.o_inactive_modal)";

registry.category("web_tour.tours").add("kams_contract_to_project", {
    steps: () => [
        {
            trigger: "button[name=action_make_delivery]",
            run: "click",
        },
        {
            content: "Who took the handover over manages the project",
            trigger: `${dialog} .o_field_widget[name=user_id] input:value(Pia Manager)`,
        },
        {
            content: "The roles of the template want people",
            trigger: `${dialog} .o_field_widget[name=role_ids] .o_data_row:contains(Installing)`,
        },
        {
            trigger: `${dialog} button[name=action_make]`,
            run: "click",
        },
        {
            content: "The delivery has its project",
            trigger: "button[name=action_open_project]",
        },
        {
            content: "… and its people",
            trigger: ".o_field_widget[name=role_ids] .o_data_row:contains(Project Manager)",
        },
        {
            trigger: "button[name=action_start]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Being Delivered')",
        },
        {
            trigger: "button[name=action_open_project]",
            run: "click",
        },
        {
            content: "Tasks and promises are there",
            trigger: ".o_kanban_record:contains(Wire)",
        },
        {
            trigger: ".o_kanban_record:contains('Promise: Train six people')",
        },
    ],
});
