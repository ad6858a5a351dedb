/** Where one who was at `here` goes on when only `left` are left of `places`: there, else the next, else the last before. */
export function placeAfter(
  places: readonly string[],
  here: string,
  left: readonly string[],
): string | null {
  const at = places.indexOf(here);
  if (at < 0) return null;
  const stays = (place: string) => left.includes(place);
  return places.slice(at).find(stays) ?? places.slice(0, at).findLast(stays) ?? null;
}
