/** The parts of a page as chips; the one that is open stands in the address, the first one by being absent. */
import { useI18n } from "../i18n";
import { useParams } from "../router";

interface Props<T extends string> {
  tabs: readonly T[];
  open: T;
  /** Prefix of the texts, e.g. "alerts.tab", and of the tests' names. */
  texts: string;
  page: string;
  label: string;
}

export function PageTabs<T extends string>({ tabs, open, texts, page, label: name }: Props<T>) {
  const { label } = useI18n();
  const { setParams } = useParams();
  return (
    <nav className="kp-toolbar" aria-label={name}>
      <fieldset className="kp-chips">
        {tabs.map((tab) => (
          <button
            key={tab}
            type="button"
            className="kp-chip"
            aria-pressed={open === tab}
            onClick={() => setParams({ tab: tab === tabs[0] ? null : tab, id: null })}
            data-testid={`${page}-tab-${tab}`}
          >
            <span className="kp-chip__label">{label(texts, tab)}</span>
          </button>
        ))}
      </fieldset>
    </nav>
  );
}
