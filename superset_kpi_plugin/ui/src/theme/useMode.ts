/** Knows the mode at once when the reader switches it in Superset's own menu, in this tab or in another. */
import { useEffect, useState } from "react";
import { MODE_KEY, type Mode, resolveMode, type SupersetThemes } from "./theme";

const POLL_MS = 500;

function storedMode(): string | null {
  try {
    return window.localStorage.getItem(MODE_KEY);
  } catch {
    return null;
  }
}

export function useMode(themes: SupersetThemes | null): Mode {
  const query = window.matchMedia("(prefers-color-scheme: dark)");
  const read = () => resolveMode(storedMode(), query.matches, themes);
  const [mode, setMode] = useState<Mode>(read);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `read` only wraps what never changes in a page's life
  useEffect(() => {
    const update = () => setMode(read());
    // Superset writes the choice in this very tab, where no storage event is sent: look now and then.
    const timer = window.setInterval(update, POLL_MS);
    window.addEventListener("storage", update);
    query.addEventListener("change", update);
    return () => {
      window.clearInterval(timer);
      window.removeEventListener("storage", update);
      query.removeEventListener("change", update);
    };
  }, []);
  useEffect(() => {
    document.documentElement.dataset.kpiMode = mode;
    return () => {
      delete document.documentElement.dataset.kpiMode;
    };
  }, [mode]);
  return mode;
}
