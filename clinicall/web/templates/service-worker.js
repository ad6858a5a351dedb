// Keeps one page for when nothing can be reached, and nothing else: no page and no answer of a person's.
const PAGE = "{{ offline }}";
const STYLE = "{{ style }}";
const CACHE = "offline-{{ version }}";

addEventListener("install", (event) => {
  // As nobody in particular, and not as an older answer.
  const asked = [PAGE, STYLE].map(
    (address) => new Request(address, { credentials: "omit", cache: "reload" }),
  );
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(asked)));
  // What it keeps fits every page, so it need not wait for those that are open.
  skipWaiting();
});

addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([forgetOthers(), registration.navigationPreload?.enable()]));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(page(event));
  } else if (request.url === new URL(STYLE, location.href).href) {
    event.respondWith(fetch(request).catch(() => kept(STYLE)));
  }
});

async function page(event) {
  try {
    // Asked for by the browser while this worker was still starting, where it knows how.
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return kept(PAGE);
  }
}

async function kept(address) {
  return (await caches.match(address)) ?? Response.error();
}

async function forgetOthers() {
  const others = (await caches.keys()).filter((name) => name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
}
