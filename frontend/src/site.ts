import { announce } from "./announcer";
import "./booking/booking-dialog";
import "./booking/booking-form";
import "./booking/held-time";
import "./booking/hold-timer";
import "./booking/page-turn";
import "./booking/payment-watch";
import "./calendar/doctor-calendar";
import "./schedule/hours-preview";
import "./schedule/hours-total";
import { turnThemeInPlace } from "./theme";
import { showTimesWhereTheViewerIs } from "./time";

showTimesWhereTheViewerIs();
for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
turnThemeInPlace();
// A form that came back is read from what is wrong with it.
document.getElementById("error-summary")?.focus();
// A page that opens at a place further down still says what has just been done.
const told = document.querySelector<HTMLElement>(".notices");
if (location.hash && told) announce(told.textContent.trim());
// The page for when there is no connection. All else works without it, so what keeps it out is let be.
if (isSecureContext && "serviceWorker" in navigator) {
  addEventListener("load", () => {
    navigator.serviceWorker.register("/service-worker.js").catch(() => {});
  });
}
