"""`make screens ONLY=`: pictures of every screen and state for a person to look at, in `screens/`."""

import os
import sys

from clinicall.server.postgres import Embedded
from tests.journeys.conftest import RunningClinic, a_folder, succeeds
from tests.server.serving import serving


def main(only: str) -> bool:
    """Whether all that was to be seen was seen."""
    with a_folder() as folder:
        os.environ["CLINICALL_DATA"] = str(folder)
        os.environ["DJANGO_SETTINGS_MODULE"] = "clinicall.config.settings"
        with Embedded(folder) as database:
            os.environ["DATABASE_URL"] = database.url
            import django

            django.setup()
            # Not before Django is set up: what scenes take from the tests needs models.
            from tests.screens import playing

            succeeds("migrate", "--verbosity", "0", data=folder)
            succeeds("demo", data=folder)
            with serving(folder) as server:
                clinic = RunningClinic(f"http://127.0.0.1:{server.port}", database.url)
                return playing.play(only, clinic, folder)


if __name__ == "__main__":
    sys.exit(not main(sys.argv[1] if len(sys.argv) > 1 else ""))
