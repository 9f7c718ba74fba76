/** What somebody else saved meanwhile: both values of each field, and the two ways on. */
import { Button } from "antd";
import { ApiError } from "../data/api";
import { type I18n, useI18n } from "../i18n";

export interface StaleProps {
  /** Fields of the API by the names that people read. */
  nameOf: (field: string) => string;
  /** Take over what is saved, where it differs, and its etag. */
  onTheirs: (theirs: Record<string, unknown>) => void;
  /** Save what is in the form over it, under its etag. */
  onMine: (etag: string) => void;
}

/** The two ways on of a form that keeps the etag it was begun from: `onChange` takes over fields, `store` saves under an etag. */
export function staleOf<Fields>(
  nameOf: StaleProps["nameOf"],
  setEtag: (etag: string) => void,
  onChange: (part: Partial<Fields>) => void,
  store: (etag: string) => void,
): StaleProps {
  return {
    nameOf,
    onTheirs: ({ etag, ...theirs }) => {
      onChange(theirs as Partial<Fields>);
      setEtag(String(etag));
    },
    onMine: (etag) => {
      setEtag(etag);
      store(etag);
    },
  };
}

/** The conflict that an error is about; null where it is about none. */
export function conflictOf(
  error: unknown,
): { yours: Record<string, unknown>; theirs: Record<string, unknown> } | null {
  if (!(error instanceof ApiError) || !error.isConflict) return null;
  const [first] = Array.isArray(error.details.conflicts) ? error.details.conflicts : [];
  return first ?? null;
}

export function Stale({ error, nameOf, onTheirs, onMine }: StaleProps & { error: unknown }) {
  const { t } = useI18n();
  const conflict = conflictOf(error);
  if (!conflict) return null;
  const { yours, theirs } = conflict;
  return (
    <div data-testid="stale">
      <ul className="kp-stale">
        {Object.keys(yours).map((field) => (
          <li key={field}>
            {t("stale.field", {
              field: nameOf(field),
              theirs: said(theirs[field], { t }),
              yours: said(yours[field], { t }),
            })}
          </li>
        ))}
      </ul>
      <div className="kp-stale__ways">
        <Button size="small" onClick={() => onTheirs(theirs)} data-testid="stale-theirs">
          {t("stale.theirs")}
        </Button>
        <Button size="small" onClick={() => onMine(String(theirs.etag))} data-testid="stale-mine">
          {t("stale.mine")}
        </Button>
      </div>
    </div>
  );
}

const LONGEST = 120;

/** A value of any field in a few words. */
function said(value: unknown, { t }: Pick<I18n, "t">): string {
  if (value === true || value === false) return t(value ? "stale.yes" : "stale.no");
  const text = words(value);
  if (text === "") return "—";
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function words(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(words).join(", ");
  if (typeof value === "object") return Object.values(value).map(words).filter(Boolean).join(" ");
  return String(value);
}
