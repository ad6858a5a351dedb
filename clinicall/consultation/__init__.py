"""CONFIRMED -> CALL -> COMPLETED: the door and the room."""
