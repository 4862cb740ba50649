"""What the access log says of votes: nothing that leads to a person or a ballot."""

import logging
import re

#: The line of a cast ballot would hold an address and a moment.
SILENT = "/cae/ballot/cast"
#: A personal link is a key: the log shows that one was used, not which.
LINK = re.compile(r"(/cae/m/|[?&]access=)(?!(?:live|act|document)(?:[?\s]|$))[\w-]+")


class QuietVotes(logging.Filter):
    """Drops the access lines of secret votes, hides personal links in the others."""

    def filter(self, record):
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            return True
        if SILENT in message:
            return False
        if LINK.search(message):
            record.msg, record.args = LINK.sub(r"\1***", message), ()
        return True


def install():
    logger = logging.getLogger("werkzeug")
    if not any(isinstance(each, QuietVotes) for each in logger.filters):
        logger.addFilter(QuietVotes())


install()
