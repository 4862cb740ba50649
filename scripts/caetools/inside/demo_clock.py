"""The clock of the demo: things are done as if it were then, moment after moment."""

from datetime import timedelta

import freezegun

from odoo.fields import Datetime


class Clock:
    """``with Clock(env) as clock: clock.at(moment)``.

    One frozen clock that moves: freezing looks through every module that is loaded.
    What waits for the end of the transaction, such as the log, is written before the
    clock moves on, and so says when it happened.
    """

    def __init__(self, env):
        self.env = env
        self.frozen = freezegun.freeze_time(tick=True)

    def __enter__(self):
        self.clock = self.frozen.start()
        return self

    def at(self, moment) -> None:
        """It is now ``moment`` (UTC; a datetime, a date or their text)."""
        self._finish()
        self.clock.move_to(Datetime.to_datetime(moment))

    def tick(self, days) -> None:
        """It is ``days`` later."""
        self._finish()
        self.clock.tick(timedelta(days=days))

    def _finish(self):
        self.env.flush_all()
        self.env.cr.precommit.run()

    def __exit__(self, kind, *error):
        try:
            if not kind:
                self._finish()
        finally:
            self.frozen.stop()
        return False
