/** Title, the way to the sibling page, and the freshness stamp. */
import { type ReactNode, useEffect, useRef } from "react";
import { useMe } from "../data/common";
import type { Freshness, Me } from "../data/types";
import { useI18n } from "../i18n";
import { PAGES, type Page } from "../router";
import { FreshnessStamp } from "./FreshnessStamp";
import { PageLink } from "./PageLink";

interface Props {
  page: Page;
  freshness?: Freshness | null;
  extra?: ReactNode;
}

/** Pages that not everybody may open are named to those who may. */
function isOffered(page: Page, permissions: Me["permissions"] | undefined): boolean {
  if (page === "uploads") return permissions?.upload === true;
  if (page === "setup") return permissions?.propose === true;
  if (page === "scopes") return permissions?.scopes === true;
  return true;
}

export function PageHeader({ page, freshness, extra }: Props) {
  const { t } = useI18n();
  const { data: me } = useMe();
  const nav = useRef<HTMLElement>(null);
  const pages = PAGES.filter((name) => name === page || isOffered(name, me?.permissions));
  const count = pages.length;
  useEffect(() => {
    if (count === 0) return;
    // On a phone the pages' names are one line that scrolls: the one that is open shows.
    const line = nav.current;
    const open = line?.querySelector<HTMLElement>("[aria-current]");
    if (line && open) line.scrollLeft = open.offsetLeft - (line.clientWidth - open.offsetWidth) / 2;
  }, [count]);
  return (
    <header className="kp-header">
      <h1 className="kp-header__title">{t(`${page}.title`)}</h1>
      <nav ref={nav} className="kp-header__nav" aria-label={t("nav.label")}>
        {pages.map((name) => (
          <PageLink
            key={name}
            page={name}
            aria-current={name === page ? "page" : undefined}
            data-testid={`nav-${name}`}
          >
            {t(`${name}.title`)}
          </PageLink>
        ))}
      </nav>
      <div className="kp-header__side">
        {extra}
        <FreshnessStamp page={freshness} />
      </div>
    </header>
  );
}
