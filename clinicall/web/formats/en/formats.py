"""English: `Tuesday 24 November 2026`, `10:15am`. Full names, because short ones are read badly aloud."""

DATE_FORMAT = "l j F Y"
MONTH_DAY_FORMAT = "l j F"
YEAR_MONTH_FORMAT = "F Y"
SHORT_DATE_FORMAT = "j F Y"
TIME_FORMAT = "g:ia"
