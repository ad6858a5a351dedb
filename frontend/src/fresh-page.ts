/** The page at `url` as the server sees it now. Throws TypeError when the server cannot be reached. */
export async function freshPage(url: string, options: RequestInit = {}): Promise<Document> {
  const answer = await fetch(url, { credentials: "same-origin", ...options });
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}
