from bench.capacity import Assumed, needs

COSTS = {"server": 1_000.0, "database": 500.0}
ROWS = dict.fromkeys(("a day's slots", "a month's days", "hold", "booking"), COSTS)


def test_twice_the_people_book_twice_as_often_and_twice_as_many_processes_hear_of_it() -> None:
    one, two = needs(Assumed(30e6), ROWS), needs(Assumed(60e6), ROWS)

    assert one["visits a day"] == 100_000
    assert one["bookings a second"] == 12.5
    assert two["bookings a second"] == 25
    assert two["cores of the database"] == 2 * one["cores of the database"]
    assert two["processes"] >= 2 * one["processes"] - 1
    assert two["– of these, for news"] > 3 * one["– of these, for news"]
