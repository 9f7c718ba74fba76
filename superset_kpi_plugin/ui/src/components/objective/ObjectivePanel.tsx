/** The objectives of a period: how far each has come, and by which targets one sees it. */
import { PlusOutlined } from "@ant-design/icons";
import { Alert, Button } from "antd";
import { useState } from "react";
import { type Objective, useObjectives } from "../../data/objectives";
import type { Grain } from "../../data/types";
import { useI18n } from "../../i18n";
import { GridSkeleton } from "../Skeletons";
import { LoadError, StateMessage } from "../StateMessage";
import { ObjectiveCard } from "./ObjectiveCard";
import { ObjectiveDialog } from "./ObjectiveDialog";

interface Props {
  grain: Grain;
  start: string;
  canWrite: boolean;
}

export function ObjectivePanel({ grain, start, canWrite }: Props) {
  const { t } = useI18n();
  const { data, isPending, isError, error, refetch } = useObjectives(grain, start);
  const [edited, setEdited] = useState<Objective | "new" | null>(null);
  const body = () => {
    if (isError && !data) return <LoadError error={error} onRetry={() => void refetch()} />;
    if (isPending) return <GridSkeleton label={t("state.loading")} />;
    if (data.result.length === 0)
      return (
        <StateMessage kind="empty" title={t("objectives.none_title")} hint={t("objectives.none_hint")} />
      );
    return (
      <ul className="kp-objectives__list">
        {data.result.map((objective) => (
          <ObjectiveCard
            key={objective.id}
            objective={objective}
            canWrite={canWrite && objective.can_edit}
            onEdit={() => setEdited(objective)}
          />
        ))}
      </ul>
    );
  };
  return (
    <div className="kp-objectives" data-testid="objectives">
      {data?.warnings.map((warning) => (
        <Alert key={warning.code} type="warning" showIcon message={warning.message} />
      ))}
      <div className="kp-objectives__bar">
        <p className="kp-muted">{t("objectives.explained")}</p>
        {canWrite ? (
          <Button
            type="primary"
            icon={<PlusOutlined />}
            onClick={() => setEdited("new")}
            data-testid="objective-new"
          >
            {t("objectives.new")}
          </Button>
        ) : null}
      </div>
      {body()}
      {edited ? (
        <ObjectiveDialog
          key={edited === "new" ? "new" : edited.id}
          objective={edited === "new" ? null : edited}
          place={{ grain, period_start: start }}
          onClose={() => setEdited(null)}
        />
      ) : null}
    </div>
  );
}
