import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cluster.balancer import balancing
from tests.cluster.databases import Postgres
from tests.cluster.load import Load, Patient
from tests.server.serving import Command, Server, clinicall, free_port

HOW_MANY = 6  # patients, and doctors
# What two machines have in common, beside their database.
KEYS = {"SECRET_KEY": "s" * 43, "FIELD_KEY": "f" * 43}
# Each patient has a doctor with 32 times on each of 20 days.
THE_CAST = f"""
import json
from datetime import time, timedelta
from clinicall.core.clock import now
from clinicall.schedule.models import Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests import cast
clinic = cast.a_clinic()
first = now().date() + timedelta(days=3)
for n in range({HOW_MANY}):
    cast.a_patient(f'Contender{{n}}')
    doctor = cast.a_doctor(clinic, f'Dr Number{{n}}', 'Cardiology')
    days = [first + timedelta(days=d) for d in range(20)]
    publish(doctor, [Window(day, time(9), time(17), 15) for day in days], now=now())
slots = {{}}
for slot in Slot.objects.order_by('starts_at'):
    slots.setdefault(str(slot.doctor_id), []).append(str(slot.pk))
print(json.dumps({{'first': str(first), 'last': str(days[-1]), 'slots': slots}}))
"""


class Machine(Server):
    """A server with a data folder of its own, which may be started again where it was."""

    def __init__(self, data: Path, words: Sequence[str], settings: Mapping[str, str]) -> None:
        port = free_port()
        self._words = ("serve", *words)
        self._settings = {**settings, "PORT": str(port)}
        self._data = data
        super().__init__(self._started(), port)

    def start_again(self) -> None:
        self.process = self._started()
        self.wait_until_up()

    def _started(self) -> Command:
        return clinicall(*self._words, data=self._data, **self._settings)


@dataclass
class Clinic:
    """The servers of one clinic, the tests' own folder, and who books there."""

    folder: Path
    primary: Postgres
    replica: Postgres
    span: str  # the days of which there are hours, as a query
    free: dict[str, Iterator[str]]  # slots that nobody asked for yet, by doctor

    @contextmanager
    def served_by(
        self, *words: str, servers: int = 1, settings: Mapping[str, str] | None = None
    ) -> Iterator[tuple[int, Sequence[Machine]]]:
        """So many servers behind one address, whose port is told with them."""
        port = free_port()
        both = {**self.settings, "SITE_URL": f"http://127.0.0.1:{port}", **(settings or {})}
        machines: list[Machine] = []
        with ExitStack() as stack:
            try:
                for _ in range(servers):
                    data = stack.enter_context(tempfile.TemporaryDirectory(dir=self.folder))
                    machines.append(Machine(Path(data), words, both))
                for machine in machines:
                    machine.wait_until_up()
                with balancing(port, *(machine.port for machine in machines)):
                    yield port, machines
            finally:
                for machine in machines:
                    machine.process.terminate()
                for machine in machines:
                    machine.process.said()

    @property
    def settings(self) -> dict[str, str]:
        return {**KEYS, "DATABASE_URL": self.primary.url, "REPLICA_URL": self.replica.url}

    def patients(self, load: Load) -> list[Patient]:
        """Signed in."""
        patients = [
            Patient(f"contender{n}", doctor, self.span, slots, load)
            for n, (doctor, slots) in enumerate(self.free.items())
        ]
        for patient in patients:
            patient.signs_in()
        return patients

    def check(self) -> None:
        with tempfile.TemporaryDirectory(dir=self.folder) as data:
            command = clinicall("check-invariants", data=Path(data), **self.settings)
            assert command.wait() == 0, command.said()

    def keeps_its_word(self, load: Load) -> None:
        """What anybody was answered is in the book, once, and each payment has its visit."""
        self.check()
        book = dict(self.primary.sql("select id::text, status from booking_appointment"))
        assert load.held.keys() <= book.keys()
        assert {book[id_] for id_ in load.confirmed} <= {"confirmed"}
        assert (
            self.primary.sql(
                "select slot_id from booking_appointment group by slot_id having count(*) > 1"
            )
            == []
        )
        paid_for_nothing = self.primary.sql(
            "select p.id from payments_payment p join booking_appointment a on a.payment_id = p.id"
            " where p.state = 'succeeded' and a.status <> 'confirmed'"
        )
        assert paid_for_nothing == []


@pytest.fixture(scope="module")
def clinic() -> Iterator[Clinic]:
    with tempfile.TemporaryDirectory(prefix="clinicall-tests-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o711)
        os.chown(folder, Postgres(folder).account.uid, -1)
        primary, replica = Postgres(folder / "primary"), Postgres(folder / "replica")
        primary.make()
        try:
            settings = {**KEYS, "DATABASE_URL": primary.url}
            migrate = clinicall("migrate", "--verbosity", "0", data=folder, **settings)
            assert migrate.wait() == 0, migrate.said()
            shell = ("shell", "--verbosity", "0", "--command", THE_CAST)
            told = json.loads(clinicall(*shell, data=folder, **settings).said())
            replica.copy(primary)
            try:
                free = {doctor: iter(slots) for doctor, slots in told["slots"].items()}
                span = f"from={told['first']}&to={told['last']}"
                yield Clinic(folder, primary, replica, span, free)
            finally:
                replica.stop("immediate")
        finally:
            primary.stop("immediate")
