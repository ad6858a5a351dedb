"""Names of 48 characters, and names in Sinhala and in Tamil, wherever names are shown."""

from tests.journeys.test_accessibility import first
from tests.screens.patient import TO_VISIT, doctor_of, opens_form
from tests.screens.stage import Scene, Stage

LONG = "Dr Wickramasinghe Mudiyanselage Bandaranayake-Gu"
SINHALA = "වෛද්‍ය අනුරාධා වික්‍රමසිංහ ජයවර්ධන"
TAMIL = "டாக்டர் கிருஷ்ணமூர்த்தி சுப்பிரமணியம்"
RENAME = (
    "update people_doctor set name = '{}'"
    " where user_id = (select id from people_user where email = 'doctor{}@demo.example')"
)


def everywhere(stage: Stage) -> None:
    for number, name in enumerate((LONG, SINHALA, TAMIL), 1):
        stage.clinic.change(RENAME.format(name, number))
    stage.clinic.change(
        "update booking_appointment set first_name = 'Wickramasinghe Mudiyanselage',"
        " last_name = 'Bandaranayake-Gunasekara Hettiarachchi'"
    )
    stage.clinic.change(
        "update people_specialization set name = 'Endocrinology, diabetes and metabolic disorders'"
        " where name = 'General practice'"
    )
    stranger = stage.stranger("America/New_York").page
    stage.look(stranger, "/", "search")
    for number in (1, 2, 3):
        address = doctor_of(stage, stranger, f"doctor{number}@demo.example")
        stage.look(stranger, address, f"doctor {number}")
        opens_form(stranger, address)
        stage.take(stranger, f"form of doctor {number}")
    patient = stage.signed_in("patient1")
    stage.look(patient, "/appointments/", "appointments")
    stage.look(patient, first(patient, TO_VISIT), "appointment")
    stage.look(patient, "/appointments/?when=past", "appointments, past")
    stage.look(stage.signed_in("doctor1"), "/agenda/", "agenda")
    staff = stage.signed_in("staff")
    stage.look(staff, "/staff/", "home of staff")
    stage.look(staff, "/staff/appointments/", "appointments of staff")
    stage.look(staff, "/staff/doctors/", "doctors of staff")


SCENES: list[Scene] = [everywhere]
