/** Says when approved targets have not reached the warehouse, and offers to try again. */
import { Alert, Button } from "antd";
import { formatAgo } from "../../data/period";
import { usePublication } from "../../data/targets";
import { useI18n } from "../../i18n";

interface Props {
  canApprove: boolean;
  isPublishing: boolean;
  onRetry: () => unknown;
}

export function PublicationNotice({ canApprove, isPublishing, onRetry }: Props) {
  const { t, locale } = useI18n();
  const { data: publication } = usePublication();
  if (publication?.state !== "failed") return null;
  return (
    <Alert
      type="warning"
      showIcon
      className="kp-notice"
      data-testid="publication-failed"
      message={t("publish.failed_title")}
      description={
        <>
          {publication.error ? <span>{publication.error} </span> : null}
          <span>
            {t("publish.failed_hint", {
              ago: formatAgo(publication.finished_at ?? publication.started_at, locale),
            })}
          </span>
        </>
      }
      action={
        canApprove ? (
          <Button loading={isPublishing} onClick={onRetry} data-testid="publish-retry">
            {t("publish.retry")}
          </Button>
        ) : null
      }
    />
  );
}
