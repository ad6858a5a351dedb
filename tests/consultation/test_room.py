from datetime import timedelta

import pytest

from clinicall import wiring
from clinicall.booking import ending
from clinicall.booking.states import Outcome
from clinicall.consultation.door import Door, door_at
from clinicall.consultation.room import NotConfirmed, RoomClosed, TooEarly, enter
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from clinicall.video.agora import AgoraLine
from tests.booking.test_ending import cancel, paid
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import booked


@pytest.mark.parametrize(
    ("seconds", "door"),
    [(-1, Door.EARLY), (0, Door.OPEN), (899, Door.OPEN), (900, Door.CLOSED)],
)
def test_the_door_opens_and_closes_on_the_second(seconds: int, door: Door) -> None:
    now = NOON + timedelta(seconds=seconds)
    assert door_at(now, opens_at=NOON, closes_at=NOON + timedelta(minutes=15)) is door


def test_both_get_a_pass_of_their_own_for_half_an_hour_at_most(
    slots: list[Slot], ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    clock.set(visit.opens_at)
    for person, uid in ((dr_osei.user, 1), (ana.user, 2)):
        room_pass = enter(visit.pk, person, line_for=wiring.video_line, session="")
        assert (room_pass.uid, room_pass.channel) == (uid, f"appt_{visit.pk}")
        assert room_pass.expires_at == clock.now + timedelta(minutes=30)
        visit.refresh_from_db()
        assert (visit.line, visit.token) == ("peer", room_pass.token)


def test_a_pass_never_outlives_the_room(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    clock.set(visit.ends_at)
    room_pass = enter(visit.pk, ana.user, line_for=wiring.video_line, session="")
    assert room_pass.expires_at == visit.closes_at


def test_the_room_stays_shut_until_ten_minutes_before(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    clock.set(visit.starts_at - timedelta(seconds=601))
    with pytest.raises(TooEarly) as refused:
        enter(visit.pk, ana.user, line_for=wiring.video_line, session="")
    assert refused.value.facts == {"opensAt": visit.starts_at - timedelta(minutes=10)}


def test_a_hold_has_no_room(slots: list[Slot], ana: Patient) -> None:
    with pytest.raises(NotConfirmed):
        enter(booked(slots[0], ana).pk, ana.user, line_for=wiring.video_line, session="")


def test_the_room_closes_fifteen_minutes_after_the_end(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    clock.set(visit.ends_at + timedelta(minutes=15))
    with pytest.raises(RoomClosed):
        enter(visit.pk, ana.user, line_for=wiring.video_line, session="")


def test_nobody_enters_a_visit_that_is_off_or_over(
    slots: list[Slot], ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    off, over = paid(slots[0], ana), paid(slots[1], ana)
    cancel(off, ana.user)
    clock.set(over.starts_at)
    ending.complete(over.pk, Outcome.ATTENDED, by=dr_osei.user)
    for visit, status in ((off, "cancelled"), (over, "completed")):
        with pytest.raises(RoomClosed) as refused:
            enter(visit.pk, dr_osei.user, line_for=wiring.video_line, session="")
        assert refused.value.facts == {"status": status}


def test_on_agora_both_encrypt_with_one_secret_that_only_their_passes_tell(
    slots: list[Slot], ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    clock.set(visit.opens_at)
    agora = AgoraLine("0" * 32, "1" * 32)
    passes = [
        enter(visit.pk, person, line_for=lambda _: agora, session="")
        for person in (dr_osei.user, ana.user)
    ]
    first, second = (room_pass.encryption for room_pass in passes)
    assert first is not None
    assert first == second
    assert (first.mode, len(first.secret), len(first.salt)) == ("aes-256-gcm2", 43, 32)
    visit.refresh_from_db()
    assert visit.media_secret == first.secret
    assert first.secret not in visit.media_secret_sealed
    assert first.secret not in repr(passes)


def test_two_visits_on_agora_share_no_secret(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    visits = [paid(slot, ana) for slot in slots[:2]]
    agora = AgoraLine("0" * 32, "1" * 32)
    used = set()
    for visit in visits:
        clock.set(visit.opens_at)
        room_pass = enter(visit.pk, ana.user, line_for=lambda _: agora, session="")
        assert room_pass.encryption
        used |= {room_pass.encryption.secret, room_pass.encryption.salt}
    assert len(used) == 4


def test_the_peer_line_needs_no_secret(slots: list[Slot], ana: Patient, clock: ClinicClock) -> None:
    visit = paid(slots[0], ana)
    clock.set(visit.opens_at)
    assert enter(visit.pk, ana.user, line_for=wiring.video_line, session="").encryption is None
    visit.refresh_from_db()
    assert visit.media_secret == ""
