import "./styles/index.css";
import "./booking/hold-timer";
import { showTimesWhereTheViewerIs } from "./time";

showTimesWhereTheViewerIs();
// A form that came back is read from what is wrong with it.
document.getElementById("error-summary")?.focus();
