/** Title, the way to the sibling page, and the freshness stamp. */
import type { ReactNode } from "react";
import { useMe } from "../data/common";
import type { Freshness } from "../data/types";
import { useI18n } from "../i18n";
import { PAGES, type Page } from "../router";
import { FreshnessStamp } from "./FreshnessStamp";
import { PageLink } from "./PageLink";

interface Props {
  page: Page;
  freshness?: Freshness | null;
  extra?: ReactNode;
}

export function PageHeader({ page, freshness, extra }: Props) {
  const { t } = useI18n();
  const { data: me } = useMe();
  return (
    <header className="kp-header">
      <h1 className="kp-header__title">{t(`${page}.title`)}</h1>
      <nav className="kp-header__nav" aria-label={t("nav.label")}>
        {PAGES.filter((name) => name !== "uploads" || name === page || me?.permissions.upload).map((name) => (
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
