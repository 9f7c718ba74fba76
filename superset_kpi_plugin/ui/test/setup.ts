/** What the browser has and the test's document lacks. */
import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// A machine that does other things beside is slow, not wrong.
configure({ asyncUtilTimeout: 15_000 });

let isNarrow = false;

/** Lays the next pages out for a phone, or for a desk. */
export function setPhone(narrow: boolean): void {
  isNarrow = narrow;
}

Object.defineProperty(window, "matchMedia", {
  writable: true,
  value: (query: string) => ({
    matches: query.includes("max-width: 767px") ? isNarrow : false,
    media: query,
    addEventListener: () => {},
    removeEventListener: () => {},
    addListener: () => {},
    removeListener: () => {},
  }),
});

class NoResizeObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}
vi.stubGlobal("ResizeObserver", NoResizeObserver);
// Not a stub: tests that take their stubs back keep it.
Object.assign(globalThis, { IntersectionObserver: NoResizeObserver });

const computedStyle = window.getComputedStyle.bind(window);
// Styles of pseudo elements are asked for to measure scroll bars, and not known here.
window.getComputedStyle = (element) => computedStyle(element);
Element.prototype.scrollIntoView = () => {};
Element.prototype.scrollTo = () => {};

afterEach(() => {
  cleanup();
  setPhone(false);
  window.localStorage.clear();
  document.documentElement.className = "";
});
