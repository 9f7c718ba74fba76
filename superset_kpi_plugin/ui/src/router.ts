/**
 * The pages' addresses inside Superset. Superset's navbar changes the address with pushState and no event, so
 * this module listens to pushState itself: the pages hide when the address leaves /kpi/ and show again on Back.
 */
import { useCallback, useSyncExternalStore } from "react";

export const PAGES = [
  "home",
  "targets",
  "alerts",
  "reports",
  "reconciliation",
  "glossary",
  "diagnosis",
  "setup",
  "uploads",
  "scopes",
] as const;
export type Page = (typeof PAGES)[number];

const CHANGED = "kpi:locationchange";
const ACTIVE_CLASS = "kpi-active";

/** The page an address names, or null outside of the plugin. */
export function pageOf(pathname: string, baseUrl: string): Page | null {
  if (baseUrl && !pathname.startsWith(`${baseUrl}/`)) return null;
  const rest = pathname.slice(baseUrl.length);
  const match = /^\/kpi\/(\w+)\/?$/.exec(rest);
  return PAGES.find((page) => page === match?.[1]) ?? null;
}

export function pagePath(page: Page, baseUrl: string): string {
  return `${baseUrl}/kpi/${page}/`;
}

let isWatching = false;

/** Makes every change of the address an event. Safe to call again. */
export function watchLocation(): void {
  if (isWatching) return;
  isWatching = true;
  for (const method of ["pushState", "replaceState"] as const) {
    const original = window.history[method].bind(window.history);
    window.history[method] = (...args: Parameters<History["pushState"]>) => {
      original(...args);
      window.dispatchEvent(new Event(CHANGED));
    };
  }
  for (const event of ["popstate", "hashchange"]) {
    window.addEventListener(event, () => window.dispatchEvent(new Event(CHANGED)));
  }
}

/** Shows or hides the pages' root; the style sheet makes Superset's own #app step aside while they show. */
export function setActive(root: HTMLElement, active: boolean): void {
  document.documentElement.classList.toggle(ACTIVE_CLASS, active);
  root.hidden = !active;
  setViewport(active);
}

const VIEWPORT_ID = "kpi-viewport";

/** Superset's document doesn't tell phones its width, and they would draw it 980 px wide: say it while a page shows. */
function setViewport(active: boolean): void {
  const own = document.getElementById(VIEWPORT_ID);
  if (!active) {
    own?.remove();
  } else if (!document.querySelector("meta[name=viewport]")) {
    const meta = document.createElement("meta");
    meta.id = VIEWPORT_ID;
    meta.name = "viewport";
    meta.content = "width=device-width, initial-scale=1";
    document.head.append(meta);
  }
}

function subscribe(listener: () => void): () => void {
  window.addEventListener(CHANGED, listener);
  return () => window.removeEventListener(CHANGED, listener);
}

export function useAddress(): { pathname: string; search: string } {
  const href = useSyncExternalStore(
    subscribe,
    () => `${window.location.pathname}\n${window.location.search}`,
  );
  const [pathname = "", search = ""] = href.split("\n");
  return { pathname, search };
}

/** What the address names within its page (`#gmv`), without the sign; empty where it names nothing. */
export function useHash(): string {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return "";
  }
}

/** One query parameter as state; an empty value leaves the address. */
export function useParams(): {
  params: URLSearchParams;
  setParams: (changes: Record<string, string | null>, push?: boolean) => void;
} {
  const { search } = useAddress();
  const setParams = useCallback((changes: Record<string, string | null>, push = false) => {
    const next = new URLSearchParams(window.location.search);
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    const text = next.toString();
    const address = `${window.location.pathname}${text ? `?${text}` : ""}${window.location.hash}`;
    if (push) window.history.pushState(null, "", address);
    else window.history.replaceState(window.history.state, "", address);
  }, []);
  return { params: new URLSearchParams(search), setParams };
}

export function navigate(address: string): void {
  window.history.pushState(null, "", address);
}
