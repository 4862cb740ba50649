from odoo.addons.web.controllers.export import ExcelExport

from ..models.cae_activity_month import BALANCES

#: Groupings whose rows are of one month.
OF_A_MONTH = ("month", "month:month", "month:week", "month:day")


class CaeExcelExport(ExcelExport):
    """Odoo's export of a grouped list adds up what it finds in its rows."""

    def from_group_data(self, fields, columns_headers, groups):
        if groups._model._name == "cae.activity.month":
            _leave_out_balances(groups, groups._groupby)
        return super().from_group_data(fields, columns_headers, groups)


def _leave_out_balances(group, groupby, of_a_month=False):
    """Balances of several months make no total."""
    totals = group.aggregated_values  # of its children too, from here on
    if not of_a_month:
        totals.update(dict.fromkeys(BALANCES))
    by, *further = groupby or [""]
    for child in group.children.values():
        _leave_out_balances(child, further, of_a_month or by in OF_A_MONTH)
