import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("kams_build_a_profile", {
    steps: () => [
        {
            content: "A code with a slip of the pen",
            trigger: ".o_field_widget[name=uscc] input",
            run: "edit 914403001922038261",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "It is refused, with what is wrong",
            trigger: ".modal-body:contains('Huaneng Power'):contains('business licence')",
        },
        {
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=uscc] input",
            run: "edit 9144 0300 1922 0382 16",
        },
        {
            content: "Go on to the environment",
            trigger: ".o_notebook a[name=environment]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=swot_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=swot_ids] .o_selected_row [name=quadrant] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains('Strength')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=swot_ids] .o_selected_row [name=statement] input",
            run: "edit Cheap credit",
        },
        {
            content: "Note what was learned",
            trigger: ".o_notebook a[name=items]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=profile_item_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=key] input",
            run: "edit Who signs",
        },
        {
            trigger: ".modal .o_field_widget[name=value] textarea",
            run: "edit The vice president",
        },
        {
            trigger: ".modal .o_field_widget[name=source] input",
            run: "edit Ms Li",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=profile_item_ids] .o_data_row:contains('Who signs')",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_saved",
        },
        {
            content: "Everything was looked through",
            trigger: "button[name=action_confirm_profile]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=valid_until]",
        },
    ],
});
