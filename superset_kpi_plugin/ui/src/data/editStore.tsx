/** Holds unsaved edits above the pages, so that a look at the alerts or at a dashboard doesn't cost them. */
import {
  createContext,
  type Dispatch,
  type ReactNode,
  type SetStateAction,
  useContext,
  useEffect,
  useState,
} from "react";
import { type EditHistory, NO_EDITS } from "./edits";

type Store = [EditHistory, Dispatch<SetStateAction<EditHistory>>];

const EditContext = createContext<Store | null>(null);

export function EditProvider({ children }: { children: ReactNode }) {
  const store = useState<EditHistory>(NO_EDITS);
  const isDirty = store[0].present.size > 0;
  useEffect(() => {
    if (!isDirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isDirty]);
  return <EditContext.Provider value={store}>{children}</EditContext.Provider>;
}

export function useEditStore(): Store {
  const store = useContext(EditContext);
  if (!store) throw new Error("useEditStore is called outside of EditProvider");
  return store;
}
