/** Title, the way to the sibling page, and the freshness stamp. */
import type { MouseEvent, ReactNode } from "react";
import { useMe } from "../data/common";
import { useApi } from "../data/context";
import type { Freshness, Me } from "../data/types";
import { useI18n } from "../i18n";
import { navigate, PAGES, type Page, pagePath } from "../router";
import { FreshnessStamp } from "./FreshnessStamp";

interface Props {
  page: Page;
  freshness?: Freshness | null;
  extra?: ReactNode;
}

/** Pages that not everybody may open are named to those who may. */
function isOffered(page: Page, permissions: Me["permissions"] | undefined): boolean {
  if (page === "uploads") return permissions?.upload === true;
  if (page === "scopes") return permissions?.scopes === true;
  return true;
}

export function PageHeader({ page, freshness, extra }: Props) {
  const { t } = useI18n();
  const { config } = useApi();
  const { data: me } = useMe();
  const open = (event: MouseEvent<HTMLAnchorElement>) => {
    // Ctrl or middle click opens a tab, as with any link.
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    navigate(event.currentTarget.getAttribute("href") ?? "");
  };
  return (
    <header className="kp-header">
      <h1 className="kp-header__title">{t(`${page}.title`)}</h1>
      <nav className="kp-header__nav" aria-label={t("nav.label")}>
        {PAGES.filter((name) => name === page || isOffered(name, me?.permissions)).map((name) => (
          <a
            key={name}
            href={pagePath(name, config.baseUrl)}
            onClick={open}
            aria-current={name === page ? "page" : undefined}
            data-testid={`nav-${name}`}
          >
            {t(`${name}.title`)}
          </a>
        ))}
      </nav>
      <div className="kp-header__side">
        {extra}
        <FreshnessStamp page={freshness} />
      </div>
    </header>
  );
}
