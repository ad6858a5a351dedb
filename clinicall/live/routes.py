"""The live routes, for the one application to mount."""

from starlette.routing import BaseRoute, Route, WebSocketRoute

from clinicall.live import openings, presence, signalling

routes: list[BaseRoute] = [
    Route("/api/v1/doctors/{doctor:uuid}/slots/stream", openings.stream),
    WebSocketRoute("/ws/calls/{appointment:uuid}", signalling.call),
    WebSocketRoute("/ws/visits/{appointment:uuid}", presence.visit),
    WebSocketRoute("/ws/agenda", presence.agenda),
]
