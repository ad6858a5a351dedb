"""Django asks for this module by its name, as the ENGINE that settings name."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Asked before the first statement of each request: `SELECT 1` only where there is reason to.

        A server that ended, or was killed, has closed its end, which the socket tells at once; nothing
        else ever comes unasked but news of its settings, and then it is asked.
        """
        if self.connection is None or self.errors_occurred:
            return super().is_usable()
        socket = select.poll()
        socket.register(self.connection.pgconn.socket, select.POLLIN)
        return not socket.poll(0) or super().is_usable()
