/**
 * Keeps the keyboard's place. What has the focus may go away by what it did: a bar that was saved, a form that was sent,
 * a dialog that is done. The browser then begins at the top of the page again; this goes back to where the person was.
 */
import { useEffect } from "react";

/** How many places are remembered; the latest of them that is still there is gone back to. */
const REMEMBERED = 30;
/** A drawer has the focus itself when it opens; its dialog stands within it. */
const DIALOGS = [".kpi-drawer", "[role=dialog]"] as const;
const GRID = "[role=grid], [role=treegrid]";
const FOCUSABLE =
  "button, a[href], input, textarea, select, [tabindex]:not([tabindex='-1']), [contenteditable=true]";

/** Where the focus was, with what stood around it: grids draw their cells anew, and dialogs close. */
interface Place {
  element: HTMLElement;
  dialog: HTMLElement | null;
  grid: HTMLElement | null;
}

const isThere = (element: HTMLElement | null): element is HTMLElement =>
  element?.isConnected === true &&
  !element.matches(":disabled") &&
  // Not in every browser that this runs in; without it, what is connected counts as shown.
  element.checkVisibility?.({ visibilityProperty: true }) !== false;

/** What can have the focus again at a place: the element, else the cell of its grid that Tab comes to. */
function standing(place: Place): HTMLElement | null {
  if (isThere(place.element)) return place.element;
  const cell = place.grid?.querySelector<HTMLElement>("[tabindex='0']") ?? null;
  return isThere(cell) ? cell : null;
}

/** Where the focus goes once the latest of `places` is gone; null where nothing of them is left. */
export function nextFocus(places: readonly Place[]): HTMLElement | null {
  const last = places.at(-1);
  if (!last) return null;
  // Within the dialog as long as it is open; the page behind it can't be worked with.
  const dialog = isThere(last.dialog) ? last.dialog : null;
  for (const place of [...places].reverse()) {
    const found = dialog && place.dialog !== dialog ? null : standing(place);
    if (found) return found;
  }
  const first = [...(dialog?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? [])].find(isThere);
  return first ?? null;
}

/** Installs the keeper for as long as the page is shown; `root` is the page's, dialogs stand beside it. */
export function useFocusKeeper(root: HTMLElement): void {
  useEffect(() => {
    let places: Place[] = [];
    const onFocus = ({ target }: FocusEvent) => {
      if (!(target instanceof HTMLElement)) return;
      const dialog = DIALOGS.map((name) => target.closest<HTMLElement>(name)).find((found) => found) ?? null;
      if (!dialog && !root.contains(target)) {
        places = [];
        return;
      }
      const place = { element: target, dialog, grid: target.closest<HTMLElement>(GRID) };
      places = [...places.filter(({ element }) => element !== target), place].slice(-REMEMBERED);
    };
    const look = () => {
      const last = places.at(-1);
      const isNowhere = document.activeElement === null || document.activeElement === document.body;
      if (!last || !isNowhere || isThere(last.element)) return;
      nextFocus(places)?.focus();
    };
    // After the dialog's own way back, and after everything that is drawn with the change.
    let frame = 0;
    const soon = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(look);
    };
    const observer = new MutationObserver(soon);
    observer.observe(document.body, {
      attributeFilter: ["disabled"],
      attributes: true,
      childList: true,
      subtree: true,
    });
    document.addEventListener("focusin", onFocus);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      document.removeEventListener("focusin", onFocus);
    };
  }, [root]);
}
