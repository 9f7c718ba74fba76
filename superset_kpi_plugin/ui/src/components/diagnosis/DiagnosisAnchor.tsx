/** A link of the diagnosis: to a page of the plugin, or elsewhere in this Superset. */
import type { ReactNode } from "react";
import { useApi } from "../../data/context";
import type { DiagnosisLink } from "../../data/diagnosis";
import { useI18n } from "../../i18n";
import { PAGES } from "../../router";
import { PageLink } from "../PageLink";

interface Props {
  link: DiagnosisLink | null;
  /** What is linked; without it the link is named after where it leads. */
  children?: ReactNode;
}

/** What follows a page's address. */
export function placeOf(query: Record<string, string>): string {
  const { "#": place, ...rest } = query;
  const search = new URLSearchParams(rest).toString();
  return `${search ? `?${search}` : ""}${place ? `#${encodeURIComponent(place)}` : ""}`;
}

export function DiagnosisAnchor({ link, children }: Props) {
  const { t } = useI18n();
  const { config } = useApi();
  if (!link) return <>{children}</>;
  if ("href" in link) {
    return (
      <a className="kp-link" href={`${config.baseUrl}${link.href}`}>
        {children ?? t("diagnosis.to_dashboard")}
      </a>
    );
  }
  const page = PAGES.find((name) => name === link.page);
  if (!page) return <>{children}</>;
  return (
    <PageLink page={page} at={placeOf(link.query)} className="kp-link">
      {children ?? t("diagnosis.open", { page: t(`${page}.title`) })}
    </PageLink>
  );
}
