"""AVAILABILITY -> SLOTS: the hours a doctor publishes, cut into bookable intervals."""
