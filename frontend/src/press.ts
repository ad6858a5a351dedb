/** The link like `which` that a press is on; null where the press asks for another tab or window, or a menu. */
export function linkPressed(event: MouseEvent, which: string): HTMLAnchorElement | null {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return null;
  return (event.target as Element).closest<HTMLAnchorElement>(which);
}
