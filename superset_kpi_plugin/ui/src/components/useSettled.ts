/** A value once it has stayed the same for a moment, as a search does when its reader stops typing. */
import { useEffect, useState } from "react";

const MOMENT = 300;

export function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), MOMENT);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
