"""What is told to whom: a snapshot of every address, and the rights that it must stay within.

The names are those of CANARIES in tests/access/matrix/scene.py; `nic_end` are the last four signs of the NIC
without the others. Who is not named, and which address is not, is told none of it.
"""

# A patient everything of theirs; the doctor all but the whole NIC and the way to pay; the clinic's people
# how to reach the patient, and what only they may know of a doctor.
OWN = "first last phone email nic nic_end reason note token checkout"
OF_THE_CLINIC = "first last phone email licence"
ALLOWED = {
    "Ana": OWN,
    "program": OWN,
    "Osei": "first last phone email nic_end reason note",
    "staff": OF_THE_CLINIC,
    "admin": OF_THE_CLINIC,
}

TOLD: dict[str, dict[str, str]] = {
    "doctors/<uuid:doctor_id>/slots/<int:slot_id>/": {"Ana": "first last phone email nic"},
    "appointments/": {"Ana": "checkout"},
    "appointments/<uuid:appointment_id>/": {
        "Ana": "first last phone email reason",
        "Osei": "first last phone email reason nic_end",
    },
    "appointments/<uuid:appointment_id>/ hold": {"Ana": "first last phone email reason checkout"},
    "appointments/<uuid:appointment_id>/ cancelled": {
        "Ana": "first last phone email reason note",
        "Osei": "first last phone email reason note nic_end",
    },
    "appointments/<uuid:appointment_id>/nic/": {"Osei": "first last nic_end"},
    "appointments/<uuid:appointment_id>/cancel/": {"Osei": "first last"},
    "appointments/<uuid:appointment_id>/room/": {"Osei": "first last"},
    "agenda/": {"Osei": "first last reason"},
    "staff/appointments/": {"staff admin": "first last phone"},
    "staff/appointments/<uuid:appointment_id>/": {"staff admin": "first last phone email"},
    "staff/appointments/<uuid:appointment_id>/ cancelled": {
        "staff admin": "first last phone email"
    },
    "staff/appointments/<uuid:appointment_id>/cancel/ later": {"staff admin": "first last"},
    "staff/doctors/<uuid:doctor_id>/": {"staff admin": "licence"},
    "api/v1/appointments": {
        "Ana program": "first last phone email nic reason note checkout",
        "Osei": "first last phone email reason note nic_end",
    },
    "api/v1/appointments/<appointment_id>": {
        "Ana program": "first last phone email nic reason token",
        "Osei": "first last phone email reason nic_end",
    },
    "api/v1/appointments/<appointment_id> hold": {
        "Ana program": "first last phone email nic reason checkout"
    },
    "api/v1/appointments/<appointment_id> cancelled": {
        "Ana program": "first last phone email nic reason note",
        "Osei": "first last phone email reason note nic_end",
    },
    "admin/people/doctor/": {"admin": "licence"},
}
