from odoo.addons.web.controllers.export import ExcelExport

#: How a cell of a workbook begins that Odoo would write as a formula.
FORMULA = ("=", "{=")


class FormulaFreeExport(ExcelExport):
    """Lists exported as XLSX hold texts, never formulas.

    Entrepreneurs type names and words on the portal, and colleagues export them: Odoo
    guards its CSV files against a text that begins a formula, and not these.
    """

    def from_data(self, fields, columns_headers, rows):
        return super().from_data(fields, columns_headers, _texts(rows))

    def from_group_data(self, fields, columns_headers, groups):
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
