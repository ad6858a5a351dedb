"""Who appears in the demo, and what they say: invented people, common reasons to see a doctor."""

from dataclasses import dataclass
from datetime import time

FIRST_NAMES = [
    *("Amara", "Nimal", "Kumari", "Rohan", "Fathima", "Suresh", "Anjali", "Dilshan", "Malini"),
    *("Ishara", "Thilini", "Arjun", "Zainab", "Chamari", "Ruwan", "Meera", "Kasun", "Shanthi"),
    *("Imran", "Sanduni", "Gayan", "Priya", "Nuwan", "Lakshmi", "Hasini", "Tariq", "Dinusha"),
]
LAST_NAMES = [
    *("Silva", "Perera", "Fernando", "Rajapaksa", "Nadarajah", "Jayawardena", "Wickramasinghe"),
    *("Mohamed", "Bandara", "Sivakumar", "Gunasekara", "Dissanayake", "Selvarajah", "Herath"),
    *("de Alwis", "Ratnayake", "Marikar", "Senanayake", "Abeysekara", "Kandasamy", "Weerasinghe"),
    *("Hettiarachchi", "Cader", "Amarasinghe", "Mendis"),
]
SPECIALIZATIONS = [
    *("General practice", "Cardiology", "Dermatology", "Paediatrics"),
    *("Gynaecology", "Mental health", "Diabetes and hormones", "Ear, nose and throat"),
]
# One sentence for each specialization, in the same order.
FOCUS = [
    "Sees adults and children with everyday illnesses, and looks after long-term conditions.",
    "Looks after high blood pressure, irregular heartbeat and recovery after a heart attack.",
    "Treats eczema, acne, allergies and changes of the skin; photos help and can be shown live.",
    "Cares for children from birth to sixteen, and for the worries of their parents.",
    "Advises on pregnancy, contraception, painful periods and the menopause.",
    "Talks through anxiety, low mood and sleep, at the pace that suits you.",
    "Plans treatment of diabetes and thyroid problems with you, and follows it up.",
    "Helps with hearing, balance, sinus trouble and sore throats that keep coming back.",
]
LANGUAGES = [
    ["English", "Sinhala"],
    ["English", "Sinhala", "Tamil"],
    ["English", "Tamil"],
    ["English"],
    ["English", "Sinhala", "Arabic"],
]
ABROAD = ["Europe/London", "Australia/Melbourne", "Asia/Dubai", "America/Toronto"]
REASONS = [
    "Cough and a light fever for three days. No trouble breathing.",
    "I would like to go through the results of last week's blood test.",
    "Headaches in the afternoon, mostly after work at the computer.",
    "My blood pressure was high twice this week when I measured it at home.",
    "A rash on both arms that itches at night. It began about ten days ago, after I changed the "
    "washing powder, and the cream from the pharmacy has not helped so far.",
    "Repeat prescription and a short check of how I am doing with the new tablets.",
    "Sore throat that comes back every month.",
    "I do not sleep well and am tired all day.",
    "Pain in the lower back since I lifted a box on Sunday.",
    "My daughter has had an earache since yesterday evening.",
    "Questions about a vaccination before travelling.",
    "Stomach ache after meals, two or three times a week.",
]

MONDAY_TO_FRIDAY = frozenset(range(5))
EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True)
class Hours:
    """The same hours on these days of the week, Monday being 0."""

    days: frozenset[int]
    start: time
    end: time
    minutes: int


# The first is doctor1's, who has hours on any day, so that there is something to book on any day.
WEEKS = [
    (Hours(EVERY_DAY, time(9), time(12), 15), Hours(MONDAY_TO_FRIDAY, time(14), time(17), 15)),
    (Hours(frozenset({0, 2, 4}), time(8), time(13), 20),),
    (
        Hours(frozenset({1, 3, 5}), time(9), time(12, 30), 30),
        Hours(frozenset({1, 3}), time(16), time(18), 15),
    ),
    (Hours(frozenset(range(6)), time(16), time(20), 15),),
    (Hours(frozenset({5, 6}), time(10), time(14), 30),),
    (
        Hours(MONDAY_TO_FRIDAY, time(7, 30), time(9, 30), 10),
        Hours(MONDAY_TO_FRIDAY, time(17), time(19), 20),
    ),
    (Hours(frozenset({0, 1, 3, 4}), time(10), time(13), 45),),
]
