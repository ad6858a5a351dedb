import "./room.css";
import { ConsultationRoom } from "./consultation-room";

customElements.define("consultation-room", ConsultationRoom);
