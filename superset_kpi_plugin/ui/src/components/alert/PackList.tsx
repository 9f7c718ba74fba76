/** The rule packs that come with the product: what each watches, and how much of it is there. */
import { Button } from "antd";
import { useState } from "react";
import { isProposed, type Pack, usePacks } from "../../data/packs";
import { useI18n } from "../../i18n";
import { GridSkeleton } from "../Skeletons";
import { LoadError } from "../StateMessage";
import { PackDialog } from "./PackDialog";

interface Props {
  canWrite: boolean;
  channels: readonly string[];
}

export function PackList({ canWrite, channels }: Props) {
  const { t, label } = useI18n();
  const [open, setOpen] = useState<string | null>(null);
  const { data, isPending, isError, error, refetch } = usePacks();
  if (isError && !data) return <LoadError error={error} onRetry={() => void refetch()} />;
  if (isPending) return <GridSkeleton label={t("state.loading")} />;
  const pack = data.find((one) => one.name === open);
  return (
    <div className="kp-rules" data-testid="packs">
      <p className="kp-muted kp-rules__intro">{t("packs.explained")}</p>
      <ul className="kp-plans__list">
        {data.map((one) => (
          <li key={one.name} className="kp-plans__item" data-testid={`pack-${one.name}`}>
            <div>
              <strong>{label("packs.name", one.name)}</strong>
              <p className="kp-muted">{label("packs.about", one.name)}</p>
              <p>{summary(one, t)}</p>
            </div>
            <Button
              type={canWrite && one.rules.some(isProposed) ? "primary" : "default"}
              onClick={() => setOpen(one.name)}
              data-testid={`pack-open-${one.name}`}
            >
              {t(canWrite && one.rules.some(isProposed) ? "packs.preview" : "packs.show")}
            </Button>
          </li>
        ))}
      </ul>
      {pack ? (
        <PackDialog
          key={pack.name}
          pack={pack}
          canWrite={canWrite}
          channels={channels}
          onClose={() => setOpen(null)}
        />
      ) : null}
    </div>
  );
}

/** How many rules it has, and how these stand. */
function summary({ rules }: Pack, t: ReturnType<typeof useI18n>["t"]): string {
  const counts = {
    on: rules.filter((rule) => rule.is_enabled).length,
    off: rules.filter((rule) => rule.is_enabled === false).length,
    differs: rules.filter((rule) => rule.state === "differs").length,
    missing: rules.filter((rule) => rule.state === "new").length,
  };
  return [
    t("packs.rules", { count: rules.length }),
    counts.on ? t("packs.on", { count: counts.on }) : "",
    counts.off ? t("packs.off", { count: counts.off }) : "",
    counts.differs ? t("packs.differing", { count: counts.differs }) : "",
    counts.missing ? t("packs.missing", { count: counts.missing }) : "",
  ]
    .filter(Boolean)
    .join(" · ");
}
