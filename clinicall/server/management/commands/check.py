from typing import Any

from django.core.management.commands import check

from clinicall.config.checks import SERVING


class Command(check.Command):
    help = "Explain every missing or unsafe setting"

    def handle(self, *app_labels: list[str], **options: Any) -> None:
        # Ours first: Django's ends with "no issues" when it has none itself.
        self.check(
            tags=[SERVING],
            display_num_errors=False,
            include_deployment_checks=True,
            databases=options["databases"] or ["default"],
        )
        super().handle(*app_labels, **options)
