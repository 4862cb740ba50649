from . import wkhtmltopdf
