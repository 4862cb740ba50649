"""The one error of the payroll engine."""


class PayrollError(ValueError):
    """A salary cannot be computed.

    ``code`` is stable and meant for programs; ``str(error)`` is ``CODE: message``,
    the shape of the public contract. Codes:

    ``CAE-PAY-RATE``
        no value, or no formula, of a rate at the date asked for
    ``CAE-PAY-RATE-DATA``
        the rows of rates are wrong: two for one code and date, a bad number
    ``CAE-PAY-VALUE``
        a value of the situation, or an amount, is out of range
    ``CAE-PAY-BUDGET``
        the budget does not even cover what is due without any pay
    """

    def __init__(self, code: str, message: str):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
