// The whole client side: htmx, keys, and small comforts. Every page works without it.
import htmx from "htmx.org";
import "./keys.js";
import "./comforts.js";
import "./scan.js";
import "./board.js";

window.htmx = htmx;
