"""Living and dying: one ASGI application, its workers, its database."""
