"""The team of the demo at work: models as one of its users."""

PAYROLL, ACCOUNTANT = "paie", "comptable"
SECRETARY, MANAGER = "secretaire", "manager"
#: Coach of the south; head of coaching, coach of the west; coach of the north.
COACH, HEAD, NORTH = "conseil", "accompagnement", "nord"


def acting(env, model: str, login: str):
    """A model as somebody of the team uses it."""
    return env[model].with_user(env["res.users"].search([("login", "=", login)]))
