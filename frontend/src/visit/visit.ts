import "./live-part";
import "./waiting-room";
