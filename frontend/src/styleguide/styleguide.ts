import "./styleguide.css";
import { contrast } from "./contrast";

/** Writes beside each pair of colours what their contrast is in the theme that is on. */
function measure(): void {
  for (const pair of document.querySelectorAll<HTMLElement>("[data-pair]")) {
    const [ground, sign] = pair.querySelectorAll("rect, text");
    if (!ground || !sign) continue;
    const { fill, stroke } = getComputedStyle(sign);
    const found = contrast(getComputedStyle(ground).fill, fill === "none" ? stroke : fill);
    const measured = pair.querySelector("[data-measured]") as HTMLElement;
    measured.textContent = found.toFixed(1);
    measured.classList.toggle("too-faint", found < Number(pair.dataset.least));
  }
}

measure();
new MutationObserver(measure).observe(document.documentElement, {
  attributeFilter: ["data-theme"],
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", measure);
