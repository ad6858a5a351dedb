import "./styles/index.css";
import "./booking/booking-dialog";
import "./booking/booking-form";
import "./booking/hold-timer";
import "./booking/page-turn";
import "./booking/payment-watch";
import "./calendar/doctor-calendar";
import "./schedule/hours-preview";
import { showTimesWhereTheViewerIs } from "./time";

showTimesWhereTheViewerIs();
// A form that came back is read from what is wrong with it.
document.getElementById("error-summary")?.focus();
