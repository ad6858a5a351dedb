"""Django's PostgreSQL, watched statement by statement and commit by commit."""

from collections.abc import Callable
from typing import Any

from django.conf import settings

from clinicall.core.postgres import base
from tests.faults.standing import Order, Place, When

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.place = Place(settings.DATA)
        self.seen = 0
        self.commit_meant: Order | None = None
        self.execute_wrappers.append(self.watch)

    def watch(
        self, execute: Execute, sql: str, values: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        order = self.place.order()
        if order is None or not order.means(f"{sql} {values}"):
            return execute(sql, values, many, context)
        if order.when is When.BEFORE:
            self.reach(order)
        result = execute(sql, values, many, context)
        if order.when is not When.BEFORE and context["cursor"].rowcount > 0:
            alone = not self.in_atomic_block
            if order.when is When.AFTER or (alone and order.when is When.AFTER_COMMIT):
                self.reach(order)
            else:
                self.commit_meant = order
        return result

    def reach(self, order: Order) -> None:
        self.seen += 1
        if self.seen == order.nth:
            self.place.stand()

    def _commit(self) -> None:
        meant, self.commit_meant = self.commit_meant, None
        if meant and meant.when is When.BEFORE_COMMIT:
            self.reach(meant)
        super()._commit()  # type: ignore[misc]  # the stubs do not know it
        if meant and meant.when is When.AFTER_COMMIT:
            self.reach(meant)

    def _rollback(self) -> None:
        self.commit_meant = None
        super()._rollback()  # type: ignore[misc]
