"""What a program can tell of a page: axe's rules, and what axe does not ask."""

from pathlib import Path

from playwright.sync_api import Page

AXE = (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text()
# Targets of 24 px, or with room around them, are not among what axe looks for by itself. Where the device
# forces its colours, axe takes ours for those of the text. A colour on its way to another is neither.
RUN = """
Promise.allSettled(document.getAnimations()
  .filter(one => one.playState === "running" && one.effect.getComputedTiming().endTime < Infinity)
  .map(one => one.finished)
).then(() => axe.run({resultTypes: ["violations"], rules: {
  "target-size": {enabled: true},
  "color-contrast": {enabled: !matchMedia("(forced-colors: active)").matches},
}}))
"""

OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Where text would go on that nobody can scroll to. What is 1 px wide is for screen readers only.
CUT_OFF = """
() => [...document.querySelectorAll("body *")].filter(one =>
  one.checkVisibility({visibilityProperty: true}) && one.scrollWidth > one.clientWidth + 1
  && ["hidden", "clip"].includes(getComputedStyle(one).overflowX)
  && one.clientWidth > 1 && !one.closest(".visually-hidden, svg, video, input, select")
).map(one => one.outerHTML)
"""
SHAPE = """
() => {
  const seen = what => [...document.querySelectorAll(what)].filter(one => one.checkVisibility());
  return ["h1", "main", "body > header"].map(what => [what, seen(what).length])
    .filter(([, count]) => count !== 1).map(([what, count]) => `${count} of ${what}`)
    .concat(/^\\S.* – \\S/.test(document.title) ? [] : [`title ${document.title}`]);
}
"""
# Ours are 44 px high; the small ones of tables and segments are meant to be less, and axe asks for 24.
SMALL_BUTTONS = """
() => [...document.querySelectorAll("button, .button, .slot, .day, summary")].filter(one => {
  if (one.matches(".small, .segments *")) return false;
  const {width, height} = one.getBoundingClientRect();
  return one.checkVisibility() && width > 1 && (height < 43.9 || width < 24);
}).map(one => `${one.offsetWidth} × ${one.offsetHeight} ${one.outerHTML}`)
"""
# A ring of the element itself or of the field around it. What a dialog covers takes no focus.
UNSEEN_FOCUS = """
() => {
  const before = document.activeElement;
  const rings = one => {
    const {outlineStyle, outlineWidth} = getComputedStyle(one);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  };
  const takeFocus = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  const unseen = [...document.querySelectorAll(takeFocus)]
    .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.disabled).slice(0, 60)
    .filter(one => {
      one.focus();
      return document.activeElement === one && !(rings(one) || rings(one.parentElement));
    }).map(one => one.outerHTML);
  before.focus();
  return unseen;
}
"""


def violations(page: Page) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate(RUN)["violations"]
    return [
        f"{one['id']}: {node['html'][:120]}: {node['failureSummary'].splitlines()[-1].strip()}"
        for one in found
        for node in one["nodes"]
    ]


def misshapen(page: Page) -> list[str]:
    """Not one heading of the first level, one main part and one header, or no title."""
    return [f"shape: {fault}" for fault in page.evaluate(SHAPE)]


def small_buttons(page: Page) -> list[str]:
    return [f"too small: {one[:120]}" for one in page.evaluate(SMALL_BUTTONS)]


def unseen_focus(page: Page) -> list[str]:
    """Which of the first 60 that take the focus do not show it; afterwards it is where it was."""
    # After any key, focus is shown as it is to those who use keys.
    page.keyboard.press("F9")
    return [f"unseen focus: {one[:120]}" for one in page.evaluate(UNSEEN_FOCUS)]


def too_wide(page: Page) -> list[str]:
    """Scrolled sideways, or cut off."""
    overhang = page.evaluate(OVERHANG)
    return [
        *([f"{overhang} px wider than the window"] if overhang > 0 else []),
        *(f"cut off: {one[:120]}" for one in page.evaluate(CUT_OFF)),
    ]
