from odoo.addons.web.controllers.export import ExcelExport

from ..models.cae_activity_month import BALANCES

#: How a cell of a workbook begins that Odoo would write as a formula.
FORMULA = ("=", "{=")
#: Groupings whose rows are of one month.
OF_A_MONTH = ("month", "month:month", "month:week", "month:day")


class CaeExcelExport(ExcelExport):
    """XLSX of lists: texts, never formulas, and totals that mean something.

    Entrepreneurs type names and words on the portal, and colleagues export them: Odoo
    guards its CSV files against a text that begins a formula, and not these. And it
    adds up what it finds in the rows of a grouped list.
    """

    def from_data(self, fields, columns_headers, rows):
        return super().from_data(fields, columns_headers, _texts(rows))

    def from_group_data(self, fields, columns_headers, groups):
        if groups._model._name == "cae.activity.month":
            _leave_out_balances(groups, groups._groupby)
        return super().from_group_data(fields, columns_headers, _group_texts(groups))


def _text(value):
    """A cell; a text that begins a formula is given an apostrophe, as in CSV files."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def _texts(rows):
    return [[_text(cell) for cell in row] for row in rows]


def _group_texts(node):
    """A group with those in it; its name is a value, or the pair of a record."""
    node.data = _texts(node.data)
    node.children = {
        tuple(map(_text, name)) if isinstance(name, tuple) else _text(name): (
            _group_texts(child)
        )
        for name, child in node.children.items()
    }
    return node


def _leave_out_balances(group, groupby, of_a_month=False):
    """Balances of several months make no total."""
    totals = group.aggregated_values  # of its children too, from here on
    if not of_a_month:
        totals.update(dict.fromkeys(BALANCES))
    by, *further = groupby or [""]
    for child in group.children.values():
        _leave_out_balances(child, further, of_a_month or by in OF_A_MONTH)
