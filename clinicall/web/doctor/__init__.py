"""What a doctor sees: the agenda of a day, the schedule of a week, and the hours of one day."""
