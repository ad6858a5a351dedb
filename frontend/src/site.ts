import "./styles/index.css";
import { announce } from "./announcer";
import "./booking/booking-dialog";
import "./booking/booking-form";
import "./booking/hold-timer";
import "./booking/page-turn";
import "./booking/payment-watch";
import "./calendar/doctor-calendar";
import "./schedule/hours-preview";
import "./schedule/hours-total";
import { showTimesWhereTheViewerIs } from "./time";

showTimesWhereTheViewerIs();
// A form that came back is read from what is wrong with it.
document.getElementById("error-summary")?.focus();
// A page that opens at a place further down still says what has just been done.
const told = document.querySelector<HTMLElement>(".notices");
if (location.hash && told) announce(told.textContent.trim());
