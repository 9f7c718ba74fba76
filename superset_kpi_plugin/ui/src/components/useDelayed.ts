/** A value that follows another one after a pause, so that not every key that is typed asks the API. */
import { useEffect, useState } from "react";

const PAUSE_MS = 250;

export function useDelayed<T>(value: T): T {
  const [late, setLate] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return late;
}
